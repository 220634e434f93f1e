"""Brings home the calls that end without us: each is told once, however often this is repeated or cut short.

Two kinds of call end without us: those that the degraded path served, and those whose caller hung up, or
whose Asterisk died, while no controller lived. Each event is published under a name of its own kind, and a
kind that the call's history has already is not published again; a call that was finished before counts its
events from 1 again, which the dashboards have and pass over.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from ari_app.ari.errors import AriError
from ari_app.calls.adoption import Past, read_past
from ari_app.calls.chaining import tell_sealed
from ari_app.calls.parts import keep_parts
from ari_app.calls.ports import Ports
from ari_app.calls.recording import GLANCE_S, Sealed, seal
from ari_app.degraded.reading import DegradedCall, Told, read_queue_log, read_script_journal
from ari_app.outbox import CallEvent
from suar.log import get_logger
from suar.record import stamp

_PERIOD_S = 2.0
_LARGEST = 8 * 1024 * 1024
"""Bytes of Asterisk's journal after which it is begun anew: some 20,000 calls."""
_ONCE = ("offered", "answered", "triaged", "lost", "ended")

log = get_logger()


class Importer:
    """Looks, at each connection to Asterisk and every two seconds, for calls that have ended without us."""

    def __init__(
        self,
        ports: Ports,
        queue_log: Path,
        folder: Path,
        alive: Callable[[], set[str]],
        largest: int = _LARGEST,
        sitter: Callable[[str], str] = str,
    ) -> None:
        self._ports = ports
        self._queue_log = queue_log
        self._folder = folder
        self._alive = alive
        """The calls that this controller carries at this moment."""
        self._sitter = sitter
        """Who sits at an operator's phone: Asterisk names its owner."""
        self._ledger = folder / "imported"
        self._done = set(_lines(self._ledger))
        self._offset = 0
        self._lines: list[str] = []
        self._largest = largest

    async def run(self) -> None:
        """Import until cancelled. An error costs one round."""
        while True:
            await self._ports.line.is_up.wait()  # Without Asterisk nobody knows who is still there.
            try:
                await self.look()
            except AriError:
                pass  # It has just been lost.
            except OSError as error:
                log.error("degraded_calls_not_imported", reason=str(error))
            await asyncio.sleep(_PERIOD_S)

    async def look(self) -> int:
        """Import what has ended; return how many calls that were."""
        line = self._ports.line
        if line.started_at is None or not line.is_up.is_set():
            return 0  # Without Asterisk nobody knows who is still there.
        calls, started_at = await asyncio.to_thread(self._read), line.started_at
        ours = self._alive()
        orphaned = [one for one in self._ports.outbox.unfinished() if one not in calls and one not in ours]
        open_calls = [call for name, call in calls.items() if name not in self._done and name not in ours]
        if not open_calls and not orphaned:
            if not calls and self._offset > self._largest:
                await self._begin_anew()
            return 0
        channels = {channel.id for channel in await self._ports.asterisk.channels.list()}
        busy = channels | self._alive()
        endings: list[Coroutine[Any, Any, None]] = []
        for call in open_calls:
            if call.call_id in busy:
                continue
            if self._ports.outbox.is_finished(call.call_id):
                await asyncio.to_thread(self._note_done, call.call_id)
                continue
            endings.append(self._import(call, started_at))
        endings += [self._close(call_id, started_at) for call_id in orphaned if call_id not in busy]
        # Side by side: that hundreds were lost is told at once, and none waits for the recordings of others.
        for failure in await asyncio.gather(*endings, return_exceptions=True):
            if failure is not None:
                raise failure
        return len(endings)

    async def _begin_anew(self) -> None:
        """Empty the journal of Asterisk when all that is in it has been told, and the list of what was told.

        Asterisk keeps the file open, and appends. While it has a channel it may write at any moment.
        """
        if not await self._ports.asterisk.channels.list():
            await asyncio.to_thread(self._empty)

    def _empty(self) -> None:
        with self._queue_log.open("r+b") as file:
            if os.fstat(file.fileno()).st_size != self._offset:
                return  # There is something new.
            file.truncate(0)
        log.info("degraded_journal_emptied", bytes=self._offset)
        self._offset, self._lines = 0, []
        # In this order: who is named here and nowhere else does no harm.
        self._ledger.write_text("")
        self._done.clear()

    def _read(self) -> dict[str, DegradedCall]:
        """Read both journals."""
        try:
            if self._queue_log.stat().st_size < self._offset:
                self._offset, self._lines = 0, []  # Somebody has rotated it.
            with self._queue_log.open(errors="replace") as file:
                file.seek(self._offset)
                for line in file:
                    if not line.endswith("\n"):
                        break
                    self._offset += len(line.encode(errors="replace"))
                    self._lines.append(line)
        except FileNotFoundError:
            pass
        # What is done is not read again and again.
        self._lines = [line for line in self._lines if _call(line) not in self._done]
        calls = read_queue_log(self._lines)
        for path in sorted(self._folder.glob("*.log")):
            call = calls.setdefault(path.stem, DegradedCall(path.stem))
            with path.open("rb") as file:
                told = list(read_script_journal(file))
            # The script's words are fuller than Asterisk's.
            types = {one.type for one in told}
            call.told = sorted(
                [*told, *(one for one in call.told if one.type not in types)], key=lambda one: one.at
            )
        return calls

    async def _import(self, call: DegradedCall, started_at: datetime) -> None:
        outbox = self._ports.outbox
        past = read_past(outbox.history(call.call_id))
        known = {event.type for event in outbox.history(call.call_id)}
        offered = call.first("offered") or past.offered
        if call.ended_at is None:
            call.ended_at = self._ports.now()
            call.by = "system"
            if offered is not None and started_at > offered:
                call.told.append(Told("lost", call.ended_at, {"why": "Asterisk died"}))
        ended = call.ended(past.answered)
        await self._close_supervisions(call.call_id, past, call.ended_at)
        for told in [*call.told, *([ended] if ended else [])]:
            if told.type in _ONCE and told.type in known:
                continue
            if told.type in {"queued", "connected"} and _has(outbox.history(call.call_id), told):
                continue
            if told.type == "connected":
                told.data["operator"] = self._sitter(told.data["operator"])
            await outbox.publish(call.call_id, told.type, told.at, **told.data)
        await self._keep_recording(call.call_id, offered)
        await outbox.finish(call.call_id)
        await asyncio.to_thread(self._note_done, call.call_id)
        log.info(
            "call_imported",
            call_id=call.call_id,
            outcome="uji_coba" if call.is_test else "normal" if call.connected_at else "terputus",
            by=call.by,
        )

    def _note_done(self, call_id: str) -> None:
        self._done.add(call_id)
        with self._ledger.open("a") as file:
            file.write(f"{call_id}\n")
        (self._folder / f"{call_id}.log").unlink(missing_ok=True)

    async def _close(self, call_id: str, started_at: datetime) -> None:
        """A call that this controller's predecessor carried, and that ended unheard."""
        outbox = self._ports.outbox
        past = read_past(outbox.history(call_id))
        now = self._ports.now()
        await self._close_supervisions(call_id, past, now)
        if past.ended is None:
            if past.offered is not None and started_at > past.offered:
                await outbox.publish(call_id, "lost", now, why="Asterisk died")
            call = DegradedCall(call_id, ended_at=now, by="system")
            for type_, at in (
                ("offered", past.offered),
                ("queued", past.queued),
                ("connected", past.connected),
            ):
                if at is not None:
                    call.told.append(Told(type_, at, {}))
            if ended := call.ended(past.answered):
                await outbox.publish(call_id, "ended", now, **ended.data)
        await self._keep_recording(call_id, past.answered)
        await outbox.finish(call_id)
        log.info("call_closed_unheard", call_id=call_id, spoke=past.connected is not None)

    async def _close_supervisions(self, call_id: str, past: Past, at: datetime) -> None:
        for supervisor, told in past.supervisions.items():
            await self._ports.outbox.publish(
                call_id, "supervision_ended", at, supervisor=supervisor, mode=told.mode, why="call ended"
            )

    async def _keep_recording(self, call_id: str, since: datetime | None) -> None:
        outbox = self._ports.outbox
        await keep_parts(call_id, self._ports)
        if _is_recording_settled([event.type for event in outbox.history(call_id)]):
            return
        # How long it lasted is known to the second at best: only its being there is judged.
        outcome = await seal(self._ports.recordings, call_id, 0.0, GLANCE_S)
        if isinstance(outcome, Sealed):
            await tell_sealed(call_id, outcome, self._ports)
        elif since is not None:
            log.error("recording_failed", call_id=call_id, why=outcome)
            self._ports.alarms.raise_("recording_failed", f"{call_id}: {outcome}.")
            await outbox.publish(call_id, "recording_failed", why=outcome)


def _is_recording_settled(told: list[str]) -> bool:
    """Whether the last word on the recording is told: before the call's end, a failure is a warning."""
    if "recording_sealed" in told:
        return True
    return "ended" in told and "recording_failed" in told[told.index("ended") :]


def _call(line: str) -> str:
    """Return the call that a line of Asterisk's journal is about."""
    return line.partition("|")[2].partition("|")[0]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except FileNotFoundError:
        return []


def _has(history: list[CallEvent], told: Told) -> bool:
    """Whether a history has this very event: the same kind at the same time."""
    at = stamp(told.at)
    return any(event.type == told.type and event.at == at for event in history)

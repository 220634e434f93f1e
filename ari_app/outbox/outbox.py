"""The events of each call, numbered, on the disk, and waiting to be sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ari_app.outbox.journal import Journal, JournalUnusable
from suar.log import get_logger
from suar.record import stamp

_RECENT = 1000
_JUST_NOW_S = 5.0
_SOON_S = 0.01
_IN_TIME_S = 0.25
"""For what need not be there at all."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something that happened to a call. ``seq`` counts from 1 in each call, without gaps."""

    call_id: str
    seq: int
    type: str
    at: str
    """UTC, RFC 3339, milliseconds."""
    data: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the dashboards take."""
        return {"seq": self.seq, "type": self.type, "at": self.at, **self.data}


@dataclass(slots=True)
class _Ledger:
    """What is known of one call."""

    segment: int
    """The oldest segment that has something of this call."""
    last_seq: int = 0
    kept_seq: int = 0
    """The last event whose writing has ended."""
    finished: bool = False
    unsent: list[CallEvent] = field(default_factory=list)
    history: list[CallEvent] = field(default_factory=list)
    """Everything, sent or not: whoever takes the call up reads it."""
    expected: int | None = None
    """The number that the dashboards wait for, where they have said so."""
    incident: str | None = None
    """The call's incident, where the dashboards have said so."""

    def settle(self, seq: int) -> None:
        """Note that the dashboards have stored everything up to ``seq``."""
        self.unsent = [event for event in self.unsent if event.seq > seq]
        self.expected = seq + 1

    def lost(self) -> list[int]:
        """Return the numbers that are waited for, or stand between others, and that are no more."""
        if not self.unsent:
            return []
        here = {event.seq for event in self.unsent}
        first = min(here) if self.expected is None else self.expected
        return [seq for seq in range(first, max(here)) if seq not in here]


class Outbox:
    """Numbers events, has them on the disk before it says so, and keeps them until they are stored.

    ``on_unwritable`` is told when the journal fails: the call goes on, and an alarm says why;
    ``on_writable`` when it works again. ``on_event`` is told of each event, and only looks.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_unwritable: Callable[[JournalUnusable], None] = lambda _: None,
    ) -> None:
        self._journal = journal
        self._now = now
        self._on_unwritable = on_unwritable
        self._calls: dict[str, _Ledger] = {}
        self._recent: deque[str] = deque(maxlen=_RECENT)
        self._changed = asyncio.Event()
        self._last_write: float | None = None
        """When the disk last took a record, in the loop's seconds; None while it takes none."""
        self._wanted_from = 0
        """The oldest segment that was still wanted when somebody looked."""
        self.write_failures = 0
        self.on_writable: Callable[[], None] = lambda: None
        self.on_event: Callable[[CallEvent], None] = lambda _: None

    def open(self) -> None:
        """Take up what an earlier process left. Raises :class:`JournalUnusable`."""
        for segment, record in self._journal.read():
            self._replay(segment, record)
        self._journal.open()
        for call_id in list(self._calls):
            self._forget(call_id)
        self._remove_unwanted()
        self._changed.set()

    def publish(self, call_id: str, type_: str, at: datetime | None = None, **data: Any) -> Awaitable[object]:
        """Number an event at once; the returned awaitable ends when it is on the disk.

        It never raises: a journal that fails is an alarm, and the event is still sent. The first event of a
        call, without which there is none, is written at once; the others within a hundredth of a second.
        """
        ledger = self._calls.get(call_id)
        if ledger is None:
            ledger = self._calls[call_id] = _Ledger(self._journal.segment)
        ledger.last_seq += 1
        event = CallEvent(call_id, ledger.last_seq, type_, stamp(at or self._now()), data)
        ledger.unsent.append(event)
        ledger.history.append(event)
        self.on_event(event)
        written = self._write({"call": call_id, **event.as_json()}, 0.0 if event.seq == 1 else _SOON_S)
        written.add_done_callback(partial(self._note_kept, ledger, event.seq))
        return written

    async def finish(self, call_id: str) -> None:
        """Say that no further event of this call will come."""
        if ledger := self._calls.get(call_id):
            ledger.finished = True
            self._recent.append(call_id)
            await self._write({"finished": call_id}, _SOON_S)
            self._forget(call_id)

    def known(self, call_id: str) -> bool:
        """Whether the call has left events that are still kept here."""
        return call_id in self._calls

    def history(self, call_id: str) -> list[CallEvent]:
        """Return every event of a call that is not finished, in order; none for any other."""
        ledger = self._calls.get(call_id)
        return [] if ledger is None or ledger.finished else list(ledger.history)

    def is_finished(self, call_id: str) -> bool:
        """Whether all of a call was told, as far back as is remembered."""
        ledger = self._calls.get(call_id)
        return call_id in self._recent if ledger is None else ledger.finished

    def unfinished(self) -> list[str]:
        """Return the calls whose end has not been told."""
        return [call_id for call_id, ledger in self._calls.items() if not ledger.finished]

    def unsent(self) -> dict[str, list[CallEvent]]:
        """Return what waits to be sent, per call, in order; the calls oldest first."""
        return {call_id: list(ledger.unsent) for call_id, ledger in self._calls.items() if ledger.unsent}

    def sendable(self) -> dict[str, list[CallEvent]]:
        """Return what of it the disk has, or would not take.

        An heir numbers on from the disk: what was sent and is not there has a number that it would give to
        another event, and the dashboards, having that number, would pass it over.
        """
        return {
            call_id: kept
            for call_id, ledger in self._calls.items()
            if (kept := [event for event in ledger.unsent if event.seq <= ledger.kept_seq])
        }

    def lost(self, call_id: str) -> list[int]:
        """Return the numbers of a call's events that are neither stored nor here: they will never come."""
        ledger = self._calls.get(call_id)
        return ledger.lost() if ledger else []

    def expect(self, call_id: str, seq: int) -> bool:
        """Have a call's events sent again from ``seq`` on: the dashboards, restored perhaps, have lost them.

        Returns whether anything else will be sent because of it than before.
        """
        ledger = self._calls.get(call_id)
        if ledger is None or ledger.expected == seq:
            return False
        ledger.expected = seq
        ledger.unsent = [event for event in ledger.history if event.seq >= seq]
        return True

    def depth(self) -> int:
        """Return how many events wait to be sent."""
        return sum(len(ledger.unsent) for ledger in self._calls.values())

    def oldest_unsent(self) -> datetime | None:
        """Return when the oldest event that waits to be sent happened."""
        stamps = [ledger.unsent[0].at for ledger in self._calls.values() if ledger.unsent]
        return min((datetime.fromisoformat(stamp) for stamp in stamps), default=None)

    async def is_writable(self) -> bool:
        """Return whether the journal can be written: the disk is asked, unless it just took something."""
        now = asyncio.get_running_loop().time()
        if self._last_write is None or now - self._last_write > _JUST_NOW_S:
            # A record that means nothing, and that a replay passes over.
            await self._write({"probe": True}, 0.0)
        return self._last_write is not None

    def writing_for_s(self) -> float:
        """Return for how long the disk has been busy with what it is writing; 0.0 if it writes nothing."""
        return self._journal.writing_for_s()

    def incident(self, call_id: str) -> str | None:
        """Return the id of a call's incident; None while the dashboards have not told it."""
        ledger = self._calls.get(call_id)
        return ledger.incident if ledger else None

    async def settle(self, call_id: str, seq: int, incident: str | None = None) -> None:
        """Note that the dashboards have stored a call's events up to ``seq``, and in which incident."""
        ledger = self._calls.get(call_id)
        if ledger is None:
            return
        ledger.settle(seq)
        record: dict[str, Any] = {"stored": call_id, "seq": seq}
        if incident is not None and incident != ledger.incident:
            ledger.incident = record["incident"] = incident
        # One that is lost with us has the events sent once more, which changes nothing.
        self._write(record, _IN_TIME_S)
        self._forget(call_id)

    async def wait_for_change(self) -> None:
        """Return when something came that can be sent, since the last return."""
        await self._changed.wait()
        self._changed.clear()

    async def close(self) -> None:
        """Finish every write that has begun, and close the journal."""
        await self._journal.close()

    def _write(self, record: dict[str, Any], within_s: float) -> asyncio.Future[JournalUnusable | None]:
        written = self._journal.put(record, within_s=within_s)
        written.add_done_callback(self._note_written)
        return written

    def _note_kept(self, ledger: _Ledger, seq: int, _: asyncio.Future[JournalUnusable | None]) -> None:
        # One that the disk did not take is sent all the same: it is here and nowhere else.
        ledger.kept_seq = max(ledger.kept_seq, seq)
        self._changed.set()

    def _note_written(self, written: asyncio.Future[JournalUnusable | None]) -> None:
        if written.cancelled():
            return  # Whoever waited for it waits no more; it is written all the same.
        if error := written.result():
            log.error("journal_unusable", reason=str(error))
            self._last_write = None
            self.write_failures += 1
            self._on_unwritable(error)
            return
        was_writable = self._last_write is not None
        self._last_write = asyncio.get_running_loop().time()
        if not was_writable:
            self.on_writable()

    def _replay(self, segment: int, record: dict[str, Any]) -> None:
        if call_id := record.get("call"):
            ledger = self._calls.setdefault(call_id, _Ledger(segment))
            data = {key: value for key, value in record.items() if key not in {"call", "seq", "type", "at"}}
            event = CallEvent(call_id, record["seq"], record["type"], record["at"], data)
            ledger.unsent.append(event)
            ledger.history.append(event)
            ledger.last_seq = ledger.kept_seq = max(ledger.last_seq, record["seq"])
        elif (call_id := record.get("stored")) in self._calls:
            self._calls[call_id].settle(record["seq"])
            self._calls[call_id].incident = record.get("incident") or self._calls[call_id].incident
        elif (call_id := record.get("finished")) in self._calls:
            self._calls[call_id].finished = True
        elif "resend" in record:
            for ledger in self._calls.values():
                ledger.unsent, ledger.expected = list(ledger.history), None

    def _forget(self, call_id: str) -> None:
        """Let go of a call that is told and stored: the cost does not grow with how many wait."""
        ledger = self._calls.get(call_id)
        if ledger is None or not ledger.finished or ledger.unsent:
            return
        del self._calls[call_id]
        if self._wanted_from < self._journal.segment:
            self._remove_unwanted()

    def _remove_unwanted(self) -> None:
        """Remove the journal's segments that nobody needs any more."""
        oldest = min((ledger.segment for ledger in self._calls.values()), default=self._journal.segment)
        self._wanted_from = oldest
        self._journal.remove_before(oldest)

"""Who was at work when we stopped, or died: kept on the disk, so that a restart sends nobody home."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ari_app.operators import Desk
from queues.pausing import ALWAYS, GENERAL
from queues.vocabulary import AcdEvent, OperatorNotReady, OperatorReady, OperatorSignedOn, OperatorState
from suar.city import City
from suar.disk import write_anew
from suar.log import get_logger

log = get_logger()

_GATHER_S = 0.05
_WANTS_CALLS = {OperatorState.READY, OperatorState.RINGING, OperatorState.TALKING, OperatorState.WRAP_UP}


class Roster:
    """The file ``operators.json``: ``{operator: {"state", "reason", "queues", "forced_by", "phone"}}``.

    Of the states that a call brings, it keeps what they come back to, ready: it is not written for each call.
    """

    def __init__(self, path: Path, desks: Callable[[], Iterable[Desk]]) -> None:
        self._path = path
        self._desks = desks
        self._saving: asyncio.Task[None] | None = None
        self._again = False
        self._written: dict[str, dict[str, object]] | None = None

    def note(self, desk: Desk) -> None:
        """She has changed: write it soon, if the file has not the same of her already.

        Changes that come while it is written share one write.
        """
        is_saving = self._saving is not None and not self._saving.done()
        if not is_saving and (self._written or {}).get(desk.operator.id) == _entry(desk):
            return
        self._again = True
        if not is_saving:
            self._saving = asyncio.create_task(self._save(), name="roster")

    async def close(self) -> None:
        if self._saving is not None:
            await self._saving

    def restore(self, city: City) -> Iterator[AcdEvent]:
        """Yield what brings everybody back to where she was; a file that cannot be read brings nobody."""
        try:
            kept = json.loads(self._path.read_text())
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.error("roster_unreadable", reason=str(error))
            return
        for place, operator in enumerate(city.operators):
            entry = kept.get(operator.id) if isinstance(kept, dict) else None
            state = entry.get("state") if isinstance(entry, dict) else None
            if not isinstance(entry, dict) or state in {None, OperatorState.SIGNED_OFF}:
                continue
            kept_queues = entry.get("queues") or operator.queues
            phone = str(entry.get("phone") or "")
            queues = tuple(queue for queue in operator.queues if queue in kept_queues)
            yield OperatorSignedOn(
                operator.id,
                queues or tuple(operator.queues),
                frozenset(operator.skills),
                frozenset(operator.languages),
                phone_is_reachable=False,
                order=place,
                phone=phone if city.operator(phone) is not None else "",
            )
            if state in _WANTS_CALLS:
                yield OperatorReady(operator.id)
            else:
                reason = str(entry.get("reason") or GENERAL)
                if city.pauses and reason not in ALWAYS | {one.id for one in city.pauses}:
                    reason = GENERAL  # The city has it no more.
                yield OperatorNotReady(operator.id, reason, str(entry.get("forced_by") or ""))

    async def _save(self) -> None:
        while self._again:
            await asyncio.sleep(_GATHER_S)
            self._again = False
            states = {desk.operator.id: _entry(desk) for desk in self._desks()}
            if states == self._written:
                continue
            try:
                await asyncio.to_thread(write_anew, self._path, json.dumps(states, indent=1).encode())
                self._written = states
            except OSError as error:
                log.error("roster_not_written", reason=error.strerror)


def _entry(desk: Desk) -> dict[str, object]:
    return {
        "state": OperatorState.READY if desk.state in _WANTS_CALLS else desk.state.value,
        "reason": desk.reason,
        "queues": desk.queues,
        "forced_by": desk.forced_by,
        "phone": desk.sits_at,
    }

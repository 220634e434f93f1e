"""Who still has work to do after a call: its last event is the end of the last wrap-up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from queues.vocabulary import OperatorState, OperatorStateChanged
from suar.ids import call_of


@dataclass(frozen=True, slots=True)
class WrapUp:
    """One operator's work after her part of a call."""

    operator_id: str
    lasted_s: float


class WrapUps:
    """Follows the operators' states and tells a call of each wrap-up that has ended.

    A call that went from one operator to another has one of each.
    """

    def __init__(self) -> None:
        self._began: dict[str, tuple[str, float]] = {}
        self._ended: dict[str, list[WrapUp]] = {}
        self._news = asyncio.Event()

    def note(self, change: OperatorStateChanged, now: float) -> None:
        """Take an operator's change of state at ``now`` (monotonic seconds)."""
        if change.state is OperatorState.WRAP_UP and change.call_id:
            self._began[change.operator_id] = (call_of(change.call_id) or change.call_id, now)
        elif began := self._began.pop(change.operator_id, None):
            call_id, since = began
            wrap_up = WrapUp(change.operator_id, round(now - since, 3))
            self._ended.setdefault(call_id, []).append(wrap_up)
            self._tell()

    def forget(self, operator_id: str) -> None:
        """This operator's wrap-up is none: she has not spoken."""
        if self._began.pop(operator_id, None):
            self._tell()

    def is_awaited(self, call_id: str) -> bool:
        """Whether an operator is in wrap-up for this call, or has left it since somebody asked."""
        return call_id in self._ended or any(call == call_id for call, _ in self._began.values())

    async def next_of(self, call_id: str) -> WrapUp | None:
        """Return the next wrap-up of a call, when it has ended; None when no more will come."""
        while True:
            if ended := self._ended.get(call_id):
                wrap_up = ended.pop(0)
                if not ended:
                    del self._ended[call_id]
                return wrap_up
            if not self.is_awaited(call_id):
                return None
            await self._news.wait()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

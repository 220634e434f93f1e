"""Who still has work to do after a call: its last event is the end of the operator's wrap-up."""

from __future__ import annotations

import asyncio

from queues.vocabulary import OperatorState, OperatorStateChanged


class WrapUps:
    """Follows the operators' states and tells a call when its wrap-up has ended."""

    def __init__(self) -> None:
        self._began: dict[str, tuple[str, float]] = {}
        self._ended: dict[str, asyncio.Future[tuple[str, float]]] = {}

    def note(self, change: OperatorStateChanged, now: float) -> None:
        """Take an operator's change of state at ``now`` (monotonic seconds)."""
        if change.state is OperatorState.WRAP_UP and change.call_id:
            self._began[change.operator_id] = (change.call_id, now)
        elif began := self._began.pop(change.operator_id, None):
            call_id, since = began
            ended = self._future(call_id)
            if not ended.done():
                ended.set_result((change.operator_id, round(now - since, 3)))

    def is_awaited(self, call_id: str) -> bool:
        """Whether an operator is in wrap-up for this call, or has just left it."""
        return call_id in self._ended or any(call == call_id for call, _ in self._began.values())

    async def end_of(self, call_id: str) -> tuple[str, float]:
        """Return whose wrap-up of a call has ended, when it has, and how long it lasted."""
        try:
            return await self._future(call_id)
        finally:
            self._ended.pop(call_id, None)

    def _future(self, call_id: str) -> asyncio.Future[tuple[str, float]]:
        if call_id not in self._ended:
            self._ended[call_id] = asyncio.get_running_loop().create_future()
        return self._ended[call_id]

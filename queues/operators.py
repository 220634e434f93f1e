"""An operator's states and the moves between them, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from queues.errors import IllegalEvent
from queues.vocabulary import OperatorState as S


class Move(StrEnum):
    """What can happen to an operator."""

    SIGN_ON = "sign on"
    SIGN_OFF = "sign off"
    BE_READY = "be ready"
    BE_NOT_READY = "be not ready"
    BE_OFFERED = "be offered a call"
    LOSE_OFFER = "lose an offer"
    CONNECT = "be connected"
    WRAP_UP = "wrap up"
    BE_FOUND_TALKING = "be found talking"


MOVES: dict[tuple[S, Move], S] = {
    (S.SIGNED_OFF, Move.SIGN_ON): S.NOT_READY,
    (S.NOT_READY, Move.BE_READY): S.READY,
    (S.NOT_READY, Move.BE_NOT_READY): S.NOT_READY,
    (S.NOT_READY, Move.SIGN_OFF): S.SIGNED_OFF,
    (S.READY, Move.BE_READY): S.READY,
    (S.READY, Move.BE_NOT_READY): S.NOT_READY,
    (S.READY, Move.SIGN_OFF): S.SIGNED_OFF,
    (S.READY, Move.BE_OFFERED): S.RINGING,
    (S.RINGING, Move.LOSE_OFFER): S.READY,
    (S.RINGING, Move.BE_NOT_READY): S.NOT_READY,
    (S.RINGING, Move.SIGN_OFF): S.SIGNED_OFF,
    (S.RINGING, Move.CONNECT): S.TALKING,
    (S.NOT_READY, Move.BE_FOUND_TALKING): S.TALKING,
    (S.READY, Move.BE_FOUND_TALKING): S.TALKING,
    (S.WRAP_UP, Move.BE_FOUND_TALKING): S.TALKING,
    (S.TALKING, Move.WRAP_UP): S.WRAP_UP,
    (S.TALKING, Move.BE_READY): S.READY,
    (S.TALKING, Move.BE_NOT_READY): S.NOT_READY,
    (S.TALKING, Move.SIGN_OFF): S.SIGNED_OFF,
    (S.WRAP_UP, Move.BE_READY): S.READY,
    (S.WRAP_UP, Move.BE_NOT_READY): S.NOT_READY,
    (S.WRAP_UP, Move.SIGN_OFF): S.SIGNED_OFF,
}


@dataclass(slots=True)
class Operator:
    """One operator, as the ACD sees her."""

    id: str
    queues: tuple[str, ...] = ()
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    state: S = S.SIGNED_OFF
    reason: str | None = None
    is_reachable: bool = True
    idle_since: float = 0.0
    """When she last became free: the longest idle is offered first."""
    call_id: str | None = None
    """The call that she is offered, talks on, or wraps up."""
    wrap_up_ends_at: float | None = None
    next_state: S = S.READY
    """Where she goes after the call: ready, unless she asked for something else meanwhile."""
    next_reason: str | None = None

    @property
    def is_available(self) -> bool:
        return self.state is S.READY and self.is_reachable

    @property
    def is_at_work(self) -> bool:
        """Whether she takes calls, now or after the one that she is in."""
        if self.state in {S.TALKING, S.WRAP_UP}:
            return self.next_state is S.READY
        return self.state in {S.READY, S.RINGING} and self.is_reachable

    def move(self, move: Move, reason: str | None = None) -> None:
        """Make a move of the table. Raises :class:`~queues.errors.IllegalEvent`; nothing has changed then."""
        target = MOVES.get((self.state, move))
        if target is None:
            raise IllegalEvent(f"operator {self.id} is {self.state.value} and cannot {move.value}")
        self.state, self.reason = target, reason

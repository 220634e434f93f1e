"""An operator's states and the moves between them, as one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from queues.errors import IllegalEvent
from queues.values import OperatorState as S

if TYPE_CHECKING:
    from queues.offers import Offer
    from queues.staff import Crew


class Move(StrEnum):
    """What can happen to an operator."""

    SIGN_ON = "sign on"
    SIGN_OFF = "sign off"
    BE_READY = "be ready"
    BE_NOT_READY = "be not ready"
    BE_OFFERED = "be offered a call"
    PICK = "pick a call"
    LOSE_OFFER = "lose an offer"
    CONNECT = "be connected"
    WRAP_UP = "wrap up"
    BE_FOUND_TALKING = "be found talking"


MOVES: dict[tuple[S, Move], S] = {
    (S.SIGNED_OFF, Move.SIGN_ON): S.NOT_READY,
    (S.NOT_READY, Move.BE_READY): S.READY,
    (S.NOT_READY, Move.BE_NOT_READY): S.NOT_READY,
    (S.NOT_READY, Move.PICK): S.RINGING,
    (S.NOT_READY, Move.SIGN_OFF): S.SIGNED_OFF,
    (S.READY, Move.BE_READY): S.READY,
    (S.READY, Move.BE_NOT_READY): S.NOT_READY,
    (S.READY, Move.SIGN_OFF): S.SIGNED_OFF,
    (S.READY, Move.BE_OFFERED): S.RINGING,
    (S.READY, Move.PICK): S.RINGING,
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
    (S.WRAP_UP, Move.PICK): S.RINGING,
}

# Named here because Python 3.11 looks a member up in its class eight times as slowly.
_READY, _RINGING, _TALKING, _WRAP_UP = S.READY, S.RINGING, S.TALKING, S.WRAP_UP


@dataclass(frozen=True, slots=True)
class WrapUp:
    """A wrap-up that a call has interrupted: it goes on if nobody speaks in that call."""

    queue: str | None
    call_id: str | None
    ends_at: float


@dataclass(slots=True, eq=False)
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
    queue: str | None = None
    """That call's queue; None where nobody knows it."""
    ends_at: float | None = None
    """When her wrap-up or her pause is over."""
    wrap_up_began_at: float = 0.0
    interrupted: WrapUp | None = None
    forced_by: str = ""
    """The supervisor who ordered her pause."""
    next_state: S = S.READY
    """Where she goes after the call: ready, unless she asked for something else meanwhile."""
    next_reason: str | None = None
    next_forced_by: str = ""
    next_for_s: float | None = None
    is_overdue: bool = False
    """Whether there is an alarm for her pause."""
    order: int = 0
    calls: int = 0
    phone: str = ""
    offer: Offer | None = None
    """The offer that rings at her phone."""
    # What the staff keeps for itself, to know what has changed.
    crew: Crew | None = field(default=None, repr=False)
    counts_as_free: bool = False
    counts_as_at_work: bool = False
    freed: int = 0
    """How often she became free: tells a rank that stands from one that is old."""

    @property
    def is_available(self) -> bool:
        return self.state is _READY and self.is_reachable

    @property
    def is_at_work(self) -> bool:
        """Whether she takes calls, now or after the one that she is in."""
        state = self.state
        if state is _TALKING or state is _WRAP_UP:
            return self.next_state is _READY
        if state is _RINGING and self.next_state is not _READY:
            return False  # She picked this one call out of a pause.
        return (state is _READY or state is _RINGING) and self.is_reachable

    def move(self, move: Move, reason: str | None = None) -> None:
        """Make a move of the table. Raises :class:`~queues.errors.IllegalEvent`; nothing has changed then."""
        target = MOVES.get((self.state, move))
        if target is None:
            raise IllegalEvent(f"operator {self.id} is {self.state.value} and cannot {move.value}")
        self.state, self.reason = target, reason

    def forget_wishes(self) -> None:
        """She has nothing in mind for after the call: she will be ready."""
        self.next_state, self.next_reason = _READY, None
        self.next_forced_by, self.next_for_s = "", None

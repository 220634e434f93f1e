"""What the ACD is told: one class for each thing that can happen.

New fields are added at the end, with a value that means what their absence meant: journals are kept for
years and read again. ``gc=False``: nothing in an event leads back to it, so no collector looks for a ring.
"""

from __future__ import annotations

from msgspec import Struct

from queues.policy import AcdPolicy
from queues.values import OfferEnd


class CallQueued(Struct, frozen=True, gc=False):
    """A caller waits for an operator."""

    call_id: str
    queue: str
    priority: int
    """0 is the most urgent."""
    skills: frozenset[str] = frozenset()
    """What an operator should know: all of it. ``wants`` says it in more detail, and comes before it."""
    language: str = ""
    """What an operator should speak."""
    enqueued_at: float | None = None
    """When she began to wait, if she has waited before: she keeps her place."""
    offers_made: int = 0
    """How often she was offered before, so that each offer has an id of its own."""
    wants: tuple[str, ...] = ()
    """Skill expressions, the best first (see :mod:`queues.skills`)."""
    caller: str = ""
    """A token that is the same when the same caller rings again, and says no more of her; "" for none."""


class CallAbandoned(Struct, frozen=True, gc=False):
    """A waiting caller hung up."""

    call_id: str


class CallDiverted(Struct, frozen=True, gc=False):
    """A waiting caller has been taken by somebody who is not among our operators."""

    call_id: str
    to: str


class CallEnded(Struct, frozen=True, gc=False):
    """A talk is over."""

    call_id: str
    has_spoken: bool = True
    """Whether its operator spoke; who was called in vain has nothing to wrap up, and is as before."""


class CallPicked(Struct, frozen=True, gc=False):
    """An operator takes a certain caller from the waiting list."""

    call_id: str
    operator_id: str


class CallMovedToHead(Struct, frozen=True, gc=False):
    """A supervisor has a caller served next."""

    call_id: str
    by: str


class CallPriorityChanged(Struct, frozen=True, gc=False):
    """A waiting caller is more, or less, urgent than was thought when she came."""

    call_id: str
    priority: int
    """0 is the most urgent."""


class TalkAdopted(Struct, frozen=True, gc=False):
    """A talk was going on before this ACD was: its operator is busy."""

    call_id: str
    operator_id: str


class OfferAccepted(Struct, frozen=True, gc=False):
    """The operator's phone was answered."""

    call_id: str
    operator_id: str
    offer_id: str


class OfferFailed(Struct, frozen=True, gc=False):
    """The operator's phone did not take the call."""

    call_id: str
    operator_id: str
    offer_id: str
    outcome: OfferEnd


class OperatorSignedOn(Struct, frozen=True, gc=False):
    """An operator has come to work; she is not ready yet."""

    operator_id: str
    queues: tuple[str, ...]
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    phone_is_reachable: bool = True
    order: int = 0
    """Her place in the fixed order: the lowest is rung first."""
    phone: str = ""
    """Where she sits today; "" for her own phone."""


class OperatorQueuesChanged(Struct, frozen=True, gc=False):
    """An operator who is at work serves other queues from now on; an offer that rings goes on."""

    operator_id: str
    queues: tuple[str, ...]


class OperatorReady(Struct, frozen=True, gc=False):
    """An operator wants calls: at once, or, in wrap-up, sooner than its end where that is allowed."""

    operator_id: str
    by: str = ""
    """The supervisor who says so; "" for the operator herself."""


class OperatorNotReady(Struct, frozen=True, gc=False):
    """An operator wants no calls: at once, or after the call that she is in."""

    operator_id: str
    reason: str
    by: str = ""
    """The supervisor who says so: then only a supervisor makes her ready again."""
    for_s: float | None = None
    """How long the pause may last; None for what its reason allows."""


class WrapUpExtended(Struct, frozen=True, gc=False):
    """An operator needs more time after her call."""

    operator_id: str
    by_s: float


class OperatorSignedOff(Struct, frozen=True, gc=False):
    """An operator goes home: at once, or after the call that she is in."""

    operator_id: str


class OperatorReachable(Struct, frozen=True, gc=False):
    """An operator's phone has registered."""

    operator_id: str


class OperatorUnreachable(Struct, frozen=True, gc=False):
    """An operator's phone is gone."""

    operator_id: str


class PolicyChanged(Struct, frozen=True, gc=False):
    """The city has other rules from now on. Nobody loses her place, her call or her state."""

    policy: AcdPolicy


AcdEvent = (
    CallQueued
    | CallAbandoned
    | CallDiverted
    | CallEnded
    | CallPicked
    | CallMovedToHead
    | CallPriorityChanged
    | TalkAdopted
    | OfferAccepted
    | OfferFailed
    | OperatorSignedOn
    | OperatorQueuesChanged
    | OperatorReady
    | OperatorNotReady
    | WrapUpExtended
    | OperatorSignedOff
    | OperatorReachable
    | OperatorUnreachable
    | PolicyChanged
)

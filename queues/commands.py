"""What the ACD wants done, and what it tells of itself.

``gc=False``: nothing in a command leads back to it, so no collector looks for a ring.
"""

from __future__ import annotations

from msgspec import Struct

from queues.values import AlarmCode, OfferEnd, OperatorAlarm, OperatorState, OverflowTo, OverflowWhen


class OfferCall(Struct, frozen=True, gc=False):
    """Ring this operator's phone for this call. An offer is a lease: it ends, one way or another."""

    offer_id: str
    call_id: str
    operator_id: str
    ring_timeout_s: float
    is_pick: bool = False
    """The operator asked for this call herself."""


class RescindOffer(Struct, frozen=True, gc=False):
    """Stop ringing: the offer is over."""

    offer_id: str
    call_id: str
    operator_id: str
    reason: OfferEnd


class ConnectCall(Struct, frozen=True, gc=False):
    """The offer was accepted in time: join the two."""

    offer_id: str
    call_id: str
    operator_id: str


class ReleaseOperatorLeg(Struct, frozen=True, gc=False):
    """This phone was answered after its offer had ended: put it down."""

    offer_id: str
    call_id: str
    operator_id: str


class OperatorStateChanged(Struct, frozen=True, gc=False):
    """An operator is in another state, or in the same for another reason or with another end."""

    operator_id: str
    state: OperatorState
    reason: str | None = None
    call_id: str | None = None
    ends_at: float | None = None
    """When a wrap-up, or a pause that has a limit, is over."""
    by: str = ""
    """The supervisor who ordered the pause."""


class CallOverflowed(Struct, frozen=True, gc=False):
    """A caller may be served elsewhere too: in another queue at once; for the rest, see to it."""

    call_id: str
    queue: str
    when: OverflowWhen
    to: OverflowTo
    target: str
    """The queue or the neighbour; "" for the supervisors."""


class AnnounceWait(Struct, frozen=True, gc=False):
    """Speak to a waiting caller: her position, or only that she is not forgotten."""

    call_id: str
    language: str
    position: int | None
    """From 1; None where it is not told, or is beyond what is told."""


class RaiseAlarm(Struct, frozen=True, gc=False):
    """Something is wrong with a waiting call, or with an operator: the other's fields are empty."""

    code: AlarmCode | OperatorAlarm
    call_id: str
    queue: str
    operator_id: str = ""


class ClearAlarm(Struct, frozen=True, gc=False):
    """It is not any more."""

    code: AlarmCode | OperatorAlarm
    call_id: str
    queue: str
    operator_id: str = ""


AcdCommand = (
    OfferCall
    | RescindOffer
    | ConnectCall
    | ReleaseOperatorLeg
    | OperatorStateChanged
    | CallOverflowed
    | AnnounceWait
    | RaiseAlarm
    | ClearAlarm
)

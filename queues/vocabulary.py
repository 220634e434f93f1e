"""The words of distribution: values, events in, commands out.

Times are seconds of the shell's monotonic clock. Everything here is frozen: an event or a command can be
kept, compared and replayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# ------------------------------------------------------------------------------------------- values


class OperatorState(StrEnum):
    """What an operator is doing."""

    SIGNED_OFF = "signed_off"
    NOT_READY = "not_ready"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class OfferEnd(StrEnum):
    """Why an offer ended without a talk."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    RESCINDED = "rescinded"
    """The caller hung up, or the operator was taken away."""


# ------------------------------------------------------------------------------------------ events in


@dataclass(frozen=True, slots=True)
class CallQueued:
    """A caller waits for an operator."""

    call_id: str
    queue: str
    priority: int
    """0 is the most urgent."""
    skills: frozenset[str] = frozenset()
    """What an operator should know."""
    language: str = ""
    """What an operator should speak."""
    enqueued_at: float | None = None
    """When she began to wait, if she has waited before: she keeps her place."""
    offers_made: int = 0
    """How often she was offered before, so that each offer has an id of its own."""


@dataclass(frozen=True, slots=True)
class CallAbandoned:
    """A waiting caller hung up."""

    call_id: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A talk is over."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TalkAdopted:
    """A talk was going on before this ACD was: its operator is busy."""

    call_id: str
    operator_id: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The operator's phone was answered."""

    call_id: str
    operator_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The operator's phone did not take the call."""

    call_id: str
    operator_id: str
    offer_id: str
    outcome: OfferEnd


@dataclass(frozen=True, slots=True)
class OperatorSignedOn:
    """An operator has come to work; she is not ready yet."""

    operator_id: str
    queues: tuple[str, ...]
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    phone_is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class OperatorReady:
    """An operator wants calls: at once, or, in wrap-up, sooner than its end."""

    operator_id: str


@dataclass(frozen=True, slots=True)
class OperatorNotReady:
    """An operator wants no calls: at once, or after the call that she is in."""

    operator_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OperatorSignedOff:
    """An operator goes home: at once, or after the call that she is in."""

    operator_id: str


@dataclass(frozen=True, slots=True)
class OperatorReachable:
    """An operator's phone has registered."""

    operator_id: str


@dataclass(frozen=True, slots=True)
class OperatorUnreachable:
    """An operator's phone is gone."""

    operator_id: str


AcdEvent = (
    CallQueued
    | CallAbandoned
    | CallEnded
    | TalkAdopted
    | OfferAccepted
    | OfferFailed
    | OperatorSignedOn
    | OperatorReady
    | OperatorNotReady
    | OperatorSignedOff
    | OperatorReachable
    | OperatorUnreachable
)

# ---------------------------------------------------------------------------------------- commands out


@dataclass(frozen=True, slots=True)
class OfferCall:
    """Ring this operator's phone for this call. An offer is a lease: it ends, one way or another."""

    offer_id: str
    call_id: str
    operator_id: str
    ring_timeout_s: float


@dataclass(frozen=True, slots=True)
class RescindOffer:
    """Stop ringing: the offer is over."""

    offer_id: str
    call_id: str
    operator_id: str
    reason: OfferEnd


@dataclass(frozen=True, slots=True)
class ConnectCall:
    """The offer was accepted in time: join the two."""

    offer_id: str
    call_id: str
    operator_id: str


@dataclass(frozen=True, slots=True)
class ReleaseOperatorLeg:
    """This phone was answered after its offer had ended: put it down."""

    offer_id: str
    call_id: str
    operator_id: str


@dataclass(frozen=True, slots=True)
class OperatorStateChanged:
    """An operator is in another state, or in the same for another reason."""

    operator_id: str
    state: OperatorState
    reason: str | None = None
    call_id: str | None = None


class AlarmCode(StrEnum):
    """What can be wrong with a waiting call."""

    NO_OPERATOR = "no_operator"
    """Nobody who is signed on could take it."""
    WAITING_TOO_LONG = "waiting_too_long"
    """It waits beyond the queue's target."""


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Something is wrong with a waiting call."""

    code: AlarmCode
    call_id: str
    queue: str


@dataclass(frozen=True, slots=True)
class ClearAlarm:
    """It is not any more: the call has an operator, or has ended."""

    code: AlarmCode
    call_id: str
    queue: str


AcdCommand = (
    OfferCall
    | RescindOffer
    | ConnectCall
    | ReleaseOperatorLeg
    | OperatorStateChanged
    | RaiseAlarm
    | ClearAlarm
)

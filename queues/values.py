"""The values of distribution: states, and why things end."""

from __future__ import annotations

from enum import StrEnum


class OperatorState(StrEnum):
    """What an operator is doing."""

    SIGNED_OFF = "signed_off"
    NOT_READY = "not_ready"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class OfferEnd(StrEnum):
    """Why an offer ended without a talk. The sixth way to end, accepted, is a command of its own."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    """The caller hung up."""
    RESCINDED = "rescinded"
    """Taken back: another operator has the caller, or the operator was taken away."""


class AlarmCode(StrEnum):
    """What can be wrong with a waiting call."""

    NO_OPERATOR = "no_operator"
    """Nobody who is signed on could take it."""
    WAITING_TOO_LONG = "waiting_too_long"
    """It waits beyond the queue's target."""


class OperatorAlarm(StrEnum):
    """What can be wrong with an operator."""

    PAUSE_OVERDUE = "pause_overdue"
    """Her pause lasts longer than its reason allows."""


class OverflowWhen(StrEnum):
    """What makes a queue overflow."""

    WAIT = "wait"
    """A caller has waited so many seconds."""
    LENGTH = "length"
    """So many wait already when she comes."""
    NO_OPERATOR = "no_operator"
    """Nobody is at work who serves her, and she has waited so many seconds."""


class OverflowTo(StrEnum):
    """Where a caller overflows to. She keeps her place in her own queue, too."""

    QUEUE = "queue"
    """The operators of another queue may take her."""
    SUPERVISORS = "supervisors"
    """The supervisors are told, and may pick her."""
    NEIGHBOUR = "neighbour"
    """A neighbouring PSAP is called for her."""


class WrapUpMode(StrEnum):
    """What comes after a call."""

    OPTIONAL = "optional"
    """A time free of calls, which the operator may end sooner."""
    MANDATORY = "mandatory"
    """A time free of calls, to its end."""
    NONE = "none"
    """The next call."""


class PauseEnd(StrEnum):
    """What happens when a pause has lasted as long as its reason allows."""

    ALARM = "alarm"
    """The supervisors are told; nobody's phone rings at an empty desk."""
    READY = "ready"
    """The operator is ready again."""

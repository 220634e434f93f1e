"""The words of a conversation: who is in it, what can be asked of it, and what follows. Pure, and frozen.

A *leg* is the id of a channel. A conversation has three places: the main room, where the caller is; the side
room, where the operator asks somebody what the caller need not hear; and hold, where there is music.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# ------------------------------------------------------------------------------------------- values


class Place(StrEnum):
    """Where a leg is."""

    MAIN = "main"
    SIDE = "side"
    HOLD = "hold"
    NOWHERE = "nowhere"
    """Not answered yet."""


class TargetKind(StrEnum):
    """Whom one can call into a conversation."""

    OPERATOR = "operator"
    AGENCY = "agency"
    NEIGHBOUR = "neighbour"
    """A neighbouring city's emergency call centre."""
    NUMBER = "number"


class Purpose(StrEnum):
    """What somebody is called for."""

    CONSULT = "consult"
    """The operator speaks with her first; the caller hears music meanwhile."""
    CONFERENCE = "conference"
    """She comes to the caller and the operator."""
    BLIND = "blind"
    """The operator has left: she gets the caller."""


class Outcome(StrEnum):
    """How a conversation ended."""

    OPERATOR = "operator"
    """The operator hung up."""
    CALLER = "caller"
    PARTY = "party"
    """Somebody to whom the caller was transferred hung up."""
    REQUEUE = "requeue"
    """The caller is there and nobody is with her: she waits again, at the head."""


class Left(StrEnum):
    """Why a leg ended."""

    HUNG_UP = "hung_up"
    FAILED = "failed"
    """The phone or the network."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    REMOVED = "removed"
    """The operator took it out."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who is called. ``id`` is the operator's, agency's or neighbour's in the city file, or a number."""

    kind: TargetKind
    id: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who was called into the conversation."""

    id: str
    target: Target
    purpose: Purpose
    is_up: bool = False
    is_parked: bool = False
    """On hold, while the operator is with the caller."""


@dataclass(frozen=True, slots=True)
class State:
    """A conversation at one moment."""

    caller: str
    operator: str | None
    """The leg of the operator whose conversation it is; None once she has left it to others."""
    is_caller_there: bool = True
    is_held: bool = False
    """The operator wants her on hold; besides, she hears music whenever she would be alone."""
    stays_open: bool = False
    """Held as an emergency: if she hangs up, she is called again at once."""
    consulting: str | None = None
    """The party with whom the operator is in the side room."""
    parties: tuple[Party, ...] = ()
    muted: frozenset[str] = frozenset()
    """Legs that are not heard."""
    pause_reason: str | None = None
    """Why the caller's recording is paused."""

    def party(self, party_id: str) -> Party | None:
        return next((party for party in self.parties if party.id == party_id), None)

    def places(self) -> dict[str, Place]:
        """Return where everybody has to be. Nobody but the operator is ever alone in a room."""
        found: dict[str, Place] = {}
        if self.is_caller_there:
            found[self.caller] = Place.HOLD if self.is_held else Place.MAIN
        if self.operator is not None:
            found[self.operator] = Place.SIDE if self.consulting else Place.MAIN
        for party in self.parties:
            if not party.is_up:
                found[party.id] = Place.NOWHERE
            elif party.id == self.consulting:
                found[party.id] = Place.SIDE
            else:
                found[party.id] = Place.HOLD if party.is_parked else Place.MAIN
        together = [leg for leg, place in found.items() if place is Place.MAIN]
        if len(together) == 1 and together[0] != self.operator:
            found[together[0]] = Place.HOLD
        return found

    @property
    def hears_music(self) -> bool:
        """Whether the caller is on hold, for whatever reason."""
        return self.places().get(self.caller) is Place.HOLD


# ------------------------------------------------------------------------------------------ inputs


@dataclass(frozen=True, slots=True)
class Hold:
    """Let the caller hear music; as an emergency, her line stays open."""

    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Go back to the caller; whoever was being consulted hears music."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Let a leg hear and not be heard."""

    leg: str


@dataclass(frozen=True, slots=True)
class Unmute:
    leg: str


@dataclass(frozen=True, slots=True)
class CallIn:
    """Call somebody: to consult her, to have her join, or to leave the caller to her."""

    party_id: str
    target: Target
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Consult:
    """Speak alone with somebody who is in the conversation already."""

    party_id: str


@dataclass(frozen=True, slots=True)
class Join:
    """Bring somebody to the caller, and everybody together."""

    party_id: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Leave the caller with somebody who has answered."""

    party_id: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take somebody out, or stop ringing her."""

    party_id: str


@dataclass(frozen=True, slots=True)
class PutBack:
    """Give the caller back to the queue: she is the first there of her urgency."""


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Press keys for somebody to hear."""

    leg: str
    digits: str


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Record silence, and say why."""

    reason: str


@dataclass(frozen=True, slots=True)
class ResumeRecording:
    """Record again."""


@dataclass(frozen=True, slots=True)
class LegUp:
    """Somebody who was called has answered."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegGone:
    """A leg has ended."""

    leg: str
    left: Left


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The operator's leg has ended, and a supervisor who had barged in goes on with the caller."""

    leg: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """Somebody speaks in her room and nobody hears her: Asterisk does not decode what she sends."""

    leg: str


Command = (
    Hold
    | Resume
    | Mute
    | Unmute
    | CallIn
    | Consult
    | Join
    | Transfer
    | Remove
    | PutBack
    | SendDigits
    | PauseRecording
    | ResumeRecording
)
Signal = LegUp | LegGone | TakenOver | Unheard
Input = Command | Signal

# ------------------------------------------------------------------------------------------ effects


@dataclass(frozen=True, slots=True)
class Tell:
    """Write an event of the call. The first of an input names the input: see `retelling`."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """Bring a leg to a place."""

    leg: str
    place: Place


@dataclass(frozen=True, slots=True)
class PutAnew:
    """Take a leg out of its room and bring it back: Asterisk begins to decode it anew."""

    leg: str


@dataclass(frozen=True, slots=True)
class Dial:
    """Call somebody."""

    party: Party


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a leg."""

    leg: str


@dataclass(frozen=True, slots=True)
class SetMuted:
    """Let a leg be heard, or not."""

    leg: str
    is_muted: bool


@dataclass(frozen=True, slots=True)
class Press:
    """Send keys to a leg."""

    leg: str
    digits: str


@dataclass(frozen=True, slots=True)
class SetRecordingPaused:
    """Let the caller's recording be silent, or not."""

    is_paused: bool


@dataclass(frozen=True, slots=True)
class ReleaseOperator:
    """The operator's part is over: she has wrap-up, and then the next caller."""

    leg: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """The conversation is this party's now, who is an operator too."""

    party: Party


@dataclass(frozen=True, slots=True)
class RingBack:
    """The caller has hung up on a line that has to stay open: call her again."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation is over; whoever is left is hung up, but for a caller who waits again."""

    outcome: Outcome


Effect = (
    Tell
    | Put
    | PutAnew
    | Dial
    | HangUp
    | SetMuted
    | Press
    | SetRecordingPaused
    | ReleaseOperator
    | HandOver
    | RingBack
    | Finish
)

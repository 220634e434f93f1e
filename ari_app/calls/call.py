"""The record of one call: what is known of it while it lives. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ari_app.conversation.vocabulary import State
from queues.dispositions import by_default
from suar.city import SYNTHETIC, Carrier
from suar.ids import Kind, mint
from suar.location import Book

_PLAYBACK_IDS = 4
"""One voice at a time: one speaks, one is just being stopped, and two are to spare."""


class Phase(StrEnum):
    """Where a call stands, as the board shows it."""

    GATED = "gated"
    """Waits for its turn while somebody floods the lines."""
    GREETING = "greeting"
    TRIAGE = "triage"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"


class EndedBy(StrEnum):
    """Whose doing the end of a call was."""

    CALLER = "caller"
    OPERATOR = "operator"
    PARTY = "party"
    """Somebody to whom she was transferred."""
    SYSTEM = "system"


@dataclass(slots=True)
class Timings:
    """Monotonic seconds at which a call reached each step; None where it never came."""

    offered: float
    answered: float | None = None
    queued: float | None = None
    connected: float | None = None
    ended: float | None = None

    def spans(self) -> dict[str, float]:
        """Return how long each step took: ``ring_s triage_s wait_s talk_s``, 0 for a step not reached.

        Who waits while her phone still rings (a city that does not greet) has waited, not rung.
        """

        def span(start: float | None, *ends: float | None) -> float:
            end = next((mark for mark in ends if mark is not None), None)
            return 0.0 if start is None or end is None else round(max(end - start, 0.0), 3)

        return {
            "ring_s": span(self.offered, *self._heard(), self.ended),
            "triage_s": span(self.answered, self.queued, self.ended),
            "wait_s": span(self.queued, self.connected, self.ended),
            "talk_s": span(self.connected, self.ended),
        }

    def _heard(self) -> list[float]:
        """Return when the call was answered and when it began to wait, the earlier first."""
        return sorted(mark for mark in (self.answered, self.queued) if mark is not None)


@dataclass(slots=True)
class Call:
    """One call to the emergency number."""

    id: str
    """Asterisk's unique id of the caller's channel, too."""
    carrier: Carrier | None
    dialled: str
    number: str | None
    """The caller's number as it came, None where none came. Never in a log."""
    presentation: str
    """How it came: ``allowed``, ``restricted`` or ``missing``."""
    sip_call_id: str
    """The Call-ID of her INVITE (RFC 3261, 20.8); empty where there is none."""
    ring_at: datetime
    """When the INVITE came."""
    timings: Timings
    phase: Phase
    since: datetime
    """When it came into its phase."""
    kind: str
    language: str
    queue: str
    priority: int
    asterisk_started_at: datetime | None = None
    """Which Asterisk it came to, as that names itself."""
    operator: str | None = None
    ended_by: EndedBy = EndedBy.CALLER
    claims: Book = field(default_factory=Book)
    """What is claimed of the caller's place."""
    place_changes: int = 0
    """How often the best claim became another place."""
    offers: int = 0
    bridges: int = 0
    playbacks: int = 0
    """How many sounds were played to her alone: see :meth:`next_playback`."""
    questions: int = 0
    """How many sounds were played into her talk: see :meth:`next_question`."""
    parties: int = 0
    hears_music: bool = False
    closed_bridges: set[str] = field(default_factory=set)
    """Those that need not be looked for any more."""
    conversation: State | None = None
    """Who speaks with her and who is on hold, while somebody does."""
    is_to_be_called_again: bool = False
    """She hung up on a line that has to stay open."""
    is_outward: bool = False
    """Whether we made it; then the caller is who was called."""
    follows: str | None = None
    """The call that it belongs to, if we made it because of one."""
    end_was_heard: bool = True
    """Whether we were told when it ended; else it ended at some time before we knew."""
    is_lost: bool = False
    """Whether Asterisk died under it: somebody has to call back."""
    hearing: str | None = None
    """Whether an operator could hear her: ``heard``, ``silent``, ``key``; None: not known."""
    question: str | None = None
    """What she was asked last because she cannot speak."""
    reply: str | None = None
    """What she answered: ``yes``, ``no`` or ``key``."""
    standing: dict[str, Any] | None = None
    """What her number did before: ``score`` and ``reasons``; None where nothing is known."""
    is_put_back: bool = False
    """Whether she waits one step less urgently because of it."""
    has_pressed: bool = False
    """Whether she pressed a key when asked whether she needs help."""
    is_test: bool = False
    """Whether it said that it is a test: then it never comes near an operator."""
    is_synthetic: bool = False
    """Whether it is our own test call, and no carrier's."""
    degraded_queue: str = ""
    """Where she would wait if we failed, as the dialplan, or we, have told Asterisk; empty: not known."""

    def next_playback(self) -> str:
        """Return the id of the next sound that is played to her: one that was used some sounds ago."""
        self.playbacks += 1
        return self.playback_ids()[self.playbacks % _PLAYBACK_IDS]

    def next_question(self) -> str:
        """Return the id of the next sound that is played into her talk: several wait for one another."""
        self.questions += 1
        return mint(self.id, Kind.PLAYBACK, _PLAYBACK_IDS + self.questions)

    def last_playback(self) -> str | None:
        """Return the id of the sound that was played to her last; None if none was."""
        return self.playback_ids()[self.playbacks % _PLAYBACK_IDS] if self.playbacks else None

    def playback_ids(self) -> list[str]:
        """Return every id that a sound of hers may have, from an earlier controller too."""
        return [mint(self.id, Kind.PLAYBACK, number) for number in range(_PLAYBACK_IDS)]

    @property
    def trunk(self) -> str | None:
        """What its events say that it came by: a carrier's id, ``synthetic``, or None if unknown."""
        return self.carrier.id if self.carrier else SYNTHETIC if self.is_synthetic else None

    @property
    def disposition(self) -> str:
        """What we take it for; a person may say otherwise later."""
        was_answered = self.timings.connected is not None
        if self.is_outward and not was_answered:
            return "not_reached"
        return by_default(was_answered=was_answered, is_test=self.is_test).value

    @property
    def location_source(self) -> str:
        """Who claims the place that is gone by; ``unknown`` where nobody does."""
        return self.claims.best.source if self.claims.best else "unknown"


def presented(number: str | None, asterisk_says: str) -> str:
    """Return how a caller's number came: ``allowed``, ``restricted`` or ``missing``."""
    if asterisk_says.startswith("prohib"):
        return "restricted"
    if number is None or number.lower() in {"", "anonymous", "unavailable", "unknown", "restricted"}:
        return "missing"
    return "allowed"

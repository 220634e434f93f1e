"""What comes out: the figures of a set of calls. Shares are between 0 and 1; None where there was nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class Clock(StrEnum):
    """Where a caller's wait begins. It ends with the first operator's answer, or with the call."""

    INVITE = "invite"
    """When the carrier's INVITE came: all that the caller waits."""
    ANSWER = "answer"
    """When we answered, before the greeting. Of the calls that we answered."""
    TRIAGE = "triage"
    """When triage ended and she began to wait in a queue. Of the calls that came into one."""


@dataclass(frozen=True, slots=True)
class Answering:
    """How fast operators answered, by one clock."""

    calls: int
    """The calls that this clock began for."""
    within_10_s: float | None
    within_15_s: float | None
    within_20_s: float | None
    within_target: float | None
    sl: float | None
    sl2: float | None
    asa_s: float | None
    longest_tenth_s: float | None
    longest_s: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything of one set of calls; `queues.measures.definitions` says what each means."""

    calls: int
    answered: int
    abandoned: int
    lost: int
    unfinished: int
    abandonment: float | None
    invite: Answering
    answer: Answering
    triage: Answering
    nena_90_15: bool | None
    nena_95_20: bool | None
    talk_s: float | None
    wrap_up_s: float | None
    aht_s: float | None
    offers: int
    rona: int
    rona_share: float | None
    rejected: int
    unreachable: int
    busy_s: float | None
    free_s: float | None
    occupancy: float | None
    short_abandons: int
    tests: int
    ghosts: int
    pranks: int
    put_back: int
    false_share: float | None
    dispositions: Mapping[str, int]

    def by(self, clock: Clock) -> Answering:
        """Return how fast operators answered, by ``clock``."""
        return {Clock.INVITE: self.invite, Clock.ANSWER: self.answer, Clock.TRIAGE: self.triage}[clock]


def flat(figures: Figures) -> dict[str, int | float | bool | None]:
    """Return the figures by name, in a line: ``invite_within_10_s``, ``disposition_ghost``."""
    found: dict[str, int | float | bool | None] = {}
    for one in fields(figures):
        value = getattr(figures, one.name)
        if isinstance(value, Answering):
            found |= {f"{one.name}_{part.name}": getattr(value, part.name) for part in fields(value)}
        elif isinstance(value, Mapping):
            found |= {f"disposition_{name}": count for name, count in sorted(value.items())}
        else:
            found[one.name] = value
    return found

"""What a test call came to, and when that is an alarm. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_MISSES = 2


class Outcome(StrEnum):
    """What a test call came to."""

    GOOD = "good"
    """Answered by the controller, heard, recorded, and in the dashboards with an incident."""
    DEGRADED = "degraded"
    """Answered and heard without the controller: a caller would have been served."""
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test call's outcome; ``why`` says where a missed one failed, in words that follow "because"."""

    outcome: Outcome
    why: str = ""


class Streak:
    """Counts the misses in a row: one may be chance, two are an alarm."""

    def __init__(self) -> None:
        self._misses = 0

    def take(self, verdict: Verdict) -> bool | None:
        """Return whether an alarm has to stand from now on; None if that stays as it is."""
        if verdict.outcome is not Outcome.MISSED:
            self._misses = 0
            return False
        self._misses += 1
        return True if self._misses >= _MISSES else None

"""The figures of a set of calls. Each definition is stated; the raw times are kept elsewhere for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallTimes:
    """One finished call. ``wait_s`` counts from the ring to an operator's answer, or to the hang-up."""

    wait_s: float
    was_answered: bool


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What a set of calls amounts to. Shares are between 0 and 1; None where there were no calls."""

    calls: int
    answered: int
    abandoned: int
    answered_in_target: float | None
    """Answered within the target, of all calls: an abandoned call counts against us (EU 112)."""
    mean_answer_s: float | None
    """ASA: the mean of the answered calls' waits."""
    mean_of_longest_tenth_s: float | None
    """The mean of the longest tenth of the answered calls' waits, at least one (EU 112)."""
    abandonment: float | None


def measure(calls: Sequence[CallTimes], target_s: float) -> ServiceLevel:
    """Return the figures of ``calls`` for an answer within ``target_s``."""
    waits = sorted(call.wait_s for call in calls if call.was_answered)
    answered, total = len(waits), len(calls)
    longest = waits[-max(1, answered // 10) :] if waits else []
    return ServiceLevel(
        calls=total,
        answered=answered,
        abandoned=total - answered,
        answered_in_target=sum(wait <= target_s for wait in waits) / total if total else None,
        mean_answer_s=sum(waits) / answered if answered else None,
        mean_of_longest_tenth_s=sum(longest) / len(longest) if longest else None,
        abandonment=(total - answered) / total if total else None,
    )

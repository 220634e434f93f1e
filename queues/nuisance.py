"""How likely a number's next call is no emergency, from what its calls were: a score with its reasons.

It orders the queue by one step at most, and is shown. It never refuses anybody. What machines notice (short
calls, silent ones, many) adds up to less than what it takes: without a person's word nobody is put back. Each
call counts less as it gets older, so every score expires by itself; real emergencies take away from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from queues.dispositions import Disposition

MOST = 100
MOST_OF_MACHINES = 40
"""What signs that no person has judged can add up to."""
_SHORT_S = 5.0
_REPEAT_S = 3600.0
_FREE_REPEATS = 2
_DAY_S = 86_400.0


class Because(StrEnum):
    """Why a score is what it is."""

    PRANK = "prank"
    GHOST = "ghost"
    TEST = "test"
    SHORT = "short"
    """Hung up, or was done, within seconds."""
    SILENT = "silent"
    """Nobody was heard."""
    REPEAT = "repeat"
    """Many calls within the last hour."""
    PLACE = "place"
    """Other numbers of the same place were pranks within a day."""
    REAL = "real"
    """An emergency, or a question: it takes away."""
    ANONYMOUS = "anonymous"
    """No number came: there is no history, and no score."""


_WEIGHTS = {Because.PRANK: 35.0, Because.GHOST: 15.0, Because.TEST: 0.0, Because.REAL: -30.0}
_MACHINE_WEIGHTS = {Because.SHORT: 4.0, Because.SILENT: 4.0, Because.REPEAT: 4.0, Because.PLACE: 8.0}
_OF_DISPOSITION = {
    Disposition.PRANK: Because.PRANK,
    Disposition.GHOST: Because.GHOST,
    Disposition.UJI_COBA: Because.TEST,
    Disposition.NORMAL: Because.REAL,
    Disposition.INFORMASI: Because.REAL,
    Disposition.LUAR_WILAYAH: Because.REAL,
}


@dataclass(frozen=True, slots=True)
class PastCall:
    """An earlier call of the same number. ``ago_s`` seconds ago it began."""

    ago_s: float
    disposition: Disposition | None = None
    """What a person said, or the default; None if nothing is said yet."""
    lasted_s: float = 0.0
    was_silent: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, how often it holds, and what it adds now."""

    because: Because
    count: int
    points: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A number's score from 0 to 100, and why, the weightiest first."""

    score: int
    reasons: tuple[Reason, ...]

    def is_suppressed(self, threshold: int) -> bool:
        """Whether its calls are put back by one step."""
        return self.score >= threshold


def stand(past: Sequence[PastCall], *, phones_at_place: int = 0, window_s: float = 14 * _DAY_S) -> Standing:
    """Return how a number stands now.

    ``phones_at_place`` are other numbers whose calls from the same place were pranks within a day. Calls
    older than ``window_s`` do not count.
    """
    people: dict[Because, list[float]] = {}
    machines: dict[Because, list[float]] = {}
    recent = [call for call in past if 0 <= call.ago_s < window_s]
    for call in recent:
        fresh = 1 - call.ago_s / window_s
        if call.disposition in _OF_DISPOSITION:
            because = _OF_DISPOSITION[call.disposition]
            people.setdefault(because, []).append(_WEIGHTS[because] * fresh)
            continue  # A person has judged it: what machines noticed says no more.
        if call.was_silent:
            machines.setdefault(Because.SILENT, []).append(_MACHINE_WEIGHTS[Because.SILENT] * fresh)
        elif call.lasted_s < _SHORT_S:
            machines.setdefault(Because.SHORT, []).append(_MACHINE_WEIGHTS[Because.SHORT] * fresh)
    repeats = sum(call.ago_s < _REPEAT_S for call in recent) - _FREE_REPEATS
    if repeats > 0:
        machines[Because.REPEAT] = [_MACHINE_WEIGHTS[Because.REPEAT]] * repeats
    if phones_at_place > 0:
        machines[Because.PLACE] = [_MACHINE_WEIGHTS[Because.PLACE]] * phones_at_place
    noticed = sum(map(sum, machines.values()))
    share = min(1.0, MOST_OF_MACHINES / noticed) if noticed else 1.0
    reasons = [Reason(because, len(points), round(sum(points), 1)) for because, points in people.items()]
    reasons += [
        Reason(because, len(points), round(share * sum(points), 1)) for because, points in machines.items()
    ]
    total = sum(map(sum, people.values())) + share * noticed
    reasons.sort(key=lambda reason: (-abs(reason.points), reason.because))
    return Standing(round(min(max(total, 0.0), MOST)), tuple(reasons))


def expires_in_s(past: Sequence[PastCall], threshold: int, window_s: float = 14 * _DAY_S) -> float:
    """Return in how many seconds the score is below ``threshold`` if nobody calls, in whole hours."""
    later_s = 0.0
    while later_s <= window_s:
        aged = [
            PastCall(call.ago_s + later_s, call.disposition, call.lasted_s, call.was_silent) for call in past
        ]
        if not stand(aged, window_s=window_s).is_suppressed(threshold):
            return later_s
        later_s += 3600.0
    return window_s


ANONYMOUS = Standing(0, (Reason(Because.ANONYMOUS, 1, 0.0),))
"""Who calls without a number, or without a SIM: nothing is known, so nothing is held against her."""

"""A forecast: how many calls each interval of the day brings, and what a surge would make of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from queues.staffing.errors import StaffingInvalid

_DAY_S = 86_400
_START = re.compile(r"(?:\d{4}-\d\d-\d\d[T ])?([01]\d|2[0-3]):([0-5]\d)")
_SURGE = re.compile(r"(\d+(?:\.\d+)?)x@(\d\d:\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval of a forecast."""

    start: str
    """``18:30`` or ``2026-11-24T18:30``, local."""
    length_s: float
    calls: float
    aht_s: float
    """What one call takes an operator: talk and wrap-up."""

    @property
    def calls_per_s(self) -> float:
        return self.calls / self.length_s


@dataclass(frozen=True, slots=True)
class Surge:
    """So many times the calls between two times of the day; the second may be on the next."""

    factor: float
    since_s: int
    until_s: int

    def share_of(self, interval: Interval) -> float:
        """Return how much of an interval it covers, between 0 and 1."""
        began = seconds_of(interval.start)
        length = (self.until_s - self.since_s) % _DAY_S or _DAY_S
        covered = 0.0
        # An interval may reach over midnight, and so may a surge.
        for day in (-_DAY_S, 0, _DAY_S):
            since = self.since_s + day
            overlap = min(began + interval.length_s, since + length) - max(began, since)
            covered += max(0.0, overlap)
        return min(1.0, covered / interval.length_s)


def parse_surge(text: str) -> Surge:
    """Return the surge of ``3x@18:00-20:00``.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    found = _SURGE.fullmatch(text.strip())
    if found is None:
        raise StaffingInvalid("surge", f"{text!r}: a factor and two times, such as 3x@18:00-20:00")
    return Surge(float(found[1]), _time("surge", found[2]), _time("surge", found[3]))


def seconds_of(start: str) -> int:
    """Return how many seconds into its day an interval begins.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    return _time("start", start)


def surged(intervals: Iterable[Interval], surges: Sequence[Surge]) -> list[Interval]:
    """Return a forecast with its surges. An interval that a surge covers in part has that part of it."""
    found = []
    for interval in intervals:
        calls = interval.calls
        for surge in surges:
            calls *= 1 + (surge.factor - 1) * surge.share_of(interval)
        found.append(replace(interval, calls=calls))
    return found


def together(intervals: Iterable[Interval]) -> list[Interval]:
    """Join intervals of one start, such as those of each kind: calls add up, their times are weighed."""
    found: dict[str, Interval] = {}
    for one in intervals:
        have = found.get(one.start)
        if have is None:
            found[one.start] = one
            continue
        calls = have.calls + one.calls
        work_s = have.calls * have.aht_s + one.calls * one.aht_s
        found[one.start] = replace(have, calls=calls, aht_s=work_s / calls if calls else have.aht_s)
    return list(found.values())


def _time(field: str, text: str) -> int:
    found = _START.fullmatch(text)
    if found is None:
        raise StaffingInvalid(field, f"{text!r}: a time of the day, such as 18:30, or 2026-11-24T18:30")
    return int(found[1]) * 3600 + int(found[2]) * 60

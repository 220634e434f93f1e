"""The fewest operators that meet a goal, interval by interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from queues.staffing import erlang, patience
from queues.staffing.demand import Interval
from queues.staffing.erlang import Queue
from queues.staffing.errors import StaffingInvalid

_HAIR = 1e-9
"""So much may be lacking: 7 / 0.7 must be 10 operators, not 11."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a plan has to meet. Raises :class:`~queues.staffing.errors.StaffingInvalid` if nobody could."""

    answered_share: float = 0.90
    """So much of all calls..."""
    within_s: float = 10.0
    """... is answered within this."""
    max_occupancy: float = 1.0
    """Nobody is to be busier than this."""
    shrinkage: float = 0.0
    """The share of paid time in which an operator is not at her desk: breaks, leave, training."""
    least: int = 1
    """So many are there, however quiet it is."""
    patience_s: float | None = None
    """The mean time until a caller gives up (Erlang A); None where nobody does (Erlang C)."""

    def __post_init__(self) -> None:
        if not 0 < self.answered_share < 1:
            raise StaffingInvalid("service_level", f"{self.answered_share:.0%}: above 0 % and below 100 %")
        if not 0 < self.max_occupancy <= 1:
            raise StaffingInvalid("max_occupancy", f"{self.max_occupancy}: above 0 and at most 1")
        if not 0 <= self.shrinkage < 1:
            raise StaffingInvalid("shrinkage", f"{self.shrinkage}: at least 0 and below 1")
        if self.patience_s is not None and not self.patience_s > 0:
            raise StaffingInvalid("patience_s", f"{self.patience_s}: seconds above 0")
        erlang.check_count("least", self.least)
        erlang.check_time("within_s", self.within_s)


@dataclass(frozen=True, slots=True)
class Planned:
    """The operators of one interval, and what its callers meet then."""

    interval: Interval
    operators: int
    """At their desks, ready."""
    scheduled: int
    """On the roster, so that as many are at their desks."""
    meets: Queue
    bound_by: str
    """What made it so many: ``service level``, ``occupancy`` or ``least``."""


def plan(intervals: Iterable[Interval], goal: Goal) -> list[Planned]:
    """Return the operators that each interval needs, each taken as if it went on for ever.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    return [_planned(interval, goal) for interval in intervals]


def fare(interval: Interval, operators: int, goal: Goal) -> Queue:
    """Return what an interval's callers meet with so many operators.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    if goal.patience_s is None:
        return erlang.queue(interval.calls_per_s, interval.aht_s, operators, goal.within_s)
    return patience.queue(interval.calls_per_s, interval.aht_s, goal.patience_s, operators, goal.within_s)


def rostered(operators: int, shrinkage: float) -> int:
    """Return how many have to be on the roster for so many at their desks."""
    return ceil(operators / (1 - shrinkage) - _HAIR)


def _planned(interval: Interval, goal: Goal) -> Planned:
    load = erlang.load_of(interval.calls_per_s, interval.aht_s)
    for_level = _fewest(interval, goal)
    for_rest = _fewest_rested(interval, goal, for_level)
    operators = max(for_level, for_rest, goal.least)
    if operators == for_level and load > 0:
        bound_by = "service level"
    else:
        bound_by = "occupancy" if operators == for_rest and load > 0 else "least"
    meets = fare(interval, operators, goal)
    return Planned(interval, operators, rostered(operators, goal.shrinkage), meets, bound_by)


def _fewest(interval: Interval, goal: Goal) -> int:
    """Search: who adds an operator never makes a wait longer."""

    def is_met(operators: int) -> bool:
        return fare(interval, operators, goal).answered_in_time >= goal.answered_share

    if is_met(0):
        return 0
    few, enough = 0, max(1, floor(erlang.load_of(interval.calls_per_s, interval.aht_s)))
    while not is_met(enough):
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if is_met(middle) else (middle, enough)
    return enough


def _fewest_rested(interval: Interval, goal: Goal, at_least: int) -> int:
    """Return how many keep occupancy below its limit; who gives up keeps nobody busy."""
    operators = max(at_least, 1)
    if goal.patience_s is None:
        load = erlang.load_of(interval.calls_per_s, interval.aht_s)
        return max(operators, ceil(load / goal.max_occupancy - _HAIR))
    while fare(interval, operators, goal).occupancy > goal.max_occupancy + _HAIR:
        operators += 1
    return operators

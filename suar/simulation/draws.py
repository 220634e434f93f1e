"""Callers by chance. Each aspect has a generator of its own: changing one leaves the others as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from math import exp, inf, log, sqrt
from random import Random

from queues.staffing.demand import Interval, seconds_of
from suar.simulation.engine import Caller

_DAY_S = 86_400

Draw = Callable[[], float]


class Shape(StrEnum):
    """How lengths of talks are spread about their mean."""

    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"


def lengths(shape: Shape, mean_s: float, random: Random, variation: float = 1.0) -> Draw:
    """Return a draw of lengths with this mean; ``variation`` is a lognormal's deviation over its mean."""
    if shape is Shape.EXPONENTIAL:
        return lambda: random.expovariate(1 / mean_s)
    spread = log(1 + variation**2)
    middle = log(mean_s) - spread / 2
    return lambda: exp(middle + sqrt(spread) * random.gauss(0, 1))


def patience(mean_s: float | None, random: Random) -> Draw:
    """Return a draw of how long a caller waits before she gives up: exponential, or without end for None."""
    return (lambda: inf) if mean_s is None else (lambda: random.expovariate(1 / mean_s))


def steady(
    calls_per_s: float, number: int, talk: Draw, gives_up: Draw, queue: str, seed: int
) -> Iterator[Caller]:
    """Yield ``number`` callers who come at random at one rate (Poisson)."""
    random, at_s = Random(f"arrivals-{seed}"), 0.0
    for index in range(number):
        at_s += random.expovariate(calls_per_s)
        yield Caller(f"c{index}", at_s, queue, talk(), patience_s=gives_up())


def by_forecast(
    intervals: Sequence[Interval],
    days: int,
    talk_of: Callable[[float], Draw],
    gives_up: Draw,
    queue: str,
    seed: int,
) -> Iterator[Caller]:
    """Yield the callers of so many days, each like the forecast's: Poisson at each interval's rate.

    ``talk_of`` returns the draw of talks with a mean. Intervals without calls bring nobody.
    """
    random = Random(f"arrivals-{seed}")
    day = sorted(intervals, key=lambda one: seconds_of(one.start))
    talks = {one.aht_s: talk_of(one.aht_s) for one in day}
    index = 0
    for number in range(days):
        for one in day:
            if one.calls <= 0:
                continue
            at_s = float(number * _DAY_S + seconds_of(one.start))
            end_s = at_s + one.length_s
            # What is left of an exponential gap is exponential again: each interval may begin anew.
            while (at_s := at_s + random.expovariate(one.calls_per_s)) < end_s:
                yield Caller(f"c{index}", at_s, queue, talks[one.aht_s](), patience_s=gives_up())
                index += 1

"""The simulated distribution against Erlang's formulas: many runs, and how many standard errors off."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import fmean, stdev

from queues.policy import AcdPolicy, QueuePolicy
from queues.vocabulary import OperatorSignedOn
from suar.simulation.draws import Shape, lengths, patience, steady
from suar.simulation.engine import Simulation, Story
from tests.anchors import AnchorA, AnchorC

_QUEUE = "all"
_WAITS_S = 1e-9
# As the formulas have it: no wrap-up, nobody lets a phone ring, nothing is relaxed or overflows.
_POLICY = AcdPolicy({_QUEUE: QueuePolicy(1e6, 0.0, 1e9)}, relax_after_s=0.0)


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure: the formula's, the mean of the runs, and its standard error."""

    name: str
    theory: float
    mean: float
    error: float

    @property
    def sigmas(self) -> float:
        return abs(self.mean - self.theory) / self.error if self.error else 0.0


def relaxation(row: AnchorC | AnchorA) -> float:
    """Return how many calls come while a queue that nobody leaves forgets how it began.

    The time is the service time over (√N − √A)²; where callers give up, it is shorter.
    """
    load = row.calls_per_s * row.aht_s
    if isinstance(row, AnchorA):
        return row.calls_per_s * max(row.aht_s, row.patience_s)
    return row.calls_per_s * row.aht_s / (sqrt(row.operators) - sqrt(load)) ** 2


def simulate(row: AnchorC | AnchorA, seed: int, calls: int, warm_up: int) -> list[Story]:
    """Return the stories of ``calls`` callers who come after ``warm_up`` others."""
    name = f"{row.number}-{seed}"
    patience_s = row.patience_s if isinstance(row, AnchorA) else None
    talk = lengths(Shape.EXPONENTIAL, row.aht_s, Random(f"talk-{name}"))
    gives_up = patience(patience_s, Random(f"patience-{name}"))
    callers = steady(
        row.calls_per_s, warm_up + calls, talk, gives_up, _QUEUE, seed=row.number * 100_000 + seed
    )
    operators = [OperatorSignedOn(f"op{index}", (_QUEUE,)) for index in range(row.operators)]
    began = {f"c{index}" for index in range(warm_up)}
    return [
        story for story in Simulation(_POLICY, operators).run(callers) if story.caller.call_id not in began
    ]


def compare(row: AnchorC | AnchorA, seeds: range, calls: int, warm_up: int) -> list[Compared]:
    """Return each figure of a point beside what the runs gave."""
    runs = [_figures(row, simulate(row, seed, calls, warm_up)) for seed in seeds]
    theory = {"waits": row.waits, "in time": row.answered_in_time}
    if isinstance(row, AnchorA):
        theory |= {"gives up": row.abandons, "wait s": row.wait_s}
    else:
        theory |= {"ASA s": row.asa_s}
    return [
        Compared(
            name,
            value,
            fmean(run[name] for run in runs),
            stdev(run[name] for run in runs) / sqrt(len(runs)),
        )
        for name, value in theory.items()
    ]


def _figures(row: AnchorC | AnchorA, stories: list[Story]) -> dict[str, float]:
    total, wait_s = len(stories), sum(story.wait_s for story in stories)
    answered = [story for story in stories if story.operator is not None]
    return {
        "waits": sum(story.wait_s > _WAITS_S for story in stories) / total,
        "in time": sum(story.wait_s <= row.within_s for story in answered) / total,
        "gives up": (total - len(answered)) / total,
        "wait s": wait_s / total,
        "ASA s": wait_s / total,
    }

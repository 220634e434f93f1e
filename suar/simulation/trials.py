"""The columns of a comparison: the same callers, with so many operators, by these rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from random import Random

from queues.measures.calls import MeasuredCall
from queues.measures.errors import RecordUnusable
from queues.measures.figures import Figures
from queues.measures.reports import Reporter
from queues.measures.tally import Rules
from queues.policy import AcdPolicy
from queues.staffing.demand import Interval
from queues.vocabulary import OperatorSignedOn
from suar.report.errors import NothingToRead
from suar.report.reading import find
from suar.report.reading import measure as measure_what_was
from suar.simulation.comparison import drawn, measure
from suar.simulation.draws import Shape, by_forecast, lengths, patience
from suar.simulation.engine import Caller, Shift, Simulation
from suar.simulation.history import History, remember
from suar.simulation.roster import Roster, read_roster
from suar.simulation.rules import policy_of, read_policy, staff_of
from suar.workplace import Workplace

_AWAY_S = 60.0
"""How long an operator who let a phone ring stays away: no journal says it."""
_DAY_MS = 86_400_000
_BEGAN = datetime(2024, 1, 1)
"""A forecast has no date: this one stands for its first day."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One column: so many operators, by these rules."""

    name: str
    staff: list[OperatorSignedOn]
    policy: AcdPolicy
    roster: Roster | None = None
    """Who of the staff is at her desk when; None: everybody, always."""

    def shifts(self, period: tuple[int, int], zone: tzinfo) -> list[Shift]:
        """Return who comes and goes in a period."""
        if self.roster is None:
            return []
        return self.roster.shifts([one.operator_id for one in self.staff], period, zone)


def trials_of(
    work: Workplace, operators: list[int] | None, path: Path | None, plans: list[Path] | None = None
) -> list[Trial]:
    """Return a column for each number of operators and each plan, by the city's rules and by a policy's.

    Raises :class:`~suar.simulation.errors.SimulationRefused`.
    """
    rosters = [read_roster(plan) for plan in plans or ()]
    ours = policy_of(work.city)
    other = read_policy(path, ours) if path else None
    numbers = operators or ([] if rosters else [len(work.city.operators)])
    columns = [(f"{number} operators", str(number), number, None) for number in numbers]
    trials = []
    for name, short, number, roster in columns + [(one.name, one.name, one.most, one) for one in rosters]:
        staff = staff_of(work.city, number)
        trials.append(Trial(name, staff, ours, roster))
        if other is not None and path is not None:
            trials.append(Trial(f"{short}, {path.stem}", staff, other, roster))
    return trials


def by_journal(
    work: Workplace,
    trials: list[Trial],
    rules: Rules,
    period: tuple[int, int],
    journal: Path | None,
    seed: int,
) -> dict[str, Figures]:
    """Return what was, and what each trial makes of the same callers.

    Raises :class:`~suar.report.errors.ReportError` and :class:`~suar.simulation.errors.SimulationRefused`.
    """
    zone = work.city.zone
    was = measure_what_was(find(work, *period, journal), Reporter(*period, zone, rules=rules))
    try:
        history = remember(find(work, *period, journal).calls(), work.city, *period, seed)
    except (OSError, RecordUnusable) as error:
        raise NothingToRead(str(error)) from error
    return {"as it was": was.total.all} | {
        one.name: _tried(one, history, period, rules, work, seed) for one in trials
    }


def _tried(
    trial: Trial, history: History, period: tuple[int, int], rules: Rules, work: Workplace, seed: int
) -> Figures:
    zone, answers = work.city.zone, history.answers(seed)
    shifts = trial.shifts(period, zone)
    simulation = Simulation(trial.policy, trial.staff, answer=answers, away_s=_AWAY_S, shifts=shifts)
    stories = {story.caller.call_id: story for story in simulation.run(history.callers)}
    return measure(history.calls, stories, trial.staff, trial.policy, period, zone, rules, _AWAY_S, shifts)


def by_drawing(
    work: Workplace,
    trials: list[Trial],
    rules: Rules,
    intervals: Sequence[Interval],
    days: int,
    shape: Shape,
    gives_up_s: float | None,
    pickup_s: float,
    seed: int,
) -> dict[str, Figures]:
    """Return what each trial makes of the same drawn callers."""
    zone = work.city.zone
    began_ms = round(_BEGAN.replace(tzinfo=zone).timestamp() * 1000)
    period = (began_ms, began_ms + days * _DAY_MS)
    kind = work.city.fallback_kind

    def callers(policy: AcdPolicy) -> Iterator[Caller]:
        talk_random = Random(f"talk-{seed}")
        # A forecast's AHT has the wrap-up in it: the talk is what the rule leaves of it.
        rule_s = policy.queues[kind.queue].wrap_up_s
        for one in by_forecast(
            intervals,
            days,
            lambda mean_s: lengths(shape, mean_s, talk_random),
            patience(gives_up_s, Random(f"patience-{seed}")),
            kind.queue,
            seed,
        ):
            wrap_up_s = min(rule_s, one.talk_s / 2)
            yield replace(
                one,
                at_s=one.at_s + began_ms / 1000,
                talk_s=one.talk_s - wrap_up_s,
                wrap_up_s=wrap_up_s,
                language=work.city.languages[0],
            )

    def answer() -> float | None:
        return pickup_s

    columns = {}
    for trial in trials:
        shifts = trial.shifts(period, zone)
        simulation = Simulation(trial.policy, trial.staff, answer=answer, away_s=_AWAY_S, shifts=shifts)
        stories = {story.caller.call_id: story for story in simulation.run(callers(trial.policy))}
        calls: Iterator[MeasuredCall] = (drawn(story, 0) for story in stories.values())
        columns[trial.name] = measure(
            calls, stories, trial.staff, trial.policy, period, zone, rules, _AWAY_S, shifts
        )
    return columns

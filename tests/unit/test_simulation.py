"""The distribution in virtual time: it does what the ACD does, and meets Erlang's formulas."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from random import Random
from statistics import fmean, stdev

import pytest

from queues.policy import AcdPolicy, QueuePolicy
from queues.staffing.demand import Interval
from queues.vocabulary import OperatorSignedOn
from suar.simulation.draws import Shape, by_forecast, lengths, patience
from suar.simulation.engine import Answer, Caller, Shift, Simulation, Story, at_once
from suar.simulation.errors import SimulationRefused
from suar.simulation.roster import parse_roster
from tests.anchors import ERLANG_A, ERLANG_C, AnchorA, AnchorC
from tests.referee import compare

POLICY = AcdPolicy({"all": QueuePolicy(10.0, 30.0, 10.0)}, relax_after_s=0.0)


def run(*callers: Caller, operators: int = 1, answer: Answer = at_once, away_s: float = 60.0) -> list[Story]:
    people = [OperatorSignedOn(f"op{index}", ("all",)) for index in range(operators)]
    return list(Simulation(POLICY, people, answer=answer, away_s=away_s).run(callers))


@pytest.mark.parametrize("row", [ERLANG_C[5], ERLANG_C[6], ERLANG_A[5]], ids=lambda row: str(row.number))
def test_a_slice_of_the_bench_meets_the_formulas(row: AnchorC | AnchorA) -> None:
    """Twelve runs of a small centre, with and without callers who give up; `make bench` has all 21 points."""
    for one in compare(row, range(1, 13), calls=800, warm_up=100):
        assert one.sigmas <= 3, one


def test_the_next_caller_waits_for_talk_and_wrap_up() -> None:
    """An operator, 100 s of talk and the queue's 30 s; then the second caller is answered."""
    first, second = run(Caller("a", 0, "all", 100), Caller("b", 10, "all", 50))
    assert (first.answered_s, first.ended_s) == (0, 100)
    assert (second.answered_s, second.wait_s, second.ended_s) == (130, 120, 180)


def test_a_wrap_up_that_needs_less_than_the_rule_ends_sooner() -> None:
    """After ten seconds she says that she is ready; one who needs more has the rule's."""
    _, second = run(Caller("a", 0, "all", 100, wrap_up_s=10), Caller("b", 10, "all", 50))
    assert second.answered_s == 110
    _, second = run(Caller("a", 0, "all", 100, wrap_up_s=90), Caller("b", 10, "all", 50))
    assert second.answered_s == 130


def test_who_has_waited_long_enough_hangs_up() -> None:
    """Whether or not a phone is ringing for her."""
    stories = run(Caller("a", 0, "all", 100), Caller("b", 10, "all", 50, patience_s=20))
    assert [(story.caller.call_id, story.operator, story.wait_s) for story in stories] == [
        ("b", None, 20),
        ("a", "op0", 0),
    ]
    (ringing,) = run(Caller("a", 0, "all", 100, patience_s=3), answer=lambda: 5.0)
    assert (ringing.operator, ringing.wait_s, ringing.rings[0].took) == (None, 3, False)


def test_a_phone_that_nobody_takes_rings_out_and_the_next_one_rings() -> None:
    """The first operator is away for a minute, and ready again for the caller after that."""
    answers = iter([None, 2.0, 2.0])
    first, second = run(
        Caller("a", 0, "all", 100), Caller("b", 71, "all", 10), operators=2, answer=lambda: next(answers)
    )[::-1]
    assert [(ring.operator, ring.took, ring.ended_s) for ring in first.rings] == [
        ("op0", False, 10),
        ("op1", True, 12),
    ]
    assert (second.operator, second.answered_s) == ("op0", 73)


def test_what_was_due_between_two_callers_has_happened_before_the_second() -> None:
    """Nobody is there when the operator comes back: time does not go backwards."""
    answers = iter([None, 1.0])
    gone, served = run(
        Caller("a", 0, "all", 10, patience_s=15), Caller("b", 500, "all", 10), answer=lambda: next(answers)
    )
    assert (gone.operator, gone.wait_s) == (None, 15)
    assert (served.operator, served.answered_s) == ("op0", 501)


def test_who_waits_for_nobody_waits_without_end() -> None:
    """And the run ends all the same."""
    (story,) = run(Caller("a", 0, "all", 10), operators=0)
    assert (story.operator, story.wait_s) == (None, inf)


def test_the_most_urgent_is_served_first() -> None:
    """It is the ACD that decides, not the simulation."""
    stories = run(
        Caller("a", 0, "all", 10),
        Caller("b", 1, "all", 10, priority=1),
        Caller("c", 2, "all", 10, priority=0),
    )
    assert [story.caller.call_id for story in stories] == ["a", "c", "b"]


@pytest.mark.parametrize(("shape", "variation"), [(Shape.EXPONENTIAL, 1.0), (Shape.LOGNORMAL, 0.5)])
def test_lengths_have_the_mean_and_the_spread_that_were_asked_for(shape: Shape, variation: float) -> None:
    """Of forty thousand."""
    draw = lengths(shape, 150, Random("lengths"), variation)
    found = [draw() for _ in range(40_000)]
    assert fmean(found) == pytest.approx(150, rel=0.02)
    assert stdev(found) / fmean(found) == pytest.approx(variation, rel=0.05)


def test_a_forecasts_callers_come_in_order_at_its_rates_and_the_same_each_time() -> None:
    """Ten days of a quiet half-hour, a busy one and one without calls."""
    day = [Interval("18:30", 1800, 60, 90), Interval("18:00", 1800, 6, 180), Interval("19:00", 1800, 0, 90)]

    def draw(seed: int) -> list[Caller]:
        gives_up = patience(60, Random(f"patience-{seed}"))
        talk = Random(f"talk-{seed}")
        return list(
            by_forecast(day, 10, lambda mean: lengths(Shape.EXPONENTIAL, mean, talk), gives_up, "all", seed)
        )

    callers = draw(1)
    assert callers == draw(1) != draw(2)
    assert [one.at_s for one in callers] == sorted(one.at_s for one in callers)
    in_hour = [one.at_s % 86_400 for one in callers]
    quiet = sum(64_800 <= at < 66_600 for at in in_hour)
    busy = sum(66_600 <= at < 68_400 for at in in_hour)
    assert quiet + busy == len(callers)
    assert quiet == pytest.approx(60, abs=24)
    assert busy == pytest.approx(600, abs=75)


def test_an_operator_who_goes_finishes_her_call_and_its_wrap_up() -> None:
    """One goes at 50 s, in a talk to 100 s, and comes back at 400 s: who rang meanwhile waits for her."""
    people = [OperatorSignedOn("op0", ("all",))]
    shifts = [Shift(50, "op0", begins=False), Shift(400, "op0", begins=True)]
    callers = [Caller("a", 0, "all", 100, wrap_up_s=10), Caller("b", 60, "all", 50)]
    first, second = Simulation(POLICY, people, shifts=shifts).run(callers)
    assert (first.ended_s, second.answered_s) == (100, 400)


def test_a_plan_holds_from_each_start_to_the_next_on_every_day() -> None:
    """From noon to noon over midnight, with two at night and three by day; the third goes and comes."""
    roster = parse_roster(["start,length_s,operators", "08:00,1800,3", "20:30,1800,2"], "plan.csv")
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    period = (round(noon.timestamp() * 1000), round(noon.timestamp() * 1000) + 86_400_000)
    assert roster.most == 3
    assert roster.shifts(["a", "b", "c"], period, UTC) == [
        Shift(noon.timestamp() + 8.5 * 3600, "c", begins=False),
        Shift(noon.timestamp() + 20 * 3600, "c", begins=True),
    ]


def test_a_plan_with_days_holds_before_its_first_line_and_after_its_last() -> None:
    roster = parse_roster(["start,operators", "2026-11-24T18:00,1", "2026-11-24 18:30,2"], "plan.csv")
    at_six = datetime(2026, 11, 24, 18, tzinfo=UTC).timestamp()
    period = (round((at_six - 3600) * 1000), round((at_six + 36_000) * 1000))
    assert roster.shifts(["a", "b"], period, UTC) == [
        Shift(at_six - 3600, "b", begins=False),
        Shift(at_six + 1800, "b", begins=True),
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["start,calls", "18:00,4"], "no column operators"),
        (["start,operators", "25:00,4"], "line 2"),
        (["start,operators", "18:00,four"], "line 2: operators: 'four'"),
        (["start,operators", "18:00,4", "18:00,5"], "line 3: start: 18:00 stands twice"),
        (["start,operators", "18:00,4", "2026-11-24T18:00,5"], "every line a day, or none"),
        (["start,operators", "2026-02-30T18:00,5"], "line 2"),
        (["start,operators", "18:00,0"], "nobody at any time"),
        (["start,operators"], "no line"),
    ],
)
def test_a_plan_that_cannot_be_read_names_its_line_and_field(lines: list[str], problem: str) -> None:
    with pytest.raises(SimulationRefused, match=problem):
        parse_roster(lines, "plan.csv")

"""Erlang's formulas against published values, and the plan that is made of them."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queues.staffing import erlang, patience
from queues.staffing.demand import Interval, parse_surge, surged, together
from queues.staffing.errors import StaffingInvalid
from queues.staffing.plan import Goal, fare, plan, rostered
from tests.anchors import ERLANG_A, ERLANG_C, AnchorA, AnchorC


@pytest.mark.parametrize(
    ("servers", "blocking", "load"),
    [
        (1, 0.01, 0.0101),
        (2, 0.01, 0.153),
        (5, 0.01, 1.36),
        (10, 0.001, 3.09),
        (10, 0.01, 4.46),
        (10, 0.05, 6.22),
        (20, 0.01, 12.0),
        (50, 0.01, 37.9),
        (100, 0.01, 84.1),
    ],
)
def test_erlang_b_is_that_of_the_traffic_tables(servers: int, blocking: float, load: float) -> None:
    """The load that a trunk group carries at a blocking, to the three digits that tables print."""
    assert erlang.erlang_b(load, servers) == pytest.approx(blocking, rel=0.03)
    assert erlang.channels_needed(load * 0.99, blocking) == servers
    assert erlang.channels_needed(load * 1.02, blocking) > servers


@pytest.mark.parametrize(("load", "operators", "waits"), [(1, 2, 1 / 3), (1, 3, 1 / 11), (1, 4, 1 / 49)])
def test_erlang_c_is_that_of_the_textbooks(load: float, operators: int, waits: float) -> None:
    """Fractions that are worked out by hand."""
    assert erlang.erlang_c(load, operators) == pytest.approx(waits, rel=1e-12)


@pytest.mark.parametrize("row", ERLANG_C, ids=lambda row: str(row.number))
def test_erlang_c_meets_its_anchors(row: AnchorC) -> None:
    """Fifteen points, worked out with forty digits; the first is the textbook case of 10 erlang."""
    found = erlang.queue(row.calls_per_s, row.aht_s, row.operators, row.within_s)
    assert erlang.erlang_b(row.load, row.operators) == pytest.approx(row.blocked, abs=5e-10)
    assert found.waits == pytest.approx(row.waits, abs=5e-10)
    assert found.answered_in_time == pytest.approx(row.answered_in_time, abs=5e-10)
    assert found.asa_s == pytest.approx(row.asa_s, abs=5e-7)
    assert found.waiting == pytest.approx(row.waiting, abs=5e-7)


def test_the_ninetieth_percentile_is_that_of_the_published_example() -> None:
    """48 erlang and 50 operators: nine of ten callers wait at most 58.1 s."""
    assert erlang.wait_quantile_s(48, 60, 50, 0.9) == pytest.approx(58.1387, abs=1e-4)


@pytest.mark.parametrize("row", ERLANG_A, ids=lambda row: str(row.number))
def test_erlang_a_meets_its_anchors(row: AnchorA) -> None:
    """Six points that were summed state by state; here they are integrals, another way to the same."""
    found = patience.queue(row.calls_per_s, row.aht_s, row.patience_s, row.operators, row.within_s)
    assert found.waits == pytest.approx(row.waits, abs=5e-9)
    assert found.abandons == pytest.approx(row.abandons, abs=5e-9)
    assert found.asa_s == pytest.approx(row.wait_s, abs=5e-6)
    assert found.waiting == pytest.approx(row.waiting, abs=5e-6)
    assert found.occupancy == pytest.approx(row.occupancy, abs=5e-6)
    assert found.answered_in_time == pytest.approx(row.answered_in_time, abs=5e-8)


@given(
    load=st.floats(0.01, 3000),
    spare=st.integers(-50, 200),
    aht_s=st.floats(5, 900),
    patience_s=st.floats(5, 3600),
)
@settings(max_examples=60)
def test_erlang_a_keeps_what_must_hold(load: float, spare: int, aht_s: float, patience_s: float) -> None:
    """Shares are shares, Little's law holds, and one operator more never makes it worse."""
    operators = max(1, round(load) + spare)
    one, more = (patience.queue(load / aht_s, aht_s, patience_s, n, 10) for n in (operators, operators + 1))
    for found in (one, more):
        for share in (found.waits, found.abandons, found.answered_in_time, found.occupancy):
            assert -1e-9 <= share <= 1 + 1e-9
        assert found.waiting == pytest.approx(load / aht_s * found.asa_s)
    assert more.abandons <= one.abandons + 1e-9
    assert more.answered_in_time >= one.answered_in_time - 1e-9


def test_endless_patience_is_erlang_c() -> None:
    """The two formulas meet."""
    with_c = erlang.queue(0.05, 180, 14, 20)
    with_a = patience.queue(0.05, 180, 1e9, 14, 20)
    assert with_a.asa_s == pytest.approx(with_c.asa_s, rel=1e-5)
    assert with_a.answered_in_time == pytest.approx(with_c.answered_in_time, rel=1e-6)


def test_large_loads_do_not_overflow() -> None:
    """Eighteen thousand erlang: factorials would have ended at 170."""
    found = erlang.queue(100, 180, 18_100, 10)
    assert 0.3 < found.waits < 0.4
    assert patience.queue(100, 180, 60, 18_000, 10).abandons == pytest.approx(0.0038, abs=2e-4)


def test_too_few_operators_have_a_queue_that_only_grows() -> None:
    """Nobody is answered in time, and the wait has no end; who gives up makes an end of it."""
    found = erlang.queue(1, 60, 60, 10)
    assert (found.waits, found.answered_in_time, found.asa_s) == (1.0, 0.0, inf)
    assert patience.queue(1, 60, 30, 60, 10).asa_s < 30


# -------------------------------------------------------------------------------------------- plans


def half_hour(calls: float, aht_s: float = 180, start: str = "18:00") -> Interval:
    return Interval(start, 1800, calls, aht_s)


def test_the_textbook_example_needs_fourteen() -> None:
    """A hundred calls of three minutes in half an hour, 80 % within 20 s: 13 just fail."""
    (found,) = plan([half_hour(100)], Goal(0.80, 20, shrinkage=0.30))
    assert (found.operators, found.scheduled, found.bound_by) == (14, 20, "service level")
    assert fare(half_hour(100), 13, Goal(0.80, 20)).answered_in_time < 0.80


@given(calls=st.floats(0, 400), patience_s=st.one_of(st.none(), st.floats(20, 600)))
@settings(max_examples=40)
def test_a_plan_meets_its_goal_and_one_less_does_not(calls: float, patience_s: float | None) -> None:
    """The fewest that will do."""
    goal = Goal(0.9, 15, max_occupancy=0.85, patience_s=patience_s)
    (found,) = plan([half_hour(calls)], goal)
    assert found.meets.answered_in_time >= 0.9
    assert found.meets.occupancy <= 0.85 + 1e-6
    if found.operators > 1:
        less = fare(half_hour(calls), found.operators - 1, goal)
        assert less.answered_in_time < 0.9 or less.occupancy > 0.85


def test_what_bounds_a_plan_is_said() -> None:
    """A busy centre meets its service level long before its operators get a breath."""
    (busy,) = plan([half_hour(2000)], Goal(0.9, 10, max_occupancy=0.8))
    assert (busy.bound_by, busy.meets.occupancy <= 0.8) == ("occupancy", True)
    (quiet,) = plan([half_hour(0)], Goal(least=2))
    assert (quiet.bound_by, quiet.operators) == ("least", 2)


def test_a_roster_is_rounded_up_and_not_by_a_hair() -> None:
    """Seven at their desks at 30 % shrinkage are ten."""
    assert [rostered(7, 0.3), rostered(8, 0.3), rostered(0, 0.3)] == [10, 12, 0]


def test_kinds_of_one_interval_are_weighed_by_their_calls() -> None:
    """Ten calls of 180 s and thirty of 20 s are forty of 60 s."""
    assert together([half_hour(10), half_hour(30, 20)]) == [half_hour(40, 60)]


@pytest.mark.parametrize(
    ("surge", "start", "calls"),
    [
        ("3x@18:00-20:00", "18:00", 30),
        ("3x@18:00-20:00", "20:00", 10),
        ("3x@18:15-20:00", "18:00", 20),
        ("3x@23:00-01:00", "00:30", 30),
        ("3x@23:00-01:00", "2026-11-24T23:30", 30),
        ("0.5x@00:00-00:00", "12:00", 5),
    ],
)
def test_a_surge_multiplies_what_it_covers(surge: str, start: str, calls: float) -> None:
    """Half an interval has half of it; it may pass midnight, or be the whole day."""
    (found,) = surged([half_hour(10, start=start)], [parse_surge(surge)])
    assert found.calls == pytest.approx(calls)


@pytest.mark.parametrize(
    "text", ["3@18:00-20:00", "x@18:00-20:00", "3x@25:00-26:00", "3x@18-20", "-1x@18:00-19:00"]
)
def test_a_surge_that_is_none_is_refused(text: str) -> None:
    """The message shows one that is."""
    with pytest.raises(StaffingInvalid, match=r"^surge: "):
        parse_surge(text)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("service_level", {"answered_share": 1.0}),
        ("max_occupancy", {"max_occupancy": 0.0}),
        ("shrinkage", {"shrinkage": 1.0}),
        ("patience_s", {"patience_s": 0.0}),
        ("within_s", {"within_s": -1.0}),
        ("within_s", {"within_s": float("nan")}),
        ("least", {"least": -1}),
    ],
)
def test_a_goal_that_nobody_can_meet_names_its_field(field: str, values: dict[str, float]) -> None:
    """Before anything is planned."""
    with pytest.raises(StaffingInvalid, match=rf"^{field}: "):
        Goal(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("calls", "aht_s", "field"), [(-1, 60, "calls"), (1, 0, "aht_s"), (inf, 60, "calls")]
)
def test_a_forecast_that_cannot_be_names_its_field(calls: float, aht_s: float, field: str) -> None:
    """Whichever formula is asked."""
    with pytest.raises(StaffingInvalid, match=rf"^{field}: "):
        plan([half_hour(calls, aht_s)], Goal())

"""The incident's life and its clock: tables and arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboards.errors import IllegalStep
from dashboards.incidents.workflow import STEPS, Stage, State, Step, advance, clock

RING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_every_step_is_in_the_table_or_refused_with_the_way_out(state: State, step: Step) -> None:
    """What the table allows is done; what it does not is refused, naming what can be done instead."""
    if (state, step) in STEPS:
        assert advance(state, step) is STEPS[state, step]
    else:
        with pytest.raises(IllegalStep, match="it can: "):
            advance(state, step)


def test_every_incident_can_be_closed_and_opened_again() -> None:
    """No state is a trap."""
    for state in State:
        if state is not State.CLOSED:
            assert advance(state, Step.CLOSE) is State.CLOSED
    assert advance(State.CLOSED, Step.REOPEN) is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("after_s", "stage"),
    [(0, Stage.RUNNING), (300, Stage.RUNNING), (301, Stage.WARNING), (420, Stage.WARNING), (421, Stage.LATE)],
)
def test_the_clock_warns_after_five_of_seven_minutes(after_s: int, stage: Stage) -> None:
    """It runs from the ring."""
    view = clock({"ring": RING}, 420, RING + timedelta(seconds=after_s))
    assert view is not None
    assert (view.stage, view.elapsed_s, view.is_running) == (stage, after_s, True)


@pytest.mark.parametrize(("after_s", "stage"), [(420, Stage.IN_TIME), (421, Stage.OVERDUE)])
def test_the_clock_stops_on_the_scene(after_s: int, stage: Stage) -> None:
    """What comes later changes nothing."""
    marks = {"ring": RING, "on_scene": RING + timedelta(seconds=after_s), "closed": RING + timedelta(hours=2)}
    view = clock(marks, 420, RING + timedelta(days=1))
    assert view is not None
    assert (view.stage, view.elapsed_s, view.is_running) == (stage, after_s, False)


def test_there_is_no_clock_before_the_ring() -> None:
    """And none runs backwards where clocks disagree."""
    assert clock({}, 420, RING) is None
    view = clock({"ring": RING}, 420, RING - timedelta(seconds=5))
    assert view is not None
    assert view.elapsed_s == 0

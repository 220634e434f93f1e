"""A forecast's file: read as it is meant, or refused with the line and the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from queues.staffing.demand import Interval, seconds_of
from suar.city import load
from suar.staff.errors import PlanRefused
from suar.staff.forecast import parse_forecast, read_forecast

CITIES = Path(__file__).parents[2] / "cities"


def test_kinds_of_one_start_are_added_and_remarks_are_passed_over() -> None:
    """Quarters of an hour, since that is how they come; the CSV's own AHT goes before the option's."""
    lines = ["# Yesterday's.\n", "start,kind,calls,aht_s\n", "18:00,fire,10,\n", "18:00,false,30,20\n", "\n"]
    found = parse_forecast([*lines, "18:15,fire,4,90\n"], 180, "f.csv")
    assert found == [Interval("18:00", 900, 40, 60), Interval("18:15", 900, 4, 90)]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["start\n", "18:00\n"], "f.csv: no column calls"),
        (["start,calls,when\n", "18:00,1,now\n"], "f.csv: unknown column when"),
        (["start,calls\n"], "f.csv: no line with calls"),
        (["start,calls\n", "6 pm,1\n"], "f.csv, line 2: start: '6 pm'"),
        (["# x\n", "start,calls\n", "\n", "18:00,many\n"], "f.csv, line 4: calls: 'many' is no number"),
        (["start,calls\n", "18:00,-1\n"], "f.csv, line 2: calls: -1: "),
        (["start,calls\n", "18:00,nan\n"], "f.csv, line 2: calls: nan: "),
        (["start,calls,aht_s\n", "18:00,1,0\n"], "f.csv, line 2: aht_s: 0: "),
        (["start,calls\n", "18:00,1,2\n"], "f.csv, line 2: more fields than columns"),
        (["start,calls\n", "18:00\n"], "f.csv, line 2: calls: '' is no number"),
    ],
)
def test_what_cannot_be_read_is_named(lines: list[str], complaint: str) -> None:
    """The file, the line and the field."""
    with pytest.raises(PlanRefused) as error:
        parse_forecast(lines, 180, "f.csv")
    assert str(error.value).startswith(complaint)


def test_a_call_that_takes_no_time_is_asked_about() -> None:
    """There is no default: a plan with a wrong AHT looks like a plan."""
    with pytest.raises(PlanRefused, match="line 2: aht_s: none is given; add the column, or --aht"):
        parse_forecast(["start,calls\n", "18:00,1\n"], None, "f.csv")


def test_the_citys_own_forecast_is_a_day_of_half_hours_and_its_kinds_are_the_citys() -> None:
    """The 439 calls that its remarks speak of."""
    path = CITIES / "surabaya.forecast.csv"
    found = read_forecast(path, None)
    assert [seconds_of(one.start) for one in found] == list(range(0, 86_400, 1800))
    assert {one.length_s for one in found} == {1800}
    assert sum(one.calls for one in found) == pytest.approx(439, abs=0.5)
    lines = [line.split(",")[1] for line in path.read_text().splitlines() if line[:1].isdigit()]
    assert set(lines) - {"false"} <= {kind.id for kind in load(CITIES / "surabaya.toml").kinds}

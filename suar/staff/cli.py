"""``suar staff``: operators for each half-hour, from a forecast and a goal."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from queues.staffing.demand import Interval, parse_surge, surged
from queues.staffing.errors import StaffingInvalid
from queues.staffing.plan import Goal, fare, plan
from suar.staff.errors import PlanRefused
from suar.staff.forecast import read_forecast
from suar.staff.rendering import Row, as_csv, as_json, as_table
from suar.workplace import Workplace

_LEVEL = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")
# A typer option's name, for each field of a goal.
_OPTIONS = {
    "service_level": "--service-level",
    "within_s": "--service-level",
    "max_occupancy": "--max-occupancy",
    "shrinkage": "--shrinkage",
    "patience_s": "--patience",
    "least": "--least",
    "surge": "--surge",
}


class Format(StrEnum):
    """How a plan is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def staff(
    ctx: typer.Context,
    forecast: Annotated[
        Path | None,
        typer.Option(
            help="CSV: start,calls and maybe aht_s, kind; the city's own *.forecast.csv if not given."
        ),
    ] = None,
    aht: Annotated[
        float | None, typer.Option(help="Talk and wrap-up in seconds, where the CSV has none.")
    ] = None,
    patience: Annotated[
        float | None,
        typer.Option(
            help="Mean seconds until a caller gives up (Erlang A); nobody does if not given (Erlang C)."
        ),
    ] = None,
    service_level: Annotated[
        str, typer.Option(help="Percent of all calls / answered within seconds.")
    ] = "90/10",
    shrinkage: Annotated[
        float, typer.Option(help="Share of paid time away from the desk: 0.3 is 30 %.")
    ] = 0.3,
    max_occupancy: Annotated[
        float, typer.Option(help="Nobody is to be busier than this: 0.85 is 85 %.")
    ] = 0.85,
    least: Annotated[int, typer.Option(help="So many are at their desks, however quiet it is.")] = 1,
    surge: Annotated[
        list[str] | None, typer.Option(help="What if: so many times the calls, such as 3x@18:00-20:00.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TABLE,
) -> None:
    """Print how many operators each half-hour needs, and what a surge would do to them."""
    intervals = read_forecast(forecast or _own(ctx.obj), aht)
    try:
        share, within_s = _level(service_level)
        goal = Goal(share, within_s, max_occupancy, shrinkage, least, patience)
        rows = _rows(intervals, goal, surge or [])
    except StaffingInvalid as error:
        raise PlanRefused(f"{_OPTIONS.get(error.field, error.field)}: {error.problem}") from error
    match format_:
        case Format.TABLE:
            typer.echo(as_table(rows, goal), nl=False)
        case Format.JSON:
            typer.echo(as_json(rows, goal))
        case Format.CSV:
            typer.echo(as_csv(rows), nl=False)


def _rows(intervals: list[Interval], goal: Goal, surges: list[str]) -> list[Row]:
    planned = plan(intervals, goal)
    if not surges:
        return [Row(one) for one in planned]
    meant = [parse_surge(text) for text in surges]
    return [
        Row(one)
        if after == one.interval
        else Row(one, plan([after], goal)[0], fare(after, one.operators, goal))
        for one, after in zip(planned, surged(intervals, meant), strict=True)
    ]


def _level(text: str) -> tuple[float, float]:
    found = _LEVEL.fullmatch(text.strip())
    if found is None:
        raise StaffingInvalid("service_level", f"{text!r}: percent and seconds, such as 90/10")
    return float(found[1]) / 100, float(found[2])


def _own(work: Workplace) -> Path:
    """Return the forecast that stands beside the city file: surabaya.toml, surabaya.forecast.csv."""
    path = work.city_file.with_suffix(".forecast.csv")
    if not path.is_file():
        raise PlanRefused(f"--forecast: there is no {path}; name a CSV with start,calls")
    return path

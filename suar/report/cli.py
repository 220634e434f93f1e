"""``suar report``: the figures of a period."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from queues.measures.figures import Clock
from queues.measures.reports import By, Reporter
from queues.measures.tally import Rules
from suar.report.errors import OptionInvalid
from suar.report.periods import parse_period
from suar.report.reading import find, measure
from suar.report.rendering import as_csv, as_json, as_text
from suar.workplace import Workplace

_KINDS = ("short", "test", "ghost", "prank")


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def report(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--from", help="A day or a time, in the city's zone; today if not given.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="A day, to its end, or a time; now if not given.")
    ] = None,
    by: Annotated[By | None, typer.Option(help="The same for each of these, too.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
    clock: Annotated[
        Clock, typer.Option(help="Where waits begin in text; JSON and CSV have all.")
    ] = Clock.INVITE,
    target_s: Annotated[
        float | None,
        typer.Option("--target-s", min=0.1, help="T; the shortest of the city's queues if not given."),
    ] = None,
    short_s: Annotated[
        float, typer.Option("--short-s", min=0, help="What a short abandon is shorter than.")
    ] = 5.0,
    without: Annotated[
        str, typer.Option(help="What the second total is without: of short, test, ghost, prank.")
    ] = "short,test,ghost",
    journal: Annotated[
        Path | None, typer.Option(help="Another journal folder, such as a backup's, and nothing else.")
    ] = None,
) -> None:
    """Print the figures of a period: NENA, EU 112, service levels, handling, occupancy, dispositions."""
    work: Workplace = ctx.obj
    zone = work.city.zone
    began_ms, ended_ms = parse_period(since, until, zone, datetime.now(UTC))
    rules = Rules(
        target_s or min(queue.answer_target_s for queue in work.city.queues), short_s, _left_out(without)
    )
    reading = find(work, began_ms, ended_ms, journal)
    found = measure(reading, Reporter(began_ms, ended_ms, zone, by, rules))
    match format_:
        case Format.JSON:
            typer.echo(as_json(found, work.city.name, zone))
        case Format.CSV:
            typer.echo(as_csv(found), nl=False)
        case Format.TEXT:
            typer.echo(as_text(found, work.city.name, zone, clock), nl=False)


def _left_out(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := names - set(_KINDS):
        raise OptionInvalid(f"--without: {', '.join(sorted(unknown))}: any of {', '.join(_KINDS)}, or ''")
    return names

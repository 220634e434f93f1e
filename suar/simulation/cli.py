"""``suar simulate``: the calls of a journal, or of a forecast, with other operators or other rules."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from queues.measures.figures import Clock
from queues.measures.tally import Rules
from suar.report.periods import parse_period
from suar.report.rendering import side_by_side
from suar.simulation.draws import Shape
from suar.simulation.errors import SimulationRefused
from suar.simulation.trials import by_drawing, by_journal, trials_of
from suar.staff.forecast import read_forecast
from suar.tables import table
from suar.workplace import Workplace


class Format(StrEnum):
    """How the figures are written."""

    TEXT = "text"
    JSON = "json"


def simulate(
    ctx: typer.Context,
    operators: Annotated[
        list[int] | None,
        typer.Option(
            min=1, help="So many, ready all the time; again for another column. The city's if not given."
        ),
    ] = None,
    staff: Annotated[
        list[Path] | None,
        typer.Option(help="A plan of `suar staff --format csv`: as many as it says, when it says."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="TOML: relax_after_s = 3, and [queues.<id>] with wrap_up_s = 15 and such."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="A day or a time, in the city's zone; today if not given.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="A day, to its end, or a time; now if not given.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Another journal folder, and nothing else.")] = None,
    forecast: Annotated[
        Path | None, typer.Option(help="A forecast's callers, by chance, not a journal's.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="So many days of the forecast.")] = 1,
    aht: Annotated[
        float | None, typer.Option(help="Talk and wrap-up in seconds, where the CSV has none.")
    ] = None,
    talk: Annotated[Shape, typer.Option(help="How a forecast's talks are spread.")] = Shape.LOGNORMAL,
    gives_up_s: Annotated[
        float | None,
        typer.Option("--patience", min=0.1, help="Mean seconds until a forecast's caller gives up."),
    ] = None,
    pickup_s: Annotated[
        float, typer.Option("--pickup", min=0, help="Seconds until a forecast's operator picks up.")
    ] = 3.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same chance.")] = 1,
    clock: Annotated[Clock, typer.Option(help="Where waits begin in the text.")] = Clock.INVITE,
    format_: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
) -> None:
    """Serve a journal's callers again with other operators or rules, and print the figures side by side."""
    work: Workplace = ctx.obj
    trials = trials_of(work, operators, policy, staff)
    rules = Rules(min(queue.answer_target_s for queue in work.city.queues))
    if forecast is not None:
        if since or until or journal:
            raise SimulationRefused("--forecast: its callers are drawn; leave out --from, --to and --journal")
        intervals = read_forecast(forecast, aht)
        columns = by_drawing(work, trials, rules, intervals, days, talk, gives_up_s, pickup_s, seed)
    else:
        period = parse_period(since, until, work.city.zone, datetime.now(UTC))
        columns = by_journal(work, trials, rules, period, journal, seed)
    if format_ is Format.JSON:
        typer.echo(json.dumps({name: asdict(figures) for name, figures in columns.items()}, indent=2))
        return
    rows = side_by_side(list(columns.values()), clock)
    typer.echo("\n".join(table(["", *columns], rows)))

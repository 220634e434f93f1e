"""``suar report``: the figures of a period."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from queues.measures.calls import fold
from queues.measures.errors import RecordUnusable
from queues.measures.figures import Clock
from queues.measures.reports import By, Report, Reporter
from queues.measures.tally import Rules
from suar.record import Record
from suar.report.errors import NothingToRead, OptionInvalid
from suar.report.periods import parse_period
from suar.report.rendering import as_csv, as_json, as_text
from suar.report.sources import call_records, decisions, whole_calls
from suar.workplace import Workplace

_KINDS = ("short", "test", "ghost", "prank")
_LONGEST_CALL = timedelta(days=1)


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
    found = measure(work, Reporter(began_ms, ended_ms, zone, by, rules), began_ms, ended_ms, journal)
    match format_:
        case Format.JSON:
            typer.echo(as_json(found, work.city.name, zone))
        case Format.CSV:
            typer.echo(as_csv(found), nl=False)
        case Format.TEXT:
            typer.echo(as_text(found, work.city.name, zone, clock), nl=False)


def measure(
    work: Workplace, reporter: Reporter, began_ms: int, ended_ms: int, journal: Path | None
) -> Report:
    """Have ``reporter`` read everything there is of a period; return its report.

    Raises :class:`~suar.report.errors.ReportError`.
    """
    folder: Path | None = journal or work.state.journal
    if folder is not None and not folder.is_dir():
        if journal is not None:
            raise OptionInvalid(f"--journal: {journal}: there is no such folder")
        folder = None
    timeline = iter(()) if journal is not None else read_timeline(work, began_ms, ended_ms)
    if folder is None and timeline is None:
        raise NothingToRead(
            f"{work.state.root}: there is neither a journal nor a database; name the right state directory "
            "with --state"
        )
    try:
        for decision in decisions(folder, began_ms, ended_ms) if folder else ():
            reporter.take_decision(decision)
        for call in fold(call_records(folder, timeline or (), whole_calls(folder))):
            reporter.take_call(call)
    except (OSError, RecordUnusable) as error:
        raise NothingToRead(f"{folder}: {error}; `suar journal verify` says what is damaged") from error
    return reporter.report()


def read_timeline(work: Workplace, began_ms: int, ended_ms: int) -> Iterator[Record] | None:
    """Return the calls that the database knows of, a day to either side; None if there is no database."""
    try:
        reading = importlib.import_module("suar.report.database")
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in {"suar", "dashboards"}:
            raise
        return None  # A host without the dashboards' libraries has no database either.
    since, until = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (began_ms, ended_ms))
    found: Iterator[Record] | None = reading.timeline(
        work.state, since - _LONGEST_CALL, until + _LONGEST_CALL
    )
    return found


def _left_out(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := names - set(_KINDS):
        raise OptionInvalid(f"--without: {', '.join(sorted(unknown))}: any of {', '.join(_KINDS)}, or ''")
    return names

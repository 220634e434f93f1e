"""What there is to read of a period: a journal folder, the database's timeline, or both."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from queues.measures.calls import fold
from queues.measures.errors import RecordUnusable
from queues.measures.reports import Report, Reporter
from suar.record import Record
from suar.report.errors import NothingToRead, OptionInvalid
from suar.report.sources import call_records, decisions, whole_calls
from suar.workplace import Workplace

_LONGEST_CALL = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """The sources of one period. Each may be read once."""

    folder: Path | None
    timeline: Iterable[Record]
    began_ms: int
    ended_ms: int

    def calls(self) -> Iterator[Record]:
        """Yield the calls' records, as `queues.measures.calls.fold` takes them. Raises :class:`OSError`."""
        return call_records(self.folder, self.timeline, whole_calls(self.folder))

    def decisions(self) -> Iterator[dict[str, Any]]:
        """Yield what operators asked for. Raises :class:`OSError`."""
        return decisions(self.folder, self.began_ms, self.ended_ms) if self.folder else iter(())


def find(work: Workplace, began_ms: int, ended_ms: int, journal: Path | None) -> Reading:
    """Return the sources of a period: ``journal`` alone, or all that the state directory has.

    Raises :class:`~suar.report.errors.ReportError`.
    """
    if journal is not None:
        if not journal.is_dir():
            raise OptionInvalid(f"--journal: {journal}: there is no such folder")
        return Reading(journal, (), began_ms, ended_ms)
    folder = work.state.journal if work.state.journal.is_dir() else None
    timeline = _timeline(work, began_ms, ended_ms)
    if folder is None and timeline is None:
        raise NothingToRead(
            f"{work.state.root}: there is neither a journal nor a database; name the right state directory "
            "with --state"
        )
    return Reading(folder, timeline or (), began_ms, ended_ms)


def measure(reading: Reading, reporter: Reporter) -> Report:
    """Have ``reporter`` read everything there is of a period; return its report.

    Raises :class:`~suar.report.errors.ReportError`.
    """
    try:
        for decision in reading.decisions():
            reporter.take_decision(decision)
        for call in fold(reading.calls()):
            reporter.take_call(call)
    except (OSError, RecordUnusable) as error:
        where = reading.folder or "the database"
        raise NothingToRead(f"{where}: {error}; `suar journal verify` says what is damaged") from error
    return reporter.report()


def _timeline(work: Workplace, began_ms: int, ended_ms: int) -> Iterator[Record] | None:
    """Return the calls that the database knows of, a day to either side; None if there is no database."""
    try:
        database = importlib.import_module("suar.report.database")
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in {"suar", "dashboards"}:
            raise
        return None  # A host without the dashboards' libraries has no database either.
    since, until = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (began_ms, ended_ms))
    found: Iterator[Record] | None = database.timeline(
        work.state, since - _LONGEST_CALL, until + _LONGEST_CALL
    )
    return found

"""The database's timeline, read beside whatever else uses it. Needs the dashboards' libraries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from dashboards.app import database_url
from dashboards.incidents.timeline import call_records
from dashboards.models import IncidentEvent
from suar.paths import StateDir
from suar.record import Record
from suar.report.errors import NothingToRead


def timeline(state: StateDir, since: datetime, until: datetime) -> Iterator[Record] | None:
    """Return the calls of a period; None if there is no database yet. Nothing is made or changed.

    Raises :class:`~suar.report.errors.NothingToRead` for one that cannot be read.
    """
    url = database_url(state)
    if url == state.database_url and not (state.root / "suar.db").exists():
        return None
    return _records(url, since, until)


def _records(url: str, since: datetime, until: datetime) -> Iterator[Record]:
    try:
        engine = create_engine(url)
        try:
            if not inspect(engine).has_table(str(IncidentEvent.__tablename__)):
                return
            with Session(engine) as session:
                yield from call_records(session, since, until)
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        raise NothingToRead(f"the database cannot be read: {type(error).__name__}; is it running?") from error

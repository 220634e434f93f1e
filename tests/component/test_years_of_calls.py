"""What is asked of the database at every call goes by an index: it takes no longer after years of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from dashboards.db import Database
from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED, Site

_GROWS = {"incident", "incidentevent", "call", "claim", "task"}
ABANDONED = ENDED | {"by": "caller", "disposition": "terputus"}
LOCATED = {
    "type": "located",
    "best": True,
    "claim": {
        "source": "pidf-lo",
        "latitude": -7.26,
        "longitude": 112.74,
        "received_at": "2026-11-24T08:00:00Z",
    },
}


@contextmanager
def asked_of(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Gather every query, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database._engine, "before_cursor_execute", note)


def grows(session: Session, asked: list[tuple[str, Any]], *, even_since_a_time: bool) -> list[str]:
    """Return the steps of queries that take longer with the years: through a whole table, or all of one kind.

    Newest first, up to a limit, is through an index (``SCAN ... USING INDEX``). What happened since a time is
    looked for among events of one kind; that counts if it is ``even_since_a_time``.
    """
    found = []
    for statement, parameters in asked:
        for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
            step = str(row[3])
            through = re.fullmatch(r"SCAN (\w+?)(?:_\d)?(?: USING COVERING INDEX \w+)?", step)
            if (through and through[1] in _GROWS) or (
                even_since_a_time and "ix_incidentevent_what_at" in step
            ):
                found.append(step)
    return found


@pytest.fixture
async def lived_in(site: Site) -> Site:
    """A caller hung up, rang again, and another was talked with."""
    await site.put_call("sby1-1.1", OFFERED, TRIAGED, ABANDONED)
    await site.put_call("sby1-1.2", {**OFFERED, "number": "+628990000000"}, CONNECTED, ENDED)
    return site


async def test_a_new_call_looks_through_no_table(lived_in: Site) -> None:
    """From its first event to its last, with a number that is on the callback list."""
    with asked_of(lived_in.services.db) as asked:
        status, _ = await lived_in.put_call("sby1-1.3", OFFERED, LOCATED, TRIAGED, CONNECTED, ENDED)
    assert (status, len(asked) > 5) == (200, True)
    assert (
        await lived_in.services.db.read(lambda session: grows(session, asked, even_since_a_time=True)) == []
    )


@pytest.mark.parametrize("page", ["/desk", "/board", "/incidents/sby1-20261124-0001"])
async def test_a_page_looks_through_no_table(lived_in: Site, page: str) -> None:
    """Each is drawn anew at every change."""
    who = await lived_in.client("siti")
    with asked_of(lived_in.services.db) as asked:
        assert (await who.get(page)).status == 200
    assert len(asked) > 5
    assert (
        await lived_in.services.db.read(lambda session: grows(session, asked, even_since_a_time=False)) == []
    )

"""Dashboards or a journal that have lost events: what is left is told, and nothing stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import delete
from sqlmodel import Session, SQLModel

from ari_app.outbox import Journal, Outbox, Sender
from dashboards.models import Call, Incident, IncidentEvent
from suar.journal import mark_resend, segments
from suar.record import decode_all, encode
from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED, Site

CALL = "sby1-1.1"
INCIDENT = "sby1-20261124-0001"


def opened(directory: Path) -> Outbox:
    outbox = Outbox(Journal(directory))
    outbox.open()
    return outbox


async def publish(outbox: Outbox, call_id: str, *events: dict[str, Any]) -> None:
    for event in events:
        data = {name: value for name, value in event.items() if name != "type"}
        await outbox.publish(call_id, event["type"], **data)


@asynccontextmanager
async def sending(outbox: Outbox, site: Site) -> AsyncIterator[list[str | None]]:
    """Send to a web backend until all is stored; yield what is told of stalls."""
    told: list[str | None] = []
    url = str(site.server.make_url("")).rstrip("/")
    sender = asyncio.create_task(Sender(outbox, url, site.secrets.ingest_token, on_stalled=told.append).run())
    yield told
    async with asyncio.timeout(5):
        while outbox.depth():
            await asyncio.sleep(0.01)
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)


async def forget(site: Site, *tables: type[SQLModel]) -> None:
    """Empty tables, as the restore of an older database does."""

    def empty(session: Session) -> None:
        for table in tables:
            session.connection().execute(delete(table))

    await site.services.db.write(empty)


async def timeline(site: Site) -> list[tuple[str, Any]]:
    """Return the newest incident's timeline."""
    staff = await site.client("sari")
    newest = (await (await staff.get("/api/v1/incidents")).json())["incidents"][0]["id"]
    shown = await (await staff.get(f"/api/v1/incidents/{newest}")).json()
    return [(event["what"], event["data"]) for event in shown["events"]]


async def test_an_event_is_not_waited_for_when_it_is_said_to_be_lost(site: Site) -> None:
    """The timeline says which; a number that is neither there nor lost is waited for."""
    token = {"Authorization": f"Bearer {site.secrets.ingest_token}"}
    events = [{"seq": seq, "at": "2026-11-24T08:00:00Z", **TRIAGED} for seq in (3, 6)]
    staff = await site.client()
    url = f"/api/v1/calls/{CALL}"
    for lost, status in (([1], 409), ([1, 2, 4], 409), ([1, 2, 4, 5], 200)):
        async with staff.put(url, json={"events": events, "lost": lost}, headers=token) as response:
            assert response.status == status
    assert [(what, data.get("first"), data.get("last")) for what, data in await timeline(site)] == [
        ("events_lost", 1, 2),
        ("triaged", None, None),
        ("events_lost", 4, 5),
        ("triaged", None, None),
    ]


async def test_a_call_in_progress_outlives_the_restore_of_an_older_database(
    tmp_path: Path, site: Site
) -> None:
    """Its events are sent again from the first, and its incident is whole; nobody is alarmed."""
    (tmp_path / "outbox").mkdir()
    outbox = opened(tmp_path / "outbox")
    async with sending(outbox, site):
        await publish(outbox, CALL, OFFERED, TRIAGED, CONNECTED)
    await forget(site, IncidentEvent, Call, Incident)
    async with sending(outbox, site) as told:
        await publish(outbox, CALL, ENDED)
    assert [what for what, _ in await timeline(site)] == ["offered", "triaged", "connected", "ended"]
    assert told == []
    await outbox.close()


async def test_a_restart_changes_nothing_about_that(tmp_path: Path, site: Site) -> None:
    """What was stored once is still in the journal as long as the call goes on."""
    (tmp_path / "outbox").mkdir()
    first = opened(tmp_path / "outbox")
    async with sending(first, site):
        await publish(first, CALL, OFFERED, TRIAGED)
    await first.close()
    await forget(site, IncidentEvent, Call, Incident)
    second = opened(tmp_path / "outbox")
    async with sending(second, site):
        await publish(second, CALL, ENDED)
    assert [what for what, _ in await timeline(site)] == ["offered", "triaged", "ended"]
    await second.close()


async def test_a_damaged_line_costs_its_event_and_not_the_call(tmp_path: Path, site: Site) -> None:
    """The incident is opened with what is left, and says what is not."""
    directory = tmp_path / "outbox"
    directory.mkdir()
    first = opened(directory)
    await publish(first, CALL, OFFERED, TRIAGED, CONNECTED)
    await first.close()
    ((_, path),) = segments(directory)
    path.write_bytes(path.read_bytes().replace(b"triaged", b"tri@ged"))
    second = opened(directory)
    async with sending(second, site) as told:
        await publish(second, CALL, ENDED)
    assert [what for what, _ in await timeline(site)] == ["offered", "events_lost", "connected", "ended"]
    assert told == []
    await second.close()


async def test_a_call_whose_beginning_is_lost_has_an_incident_all_the_same(
    tmp_path: Path, site: Site
) -> None:
    """Nobody waits for ever for what will never come."""
    directory = tmp_path / "outbox"
    directory.mkdir()
    first = opened(directory)
    await publish(first, CALL, OFFERED, TRIAGED, CONNECTED)
    await first.close()
    ((_, path),) = segments(directory)
    with path.open("rb") as file:
        records = [record for record in decode_all(file) if record]
    path.write_bytes(encode(records[2]))
    second = opened(directory)
    async with sending(second, site) as told:
        pass
    found = await timeline(site)
    assert found[0] == ("events_lost", {"first": 1, "last": 2, "call": CALL})
    assert [what for what, _ in found] == ["events_lost", "connected"]
    assert told == []
    await second.close()


async def test_everything_in_the_journal_is_sent_again_where_that_was_asked(
    tmp_path: Path, site: Site
) -> None:
    """A call that was finished, stored and forgotten too; once, and not at every later start."""
    directory = tmp_path / "outbox"
    directory.mkdir()
    first = opened(directory)
    async with sending(first, site):
        for call_id in (CALL, "sby1-1.2"):
            await publish(first, call_id, OFFERED, ENDED)
            await first.finish(call_id)
        # One more, unfinished, holds the segment.
        await publish(first, "sby1-1.3", OFFERED)
    await first.close()
    await forget(site, IncidentEvent, Call, Incident)
    mark_resend(directory)
    second = opened(directory)
    assert {call_id: len(events) for call_id, events in second.unsent().items()} == {
        CALL: 2,
        "sby1-1.2": 2,
        "sby1-1.3": 1,
    }
    async with sending(second, site) as told:
        pass
    assert told == []
    staff = await site.client("sari")
    assert len((await (await staff.get("/api/v1/incidents")).json())["incidents"]) == 3
    await second.close()
    third = opened(directory)
    assert third.depth() == 0
    await third.close()


async def test_dashboards_that_miss_what_they_were_given_are_a_stall(tmp_path: Path) -> None:
    """Going back once may help; going back again is told, and tried more and more slowly."""
    requests = 0

    async def refuse(_: web.Request) -> web.Response:
        nonlocal requests
        requests += 1
        return web.json_response({"error": {"code": "events_missing", "expected": 1}}, status=409)

    app = web.Application()
    app.router.add_put("/api/v1/calls/{call_id}", refuse)
    outbox, told = opened(tmp_path), asyncio.Queue[str | None]()
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        sender = asyncio.create_task(Sender(outbox, url, "token", on_stalled=told.put_nowait).run())
        await outbox.publish(CALL, "offered")
        async with asyncio.timeout(5):
            assert await told.get() == "409 Conflict"
        assert requests <= 3
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    await outbox.close()


@pytest.mark.parametrize("answer", ["[]", "{}", '{"error": null}', '{"error": {"code": "events_missing"}}'])
async def test_an_answer_that_nobody_understands_is_a_stall(tmp_path: Path, answer: str) -> None:
    """And no end of the sender."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(text=answer, content_type="application/json", status=409)

    app = web.Application()
    app.router.add_put("/api/v1/calls/{call_id}", refuse)
    outbox, told = opened(tmp_path), asyncio.Queue[str | None]()
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        sender = asyncio.create_task(Sender(outbox, url, "token", on_stalled=told.put_nowait).run())
        await outbox.publish(CALL, "offered")
        async with asyncio.timeout(5):
            assert await told.get()
        assert not sender.done()
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    await outbox.close()

"""The outbox: on the disk before it says so, in order, once, whatever dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp import web
from aiohttp.test_utils import TestServer

from ari_app.outbox import Journal, JournalUnusable, Outbox, Sender
from ari_app.outbox.sender import Pace
from suar.record import decode, encode


def opened(directory: Path, **options: Any) -> Outbox:
    outbox = Outbox(Journal(directory, **options))
    outbox.open()
    return outbox


def test_a_record_comes_back_as_it_was() -> None:
    """A line carries its own checksum."""
    record = {"call": "sby1-1.1", "text": "Jalan Tunjungan\nčć"}
    assert decode(encode(record)) == record


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"00000000 {}\n", encode({"a": 1})[:-1], b"x" + encode({"a": 1}), b"\xff\xff \xff\n"]
)
def test_a_damaged_line_is_none(line: bytes) -> None:
    """A torn or altered line is told apart from a record."""
    assert decode(line) is None


async def test_an_event_is_on_the_disk_when_publish_has_been_awaited(tmp_path: Path) -> None:
    """What was awaited is read again by the next process, with its number."""
    first = opened(tmp_path)
    await first.publish("sby1-1.1", "offered", carrier="telkomsel")
    await first.publish("sby1-1.1", "answered")
    # No close: the process is gone.
    second = opened(tmp_path)
    assert [(event.seq, event.type) for event in second.unsent()["sby1-1.1"]] == [
        (1, "offered"),
        (2, "answered"),
    ]
    await second.publish("sby1-1.1", "ended")
    assert second.unsent()["sby1-1.1"][-1].seq == 3
    await first.close()
    await second.close()


async def test_nothing_is_sent_that_the_disk_does_not_have(tmp_path: Path) -> None:
    """An heir would give its number to another event, and the dashboards would pass that over."""
    outbox = opened(tmp_path)
    first = outbox.publish("sby1-1.1", "offered")
    assert outbox.sendable() == {}
    await first
    second = outbox.publish("sby1-1.1", "answered")
    assert [event.type for event in outbox.sendable()["sby1-1.1"]] == ["offered"]
    await second
    assert [event.type for event in outbox.sendable()["sby1-1.1"]] == ["offered", "answered"]
    await outbox.close()


async def test_a_journal_that_is_closed_refuses_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Who comes too late is told, as by a disk that fails."""
    journal = Journal(tmp_path)
    journal.open()
    await journal.append({"call": "sby1-1.1"})
    await journal.close()
    with pytest.raises(JournalUnusable):
        await asyncio.wait_for(journal.append({"call": "sby1-1.1"}), 5)


async def test_a_torn_tail_costs_only_itself(tmp_path: Path) -> None:
    """A power cut in the middle of a line leaves every line before it."""
    first = opened(tmp_path)
    await first.publish("sby1-1.1", "offered")
    await first.close()
    segment = next(tmp_path.glob("calls-*.log"))
    segment.write_bytes(segment.read_bytes() + b'deadbeef {"call": "sby1-1.1", "se')
    second = opened(tmp_path)
    assert [event.seq for event in second.unsent()["sby1-1.1"]] == [1]
    await second.close()


async def test_a_finished_call_whose_events_are_stored_is_forgotten(tmp_path: Path) -> None:
    """A segment that nobody needs is removed at the next turn."""
    outbox = opened(tmp_path, segment_bytes=200)
    for number in range(20):
        call_id = f"sby1-1.{number}"
        await outbox.publish(call_id, "offered", carrier="telkomsel")
        await outbox.finish(call_id)
        await outbox.settle(call_id, 1)
    assert outbox.depth() == 0
    assert not outbox.known("sby1-1.3")
    assert len(list(tmp_path.glob("calls-*.log"))) <= 2
    await outbox.close()


async def test_that_something_is_stored_waits_for_other_records(tmp_path: Path) -> None:
    """It goes down with the next, or after a while by itself; nothing else waits for it."""

    def written() -> list[str]:
        records = [
            decode(line) for path in tmp_path.glob("*.log") for line in path.read_bytes().splitlines(True)
        ]
        return [name for record in records if record for name in ("type", "stored") if name in record]

    outbox = opened(tmp_path)
    await outbox.publish("sby1-1.1", "offered")
    await outbox.settle("sby1-1.1", 1)
    await asyncio.sleep(0.05)
    assert written() == ["type"]
    await outbox.publish("sby1-1.1", "answered")
    assert written() == ["type", "stored", "type"]
    await outbox.settle("sby1-1.1", 2)
    async with asyncio.timeout(5):
        while len(written()) < 4:
            await asyncio.sleep(0.02)
    await outbox.settle("sby1-1.1", 2)
    await outbox.close()
    assert written().count("stored") == 3


def test_records_that_are_due_at_once_are_written_on_the_loop_that_the_controller_has(
    tmp_path: Path,
) -> None:
    """uvloop's handle of what is due in less than half a millisecond has no time; asyncio's own has."""

    async def write() -> list[JournalUnusable | None]:
        journal = Journal(tmp_path)
        journal.open()
        asked = [journal.put({"call": str(number)}, within_s=0.0003) for number in range(20)]
        failures = await asyncio.gather(*asked)
        await journal.close()
        return failures

    assert uvloop.run(write()) == [None] * 20


async def test_a_call_that_is_not_finished_keeps_its_number_over_a_restart(tmp_path: Path) -> None:
    """Stored events are not sent again, yet the next event carries on the count."""
    first = opened(tmp_path)
    await first.publish("sby1-1.1", "offered")
    await first.settle("sby1-1.1", 1)
    await first.close()
    second = opened(tmp_path)
    assert second.depth() == 0
    await second.publish("sby1-1.1", "ended")
    assert second.unsent()["sby1-1.1"][0].seq == 2
    await second.close()


async def test_a_calls_incident_is_known_over_a_restart(tmp_path: Path) -> None:
    """Whoever takes the call up can have it travel with her."""
    first = opened(tmp_path)
    await first.publish("sby1-1.1", "offered")
    await first.settle("sby1-1.1", 1, "SBY-20261125-0007")
    await first.publish("sby1-1.1", "answered")
    await first.settle("sby1-1.1", 2, "SBY-20261125-0007")
    await first.close()
    second = opened(tmp_path)
    assert second.incident("sby1-1.1") == "SBY-20261125-0007"
    await second.close()


async def test_a_journal_that_fails_is_an_alarm_and_not_the_callers(tmp_path: Path) -> None:
    """publish returns, the event waits to be sent, and the alarm is raised."""
    alarms: list[JournalUnusable] = []
    journal = Journal(tmp_path)
    outbox = Outbox(journal, on_unwritable=alarms.append)
    outbox.open()
    await journal.close()
    journal._thread = type(journal._thread)(1)
    journal._directory = tmp_path / "gone"
    await outbox.publish("sby1-1.1", "offered")
    assert len(alarms) == 1
    assert outbox.depth() == 1
    await outbox.close()


class Dashboards:
    """A receiver that stores an event once, and can be told to fail."""

    def __init__(self) -> None:
        self.stored: dict[str, list[dict[str, Any]]] = {}
        self.failures = 0
        self.requests = self.parcels = 0
        self.poison = ""

    async def put(self, request: web.Request) -> web.Response:
        self.requests += 1
        assert request.headers["Authorization"] == "Bearer token"
        if self.failures:
            self.failures -= 1
            raise web.HTTPServiceUnavailable
        stored = self.stored.setdefault(request.match_info["call_id"], [])
        for event in (await request.json())["events"]:
            if event["seq"] == len(stored) + 1:
                stored.append(event)
        return web.json_response({"applied": len(stored), "incident_id": "SBY-20261125-0007"})

    async def post(self, request: web.Request) -> web.Response:
        """Many calls at once; one of them may be more than the dashboards can take."""
        self.parcels += 1
        calls = (await request.json())["calls"]
        if self.poison in calls:
            raise web.HTTPInternalServerError
        applied = [
            {"call_id": call_id, "applied": told["events"][-1]["seq"], "incident_id": "SBY-20261125-0007"}
            for call_id, told in calls.items()
        ]
        for call_id, told in calls.items():
            self.stored.setdefault(call_id, []).extend(told["events"])
        return web.json_response({"applied": applied, "missing": []})


@pytest.fixture
async def dashboards() -> AsyncIterator[tuple[Dashboards, str]]:
    receiver = Dashboards()
    app = web.Application()
    app.router.add_put("/api/v1/calls/{call_id}", receiver.put)
    app.router.add_post("/api/v1/calls", receiver.post)
    async with TestServer(app) as server:
        yield receiver, str(server.make_url("")).rstrip("/")


async def empty(outbox: Outbox) -> None:
    async with asyncio.timeout(5):
        while outbox.depth():
            await asyncio.sleep(0.01)


async def test_events_reach_the_dashboards_in_order_through_failures(
    tmp_path: Path, dashboards: tuple[Dashboards, str]
) -> None:
    """Three refusals later everything is stored once and in order; the stall is told and lifted."""
    receiver, url = dashboards
    receiver.failures = 3
    told: list[str | None] = []
    outbox = opened(tmp_path)
    sender = asyncio.create_task(Sender(outbox, url, "token", on_stalled=told.append).run())
    for number in range(5):
        for call_id in ("sby1-1.1", "sby1-1.2"):
            await outbox.publish(call_id, f"event{number}", place=number)
    await empty(outbox)
    async with asyncio.timeout(5):
        # It is said after the last event has been settled.
        while told[-1:] != [None]:
            await asyncio.sleep(0.01)
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    for call_id in ("sby1-1.1", "sby1-1.2"):
        assert [event["seq"] for event in receiver.stored[call_id]] == [1, 2, 3, 4, 5]
        assert [event["place"] for event in receiver.stored[call_id]] == [0, 1, 2, 3, 4]
    assert told[0] == "503 Service Unavailable"
    assert told[-1] is None
    assert outbox.incident("sby1-1.2") == "SBY-20261125-0007"
    await outbox.close()


@pytest.mark.parametrize(("poison", "alone"), [("", 0), ("sby1-1.2", 3)])
async def test_what_many_calls_tell_goes_together_and_one_that_is_refused_holds_up_no_other(
    tmp_path: Path, dashboards: tuple[Dashboards, str], poison: str, alone: int
) -> None:
    receiver, url = dashboards
    receiver.poison = poison
    outbox, calls = opened(tmp_path), ("sby1-1.1", "sby1-1.2", "sby1-1.3")
    for call_id in calls:
        outbox.publish(call_id, "offered")
    sender = asyncio.create_task(Sender(outbox, url, "token").run())
    await empty(outbox)
    assert (receiver.parcels, receiver.requests) == (1, alone)
    assert {call_id: len(events) for call_id, events in receiver.stored.items()} == dict.fromkeys(calls, 1)
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    await outbox.close()


def test_a_few_deliveries_go_at_once_and_many_at_a_steady_pace() -> None:
    """A quiet house waits for nothing; a busy one asks no more often than it should, and rests."""
    pace, now, sent = Pace(at_once=4, every_s=0.05), 100.0, []
    for _ in range(44):
        now += pace.wait_s(now)
        sent.append(now)
    assert sent[4] == 100.0
    assert sent[-1] == pytest.approx(100 + 39 * 0.05)
    assert [pace.wait_s(now + 0.2) for _ in range(5)] == pytest.approx([0, 0, 0, 0, 0.05])


async def test_a_sender_that_dies_after_delivery_sends_again_and_nothing_doubles(
    tmp_path: Path, dashboards: tuple[Dashboards, str]
) -> None:
    """An event stored but not noted as stored is sent by the next process, and stored once."""
    receiver, url = dashboards
    receiver.stored["sby1-1.1"] = [{"seq": 1}]
    first = opened(tmp_path)
    await first.publish("sby1-1.1", "offered")
    await first.publish("sby1-1.1", "answered")
    second = opened(tmp_path)
    sender = asyncio.create_task(Sender(second, url, "token").run())
    await empty(second)
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    assert [event["seq"] for event in receiver.stored["sby1-1.1"]] == [1, 2]
    await first.close()
    await second.close()

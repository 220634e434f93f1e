"""Who is on the callback list and when she leaves it; conversations and calls asked for over the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp_sse import sse_response

from suar.city import load
from tests.component.conftest import CITY, CONNECTED, ENDED, OFFERED, TRIAGED, Site

NOW = datetime.now(UTC)
ABANDONED = ENDED | {"by": "caller", "phase": "waiting", "disposition": "terputus"}
INCIDENT = f"sby1-{NOW.astimezone(ZoneInfo(load(CITY).identity.time_zone)).strftime('%Y%m%d')}-0001"
"""Numbered by the city's day, which is not everywhere today's."""


def at(seconds: float, **event: Any) -> dict[str, Any]:
    return {**event, "at": (NOW + timedelta(seconds=seconds)).isoformat()}


async def abandon(site: Site, call: str = "sby1-1.1", seconds: float = 0, **offered: Any) -> None:
    await site.put_call(
        call,
        at(seconds, **{**OFFERED, **offered}),
        at(seconds, type="answered"),
        at(seconds + 1, **TRIAGED),
        at(seconds + 5, **ABANDONED),
    )


async def listed(site: Site) -> list[dict[str, Any]]:
    siti = await site.client("siti")
    found: list[dict[str, Any]] = (await (await siti.get("/api/v1/callbacks")).json())["callbacks"]
    return found


async def test_an_abandoned_caller_is_on_the_list_and_one_who_was_answered_is_not(site: Site) -> None:
    await abandon(site)
    other = {**OFFERED, "number": "+628990000000"}
    await site.put_call("sby1-1.2", at(0, **other), at(1, **CONNECTED), at(2, **ENDED))
    (one,) = await listed(site)
    assert (one["call_id"], one["why"], one["attempts"]) == ("sby1-1.1", "abandoned", 0)


async def test_the_list_forgets_who_hung_up_yesterday(site: Site) -> None:
    await abandon(site, seconds=-25 * 3600)
    assert await listed(site) == []


async def test_who_rings_again_leaves_the_list(site: Site) -> None:
    """Whatever becomes of that call: if she hangs up again, it is that one which is listed."""
    await abandon(site)
    await site.put_call("sby1-1.2", at(30, **OFFERED))
    assert await listed(site) == []
    await site.put_call("sby1-1.2", at(31, type="answered"), at(35, **ABANDONED), first=2)
    assert [one["call_id"] for one in await listed(site)] == ["sby1-1.2"]
    await site.put_call("sby1-1.3", at(60, **{**OFFERED, "number": "+628990000000"}))
    assert len(await listed(site)) == 1


async def test_an_anonymous_caller_clears_nobody(site: Site) -> None:
    await abandon(site, number=None)
    await abandon(site, "sby1-1.2", 60, number=None)
    assert len(await listed(site)) == 2


OUT = {"type": "dialled_out", "number": "+628121234567", "carrier": "telkom", "follows": "sby1-1.1"}


async def test_a_callback_belongs_to_the_incident_and_clears_the_list_when_it_is_answered(site: Site) -> None:
    """Until then it is an attempt, and she stays on it."""
    await abandon(site)
    await site.put_call("sby1-2.01", at(60, **OUT), at(80, type="not_reached", who="far_end", outcome="busy"))
    (one,) = await listed(site)
    assert (one["attempts"], one["attempted_at"][:19]) == (1, at(60)["at"][:19])
    status, answer = await site.put_call("sby1-3.01", at(90, **OUT), at(95, **CONNECTED))
    assert status == 200
    assert await listed(site) == []
    siti = await site.client("siti")
    shown = await (await siti.get(f"/api/v1/incidents/{answer['incident_id']}")).json()
    assert [call["call_id"] for call in shown["calls"]] == ["sby1-1.1", "sby1-2.01", "sby1-3.01"]
    assert shown["events"][-1]["what"] in {"called_back", "connected"}


async def test_two_operators_wrap_ups_are_both_of_the_call(site: Site) -> None:
    wrapped = {"type": "wrapped_up", "operator": "siti", "wrap_up_s": 4.0}
    handed = {"type": "handed_over", "operator": "budi", "leg": "sby1-1.1-py1"}
    _, answer = await site.put_call(
        "sby1-1.1",
        OFFERED,
        CONNECTED,
        handed,
        ENDED,
        wrapped,
        wrapped | {"operator": "budi", "wrap_up_s": 6.5},
    )
    siti = await site.client("siti")
    shown = await (await siti.get(f"/api/v1/incidents/{answer['incident_id']}")).json()
    assert (shown["calls"][0]["wrap_up_s"], shown["operator"]) == (10.5, "budi")


async def test_the_recording_of_whoever_was_called_in_can_be_heard(site: Site) -> None:
    """And that somebody listened is written down."""
    part = {"part": "sby1-1.1-py1", "file": "sby1-1.1-py1.wav", "sha256": "ab" * 32, "length_s": 3.0}
    await site.put_call("sby1-1.1", OFFERED, CONNECTED, {"type": "part_sealed", **part})
    (site.state.recordings / "sby1-1.1-py1.wav").write_bytes(b"RIFF")
    siti = await site.client("siti")
    url = "/api/v1/recordings/sby1-1.1?part="
    assert await (await siti.get(f"{url}sby1-1.1-py1")).read() == b"RIFF"
    assert (await siti.get(f"{url}sby1-1.1-py2")).status == 404
    assert (await siti.get(f"{url}../secrets")).status == 404


@dataclass
class Controller:
    """The call controller's side: Siti talks; what it is asked is kept, and answered with what it is told."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] = (200, {"call_id": "sby1-1.1", "conversation": {}})

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append((request.match_info.get("command", "call"), await request.json()))
        return web.json_response(self.answer[1], status=self.answer[0])

    async def live(self, request: web.Request) -> web.StreamResponse:
        call = {"call_id": "sby1-1.1", "operator": "siti", "conversation": None}
        me = {"id": "siti", "call_id": "sby1-1.1"}
        async with sse_response(request) as stream:
            await stream.send(
                json.dumps({"calls": [call], "operators": [me], "alarms": []}), event="snapshot"
            )
            await stream.wait()
        return stream


@pytest.fixture
async def controller(site: Site) -> AsyncIterator[Controller]:
    found, app = Controller(), web.Application()
    app.router.add_get("/v1/live", found.live)
    app.router.add_post("/v1/calls", found.take)
    app.router.add_post("/v1/calls/{call}/{command}", found.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    bind = site.city.network.control_bind
    await web.TCPSite(runner, bind.host, bind.port).start()
    for _ in range(300):
        if site.services.controller.picture:
            break
        await asyncio.sleep(0.02)
    yield found
    await runner.cleanup()


async def test_a_command_is_passed_on_in_the_operators_name(site: Site, controller: Controller) -> None:
    siti = await site.client("siti")
    response = await siti.post("/api/v1/me/call/hold", json={"emergency": True})
    assert response.status == 200
    assert controller.asked == [("hold", {"emergency": True, "by": "siti"})]
    assert (await siti.post("/api/v1/me/call/dance", json={})).status == 404
    assert (await siti.post("/api/v1/me/call/hold", json={"by": "budi"})).status == 422
    sari = await site.client("sari")
    assert (await sari.post("/api/v1/me/call/hold", json={})).status == 403
    assert len(controller.asked) == 1


async def test_an_agency_that_is_called_in_has_the_incident_on_its_desk(
    site: Site, controller: Controller
) -> None:
    _, answer = await site.put_call("sby1-1.1", OFFERED, TRIAGED, CONNECTED)
    siti = await site.client("siti")
    body = {"kind": "agency", "target": "dpkp", "purpose": "conference"}
    assert (await siti.post("/api/v1/me/call/call-in", json=body)).status == 200
    assert controller.asked[-1][1]["incident"] == answer["incident_id"]
    pmk = await site.client("pmk")
    shown = await (await pmk.get(f"/api/v1/incidents/{answer['incident_id']}")).json()
    assert [task["agency"] for task in shown["tasks"]] == ["dpkp"]


REFUSALS = [(403, 403), (404, 404), (409, 409), (422, 422), (503, 503)]


@pytest.mark.parametrize(("said", "shown"), REFUSALS)
async def test_what_the_controller_refuses_is_refused_with_its_words(
    site: Site, controller: Controller, said: int, shown: int
) -> None:
    controller.answer = said, {"error": {"code": "x", "message": "not while it rains", "field": "digits"}}
    siti = await site.client("siti")
    response = await siti.post("/api/v1/me/call/digits", json={"digits": "1"})
    assert response.status == shown
    error = (await response.json())["error"]
    assert (error["message"], error["field"]) == ("not while it rains", "digits")


async def test_a_call_back_is_made_with_what_is_known_of_the_caller(
    site: Site, controller: Controller
) -> None:
    """Through her carrier if that can be, inside her incident; who is not on the list is not called."""
    await abandon(site)
    (one,) = await listed(site)
    controller.answer = 201, {"call_id": "sby1-9.01"}
    siti = await site.client("siti")
    response = await siti.post(f"/api/v1/incidents/{one['incident_id']}/call-back")
    assert (response.status, (await response.json())["call_id"]) == (201, "sby1-9.01")
    assert controller.asked[-1][1] == {
        "number": "+628121234567", "carrier": "telkomsel", "follows": "sby1-1.1", "by": "siti",
        "incident": one["incident_id"], "is_callback": True, "kind": "fire",
    }  # fmt: skip
    assert (await siti.post("/api/v1/incidents/sby1-20200101-0001/call-back")).status == 404
    dialled = await siti.post(f"/api/v1/incidents/{one['incident_id']}/call", json={"number": "110"})
    assert dialled.status == 201
    assert "is_callback" not in controller.asked[-1][1]
    wrong = await siti.post(f"/api/v1/incidents/{one['incident_id']}/call", json={"number": "110;1"})
    assert (await wrong.json())["error"]["field"] == "number"

"""Supervisors' acts over the pages and the API: who may, what is written down, and who may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from dashboards.supervision.sight import picture_for
from dashboards.users.service import Role
from suar.city import SupervisionSettings, load
from tests.component.conftest import CONNECTED, OFFERED, TRIAGED, Site, site

__all__ = ["site"]
CALL = "sby1-1.1"
AT = "2026-11-24T08:00:00.000Z"


@dataclass
class Controller:
    """A call controller that says yes, unless told otherwise, and remembers what it was asked."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, await request.json()))
        if self.answer is not None:
            return web.json_response(self.answer[1], status=self.answer[0])
        words = request.path.split("/")
        if words[2] == "operators":
            return web.json_response({"id": words[3], "state": "not_ready", "reason": "supervisor"})
        done = {"call_id": words[3], "supervisor": words[5], "mode": None}
        return web.json_response(done, status=202)


@asynccontextmanager
async def asked(site: Site, picture: dict[str, Any]) -> AsyncIterator[Controller]:
    """A controller that the dashboards ask, and whose live picture this is."""
    one = Controller()
    app = web.Application()
    app.router.add_post("/v1/{rest:.*}", one.take)
    runner = web.AppRunner(app)
    await runner.setup()
    bind = site.city.network.control_bind
    await web.TCPSite(runner, bind.host, bind.port).start()
    site.show(picture)
    yield one
    await runner.cleanup()


@pytest.fixture
async def controller(site: Site) -> AsyncIterator[Controller]:
    """Its live picture has Sari listening to Siti."""
    async with asked(site, PICTURE) as one:
        yield one


PICTURE: dict[str, Any] = {
    "at": AT, "node": "sby1", "asterisk": "up", "since": AT, "alarms": [],
    "operators": [
        {"id": "siti", "name": "Siti Aminah", "state": "talking", "reason": None, "since": AT,
         "call_id": CALL, "phone": "online"},
    ],
    "calls": [
        {"call_id": CALL, "carrier": "telkomsel", "phase": "talking", "kind": "fire", "language": "id",
         "queue": "emergency", "priority": 0, "since": AT, "ring_at": AT, "position": None,
         "operator": "siti",
         "supervisors": [{"id": "sari", "name": "Sari Dewi", "mode": "listen", "since": AT}]},
    ],
}  # fmt: skip


async def acts(browser: ClientSession) -> list[tuple[str, str, str, dict[str, Any]]]:
    async with browser.get("/api/v1/audit") as response:
        assert response.status == 200
        found = (await response.json())["acts"]
    return [(one["who"], one["what"], one["about"], one["data"]) for one in found]


@pytest.mark.parametrize("ask", ["listen", "whisper", "barge", "take-over", "finish"])
async def test_an_ask_goes_to_the_controller_and_is_written_down(
    site: Site, controller: Controller, ask: str
) -> None:
    """In her own name, whatever the request says; from the page as from the API."""
    sari = await site.client("sari")
    async with sari.post(f"/api/v1/calls/{CALL}/supervision/{ask}") as response:
        assert response.status == 200
        assert await response.json() == {"call_id": CALL, "supervisor": "sari", "mode": None}
    async with sari.post(f"/calls/{CALL}/supervision/{ask}", allow_redirects=False) as response:
        assert response.status == 303
    assert [path for path, _ in controller.asked] == [f"/v1/calls/{CALL}/supervisors/sari/{ask}"] * 2
    assert await acts(sari) == [("sari", f"supervision_{ask}", CALL, {})] * 2


async def test_what_the_controller_refuses_is_said_and_was_asked_all_the_same(
    site: Site, controller: Controller
) -> None:
    """The reason comes back; the audit has the ask."""
    controller.answer = (409, {"error": {"code": "not_now", "message": "your phone is not registered"}})
    sari = await site.client("sari")
    async with sari.post(f"/api/v1/calls/{CALL}/supervision/listen") as response:
        assert response.status == 409
        assert (await response.json())["error"]["message"] == "your phone is not registered"
    assert [what for _, what, _, _ in await acts(sari)] == ["supervision_listen"]


FORBIDDEN = [
    "/api/v1/calls/sby1-1.1/supervision/listen", "/calls/sby1-1.1/supervision/listen",
    "/api/v1/operators/siti/sign-off", "/operators/siti/sign-off", "/api/v1/broadcasts", "/broadcasts",
]  # fmt: skip


@pytest.mark.parametrize("who", ["siti", "pmk"])
@pytest.mark.parametrize("path", FORBIDDEN)
async def test_nobody_else_may(site: Site, controller: Controller, who: str, path: str) -> None:
    """Neither an operator nor an agency; nothing is asked of the controller."""
    browser = await site.client(who)
    async with browser.post(path, json={"text": "x"}) as response:
        assert response.status == 403
    async with browser.get("/api/v1/audit") as response:
        assert response.status == 403
    assert controller.asked == []


@pytest.mark.parametrize("wish", ["ready", "not-ready", "sign-off"])
async def test_an_operators_state_is_set_for_her_and_written_down(
    site: Site, controller: Controller, wish: str
) -> None:
    """With a reason that tells her whose doing it was."""
    sari = await site.client("sari")
    async with sari.post(f"/operators/siti/{wish}", allow_redirects=False) as response:
        assert response.status == 303
    reason = "supervisor" if wish == "not-ready" else None
    assert controller.asked == [(f"/v1/operators/siti/{wish}", {"by": "sari", "reason": reason})]
    assert await acts(sari) == [("sari", f"operator_{wish}", "siti", {"reason": reason})]
    async with sari.get("/audit") as response:
        assert (response.status, "Siti Aminah" in await response.text()) == (200, True)
    async with sari.post("/operators/siti/dance") as response:
        assert response.status == 404


async def test_a_message_to_all_operators_is_on_their_pages(site: Site, controller: Controller) -> None:
    """With who sent it; half an hour later it is in the audit alone."""
    sari, siti = await site.client("sari"), await site.client("siti")
    async with sari.post("/api/v1/broadcasts", json={"text": " Banjir  di Gubeng <b> "}) as response:
        assert response.status == 200
    async with siti.get("/desk") as response:
        text = await response.text()
    assert "Banjir di Gubeng &lt;b&gt;" in text
    assert "Sari Dewi" in text
    async with siti.get("/api/v1/broadcasts") as response:
        (shown,) = (await response.json())["broadcasts"]
    assert (shown["who"], shown["text"]) == ("sari", "Banjir di Gubeng <b>")
    for wrong in ("", "   ", "x" * 501):
        async with sari.post("/broadcasts", data={"text": wrong}) as response:
            assert response.status == 422
    real = site.services.now
    site.services.now = lambda: real() + timedelta(minutes=31)
    async with siti.get("/api/v1/broadcasts") as response:
        assert (await response.json())["broadcasts"] == []
    assert [what for _, what, _, _ in await acts(sari)] == ["broadcast"]


STARTED = {"type": "supervision_started", "supervisor": "sari", "mode": "listen"}
TAKEN = {"type": "taken_over", "operator": "sari", "released": "siti"}


@pytest.mark.parametrize("sees", [True, False])
async def test_what_an_operator_knows_of_it_is_the_citys_policy(
    site: Site, controller: Controller, sees: bool
) -> None:
    """On her desk, on the board, in the live picture and in the incident's story; agencies know nothing."""
    site.services.city = site.city.model_copy(
        update={"supervision": SupervisionSettings(operators_see_it=sees)}
    )
    await site.put_call(CALL, OFFERED, TRIAGED, CONNECTED, STARTED)
    siti, sari = await site.client("siti"), await site.client("sari")
    for path in ("/desk", "/board", "/api/v1/live"):
        async with siti.get(path) as response:
            assert ("Sari Dewi" in await response.text()) == sees, path
    async with sari.get("/board") as response:
        assert "Sari Dewi" in await response.text()
    incident = "/api/v1/incidents/sby1-20261124-0001"
    for browser, knows in ((siti, sees), (sari, True)):
        async with browser.get(incident) as response:
            assert ("supervision_started" in await response.text()) == knows
    await sari.post(f"{incident}/send", json={"agencies": ["dpkp"]})
    agency = await site.client("pmk")
    async with agency.get(incident) as response:
        assert "supervision_started" not in await response.text()


async def test_who_took_over_is_the_incidents_operator(site: Site) -> None:
    """One incident, one call; the timeline says who took it from whom."""
    await site.put_call(CALL, OFFERED, TRIAGED, CONNECTED, STARTED, TAKEN)
    sari = await site.client("sari")
    async with sari.get("/api/v1/incidents/sby1-20261124-0001") as response:
        incident = await response.json()
    assert incident["operator"] == "sari"
    assert [(one["what"], one["who"]) for one in incident["events"][-2:]] == [
        ("supervision_started", "sari"), ("taken_over", "sari"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "words"), [("restarted", "terputus selagi pengendali mati"), ("took over", "mengambil alih")]
)
async def test_the_timeline_says_why_a_supervision_ended(site: Site, why: str, words: str) -> None:
    """After a controller's death, too."""
    ended = {"type": "supervision_ended", "supervisor": "sari", "mode": "listen", "why": why}
    await site.put_call(CALL, OFFERED, TRIAGED, CONNECTED, STARTED, ended)
    sari = await site.client("sari")
    async with sari.get("/incidents/sby1-20261124-0001") as response:
        assert f"mendengarkan · {words}" in await response.text()


def test_a_picture_of_an_older_controller_is_taken_too(city_file: Path) -> None:
    """One without supervisors in it."""
    picture = picture_for(load(city_file), Role.SUPERVISOR, {"calls": [{"call_id": CALL}]})
    assert picture == {"calls": [{"call_id": CALL, "supervisors": []}]}

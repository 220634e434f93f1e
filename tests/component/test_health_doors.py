"""`/healthz`, `/readyz` and `/metrics` of the dashboards and the rescuer; the controller's: test_watching."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from agi.rescuer import Rescuer
from agi.status import answering
from dashboards.errors import DatabaseReadOnly, DatabaseUnavailable
from suar.alarms import Alarms
from suar.city import load
from tests.component.conftest import CITY, OFFERED, Site, free_bind
from tests.component.test_ami import Server, running


def figures(text: str) -> dict[str, float]:
    """Every figure under its name and its labels' values."""
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(8):
        while not is_so():
            await asyncio.sleep(0.01)


async def ask(session: ClientSession, path: str) -> tuple[int, Any]:
    async with session.get(path) as response:
        return response.status, await response.json()


async def test_the_dashboards_are_alive_and_say_what_keeps_them_from_serving(site: Site) -> None:
    """Without a controller, without writes, without a database: a reason for each, and never a bug."""
    browser = await site.client()
    services = site.services
    assert await ask(browser, "/healthz") == (200, {"status": "ok"})
    status, said = await ask(browser, "/readyz")
    assert (status, said["database"], said["controller"], len(said["why"])) == (503, "ok", "lost", 1)
    site.show(None)
    ready = {"status": "ok", "database": "ok", "controller": "heard", "why": []}
    assert await ask(browser, "/readyz") == (200, ready)
    services.database_watch.trouble = "database_read_only"
    status, said = await ask(browser, "/readyz")
    assert (status, said["database"], len(said["why"])) == (503, "database_read_only", 1)
    services.database_watch.trouble = None

    async def fail(_: Any) -> Any:
        raise DatabaseUnavailable("The database says: no route to db.internal")

    services.db.read = fail  # type: ignore[method-assign, assignment]
    status, said = await ask(browser, "/readyz")
    assert (status, said["why"]) == (503, [DatabaseUnavailable.__doc__])
    assert await ask(browser, "/healthz") == (200, {"status": "ok"})


async def test_the_dashboards_figures_need_their_token_and_name_nobody(site: Site) -> None:
    """Requests by their pattern; what stands; no incident, user, number or address in any label."""
    sari = await site.client("sari")
    await site.put_call("sby1-1.1", OFFERED)
    await sari.get("/incidents/sby1-20261124-0001")
    await sari.request("PROPFIND", "/incidents")
    site.services.alarms.raise_("disk_low:database", "")
    for token in (None, site.secrets.control_token, site.secrets.ingest_token):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        assert (await sari.get("/metrics", headers=headers)).status == 401
    response = await sari.get("/metrics", headers={"Authorization": f"Bearer {site.secrets.metrics_token}"})
    text = await response.text()
    found = figures(text)
    assert found["suar_web_requests_total PUT /api/v1/calls/{call_id} 200"] == 1
    assert found["suar_web_requests_total GET /incidents/{incident_id} 200"] == 1
    assert found["suar_web_requests_total GET /metrics 401"] == 3
    assert any(name.startswith("suar_web_requests_total other ") for name in found)
    assert found["suar_web_request_seconds_count"] >= 6
    assert found["suar_controller_heard"] == 0
    assert found["suar_database_usable"] == 1
    assert found["suar_alarms disk_low"] == 1
    assert found["suar_webhook_waiting"] == found["suar_webhook_dropped_total"] == 0
    for secret in ("sby1", "8121234567", "sari", "127.0.0.1"):
        assert secret not in text


async def test_the_rescuer_says_how_it_is_and_what_it_did(tmp_path: Path) -> None:
    """Alive without anything; ready with Asterisk; its figures count whom it has moved."""
    manager = Server()
    city = load(CITY)
    bind = free_bind()
    control = web.Application()
    picture: dict[str, Any] = {"heard_ago_s": 0.1, "operators": []}

    async def snapshot(_: web.Request) -> web.Response:
        return web.json_response(picture)

    async def channels(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        who = f"ActionID: {action['ActionID']}\r\n"
        writer.write(f"Response: Success\r\n{who}EventList: start\r\n\r\n".encode())
        shown = "Uniqueid: sby1-1.9\r\nChannel: PJSIP/a\r\nChannelState: 6\r\nApplication: Stasis\r\n"
        shown += "ApplicationData: suar,call,telkomsel,112\r\n"
        writer.write(f"Event: CoreShowChannel\r\n{who}{shown}\r\n".encode())
        writer.write(f"Event: CoreShowChannelsComplete\r\n{who}ListItems: 1\r\n\r\n".encode())

    manager.on["CoreShowChannels"] = channels
    control.router.add_get("/v1/snapshot", snapshot)
    async with TestServer(control) as controller, running(manager) as ami:
        url = str(controller.make_url("")).rstrip("/")
        rescuer = Rescuer(city, url, "control", ami, tmp_path / "operators.json")
        async with (
            answering(rescuer.status, Alarms(), bind, "figures", "control"),
            ClientSession(f"http://{bind}") as session,
        ):
            assert await ask(session, "/healthz") == (200, {"status": "ok"})
            status, said = await ask(session, "/readyz")
            assert (status, said["asterisk"]) == (503, "down")
            assert said["why"] == ["Asterisk's manager interface cannot be reached"]
            working = asyncio.create_task(rescuer.run())
            await until(lambda: rescuer.status.has_asterisk)
            ready = {"status": "ok", "asterisk": "up", "controller": "alive", "test_call": "none", "why": []}
            assert await ask(session, "/readyz") == (200, ready)
            picture["heard_ago_s"] = None
            rescuer.health._last_good -= 2.0
            await until(lambda: rescuer.status.given._value.get())
            assert (await ask(session, "/readyz"))[1]["controller"] == "dead"
            assert (await ask(session, "/metrics"))[0] == 401
            async with session.get("/metrics", headers={"Authorization": "Bearer figures"}) as response:
                found = figures(await response.text())
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
    assert (found["suar_asterisk_up"], found["suar_controller_alive"]) == (1, 0)
    assert (found["suar_controller_outages_total"], found["suar_callers_given_to_asterisk_total"]) == (1, 1)
    assert found["suar_callers_given_back_total"] == 0


async def test_a_port_that_is_taken_costs_the_answer_and_not_the_rescue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two cities on one machine with the same file, perhaps: the log says it, and the work goes on."""
    manager = Server()
    async with running(manager) as ami:
        city = load(CITY)
        rescuer = Rescuer(city, "http://127.0.0.1:1", "control", ami, tmp_path / "operators.json")
        taken = Server()
        async with running(taken) as other:
            bind = city.network.rescuer_bind._replace(port=other.port)
            async with answering(rescuer.status, Alarms(), bind, "figures", "control"):
                working = asyncio.create_task(rescuer.run())
                await until(lambda: rescuer.status.has_asterisk)
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
    assert "status_not_served" in "".join(capsys.readouterr())


async def test_a_refused_write_is_counted_as_what_it_was(site: Site) -> None:
    """503, and not as a bug."""
    sari = await site.client("sari")

    async def fail(_: Any) -> Any:
        raise DatabaseReadOnly

    site.services.db.write = fail  # type: ignore[method-assign, assignment]
    answer = await sari.post("/api/v1/incidents/x/close", json={})
    assert (answer.status, (await answer.json())["error"]["code"]) == (503, "database_read_only")
    found = figures(site.services.figures.text().decode())
    assert found["suar_web_requests_total POST /api/v1/incidents/{incident_id}/close 503"] == 1

"""Who gets in, and what a stranger meets; the OpenAPI document and the handlers, held to one another."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from openapi_spec_validator import validate

from dashboards.api.openapi import document
from dashboards.api.routes import ROUTES
from dashboards.state import utc_now
from dashboards.users.sessions import IDLE, Throttle
from tests.component.conftest import OFFERED, PASSWORD, Site


def concrete(path: str) -> str:
    return re.sub(r"\{(\w+?)(:[^}]*)?\}", r"no-such-\1", path)


async def test_every_route_refuses_a_stranger(site: Site) -> None:
    """Denied by default: only the doors themselves stand open, and errors have one shape."""
    open_doors = {
        "/login",
        "/logout",
        "/language",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
        "/static",
    }
    stranger = await site.client()
    for route in site.server.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path in open_doors or route.method == "*":
            continue
        response = await stranger.request(
            route.method, concrete(path), headers={"Accept": "application/json"}, allow_redirects=False
        )
        assert response.status == 401, (route.method, path, response.status)
        if route.method != "HEAD":
            assert (await response.json())["error"]["code"] == "not_signed_in"


async def test_a_stranger_who_asks_for_a_page_is_shown_the_door(site: Site) -> None:
    """A browser is sent to sign in; a page that is not there has the look of the others."""
    stranger = await site.client()
    response = await stranger.get("/board", headers={"Accept": "text/html"}, allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/login")
    lost = await (await site.client("sari")).get("/nowhere", headers={"Accept": "text/html"})
    assert lost.status == 404
    assert "<main" in await lost.text()


async def test_what_another_sites_page_sends_is_refused(site: Site) -> None:
    """By Sec-Fetch-Site where the browser says it, by Origin where it does not."""
    sari = await site.client("sari")
    path = "/api/v1/incidents/x/close"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.invalid"}, {"Origin": "null"}):
        assert (await sari.post(path, json={}, headers=headers)).status == 403, headers
    assert (await sari.post(path, json={}, headers={"Sec-Fetch-Site": "same-origin"})).status == 404


async def test_every_answer_has_its_security_headers(site: Site) -> None:
    """A strict policy on pages and errors alike; the cookie is out of scripts' reach."""
    client = await site.client()
    for path in ("/login", "/nowhere", "/static/suar.css", "/api/openapi.json"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    response = await client.post("/login", data={"name": "sari", "password": PASSWORD}, allow_redirects=False)
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_who_mistypes_her_password_is_told_so(site: Site) -> None:
    """On the page that asks, where she can try again; a browser is not sent there without a word."""
    client, page = await site.client(), {"Accept": "text/html"}
    wrong = {"name": "sari", "password": "wrong"}
    response = await client.post("/login", data=wrong, headers=page, allow_redirects=False)
    assert response.status == 401
    assert "Nama atau kata sandi salah." in await response.text()


async def test_whoever_has_a_page_open_is_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agency's desk that was quiet all night is not signed out beneath its page."""
    monkeypatch.setattr("dashboards.pages.streaming._TICK_S", 0.02)
    pmk, later = await site.client("pmk"), utc_now()
    site.services.now = lambda: later
    async with pmk.get("/events", params={"page": "agency"}) as stream:
        for _ in range(4):
            later += IDLE - timedelta(minutes=1)
            for _ in range(2):
                while not (await stream.content.readline()).startswith(b"event: tick"):
                    pass
            await site.services.presence.settle()
        assert (await pmk.get("/agency")).status == 200
    # Who closes the page is no error of ours.
    for _ in range(100):
        if b'route="/events",status="499"' in site.services.figures.text():
            break
        await asyncio.sleep(0.02)
    assert b'route="/events",status="500"' not in site.services.figures.text()
    assert b'route="/events",status="499"' in site.services.figures.text()


async def test_too_many_failures_close_the_door_for_a_while(site: Site) -> None:
    """Eight in a minute; then even the right password has to wait."""
    client = await site.client()
    for _ in range(8):
        response = await client.post("/login", data={"name": "sari", "password": "wrong"})
        assert response.status == 401
    response = await client.post("/login", data={"name": "sari", "password": PASSWORD})
    assert response.status == 429


def test_a_throttle_opens_again_when_the_failures_are_old() -> None:
    """Time comes in from outside."""
    throttle = Throttle(2, 60)
    throttle.note_failure("a", 0)
    throttle.note_failure("a", 1)
    assert throttle.is_closed("a", 59)
    assert not throttle.is_closed("b", 59)
    assert not throttle.is_closed("a", 61)


async def test_who_signs_out_or_is_switched_off_is_out_everywhere(site: Site) -> None:
    """A session is ended on the server's side."""
    one, other = await site.client("sari"), await site.client("sari")
    await one.post("/logout")
    assert (await one.get("/api/v1/incidents")).status == 401
    assert (await other.get("/api/v1/incidents")).status == 200
    admin = await site.client("admin")
    assert (await admin.post("/users/sari/disable", allow_redirects=False)).status == 303
    assert (await other.get("/api/v1/incidents")).status == 401


async def test_the_controllers_door_needs_its_token(site: Site) -> None:
    """A signed-in admin is not the controller."""
    admin = await site.client("admin")
    body = {"events": [{"seq": 1, "at": "2026-11-24T08:00:00Z", **OFFERED}]}
    assert (await admin.put("/api/v1/calls/sby1-1.1", json=body)).status == 401
    wrong = {"Authorization": "Bearer nonsense"}
    assert (await admin.put("/api/v1/calls/sby1-1.1", json=body, headers=wrong)).status == 401


async def test_an_operator_is_told_when_the_controller_is_away(site: Site) -> None:
    """503 with a way to understand it, and the page says that its data are old."""
    siti = await site.client("siti")
    response = await siti.post("/api/v1/me/ready", json={})
    assert (response.status, (await response.json())["error"]["code"]) == (503, "controller_down")
    assert "Data langsung terputus" in await (await siti.get("/desk")).text()


async def test_the_openapi_document_is_valid_and_names_every_route_and_no_other(site: Site) -> None:
    """The document that is served is the one that is made from the handlers."""
    client = await site.client()
    served = await (await client.get("/api/openapi.json")).json()
    assert served == document(ROUTES)
    validate(served)
    documented = {
        (method.upper(), path) for path, operations in served["paths"].items() for method in operations
    }
    handled = {
        (route.method, route.resource.canonical)
        for route in site.server.app.router.routes()
        if route.resource and route.resource.canonical.startswith("/api/v1/") and route.method != "HEAD"
    }
    assert documented == handled


async def test_a_page_is_kept_fresh_by_its_stream(site: Site) -> None:
    """Every region once, a tick with the time, and then only what has changed."""
    await site.put_call("sby1-1.1", OFFERED)
    sari = await site.client("sari")
    async with sari.get("/events", params={"page": "incidents"}) as stream:
        first = await _events(stream, 2)
        assert [event for event, _ in first] == ["region", "tick"]
        assert "region-list" in first[0][1]
        await site.put_call("sby1-1.2", OFFERED)
        fresh = await _events(stream, 1)
        assert "sby1-20261124-0002" in fresh[0][1]


async def test_a_stop_does_not_wait_for_open_streams(site: Site) -> None:
    """The hub ends them."""
    sari = await site.client("sari")
    async with sari.get("/events", params={"page": "incidents"}) as stream:
        await _events(stream, 1)
        assert len(site.services.hub) == 1
        site.services.hub.close()
        async with asyncio.timeout(2):
            await stream.read()


async def _events(stream: Any, count: int) -> list[tuple[str, str]]:
    """Read server-sent events."""
    found: list[tuple[str, str]] = []
    name = ""
    async with asyncio.timeout(8):
        while len(found) < count:
            line = (await stream.content.readline()).decode().strip()
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                found.append((name, line[5:]))
    return found

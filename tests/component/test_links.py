"""A link by SMS: asked for by the operator, shared by the first phone that agrees, and by no other."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from dashboards.app import create as create_dashboards
from dashboards.public.app import create
from dashboards.state import SERVICES, utc_now
from suar.city.public import LinkSettings, SmsSettings
from tests.component.conftest import ENDED, OFFERED, Site

INCIDENT = "sby1-20261124-0001"
FIX = {"latitude": -7.2656, "longitude": 112.7371, "accuracy": 12.5, "age_ms": 1500}
FORM = {"X-Requested-With": "suar"}


@dataclass
class Gateway:
    """An SMS gateway that keeps what it is given."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    status: int = 200

    async def take(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("Authorization"))
        self.sent.append(await request.json())
        return web.Response(status=self.status)

    @property
    def token(self) -> str:
        """What the last SMS's link ends in."""
        found = re.search(r"http://phones\.example/l/(\S+)", self.sent[-1]["text"])
        assert found
        return found[1]


@dataclass
class Town:
    """The dashboards, their public address, and a gateway."""

    site: Site
    gateway: Gateway
    public: TestServer
    phones: list[ClientSession] = field(default_factory=list)

    def phone(self) -> ClientSession:
        """Return another phone."""
        one = ClientSession(self.public.make_url("/"), cookie_jar=CookieJar(unsafe=True))
        self.phones.append(one)
        return one

    async def ask(self, **body: Any) -> tuple[int, Any]:
        """Press the operator's button."""
        siti = await self.site.client("siti")
        answer = await siti.post(f"/api/v1/incidents/{INCIDENT}/location-link", json=body)
        return answer.status, await answer.json()

    async def state(self) -> Any:
        siti = await self.site.client("siti")
        return (await (await siti.get(f"/api/v1/incidents/{INCIDENT}/location-link")).json())["link"]

    async def incident(self) -> Any:
        siti = await self.site.client("siti")
        return await (await siti.get(f"/api/v1/incidents/{INCIDENT}")).json()


@pytest.fixture
async def town(site: Site) -> AsyncIterator[Town]:
    """A town with one call."""
    gateway, taker = Gateway(), web.Application()
    taker.router.add_post("/send", gateway.take)
    server = TestServer(taker)
    async with server:
        sms = SmsSettings(
            url=str(server.make_url("/send")),
            headers={"Content-Type": "application/json", "Authorization": "Bearer {key}"},
            body='{"to": "{number}", "text": "{text}"}',
        )
        links = LinkSettings(url="http://phones.example")
        city = site.city.model_copy(update={"sms": sms, "links": links})
        # The same state, with the gateway: the site's own has the demonstration's.
        app = create_dashboards(city, site.state, site.secrets)
        site.services, site.city = app[SERVICES], city
        site.server, public = TestServer(app), TestServer(create(site.services, site.secrets))
        async with site.server, public:
            await site.put_call("sby1-1.1", {**OFFERED, "number": "08121234567"})
            found = Town(site, gateway, public)
            yield found
            for one in found.phones:
                await one.close()


async def test_a_link_brings_the_phones_place_to_the_incident(town: Town) -> None:
    """From the button to the claim, with every step in the timeline."""
    status, answer = await town.ask()
    assert (status, answer["link"]["state"], answer["link"]["number"]) == (200, "sent", "567")
    assert town.gateway.sent[0]["to"] == "+628121234567"
    assert town.gateway.sent[0]["text"].startswith("112 Surabaya: buka http://phones.example/l/")
    assert town.gateway.keys == [f"Bearer {town.site.secrets.sms_key}"]
    phone, token = town.phone(), town.gateway.token
    page = await phone.get(f"/l/{token}")
    assert (page.status, "Bagikan lokasi saya" in await page.text()) == (200, True)
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert (await town.state())["state"] == "opened"
    assert (await phone.post(f"/l/{token}/start")).status == 204
    assert (await phone.post(f"/l/{token}/fix", json=FIX)).status == 204
    assert (await phone.post(f"/l/{token}/fix", json={**FIX, "latitude": -7.2666})).status == 204
    assert (await phone.post(f"/l/{token}/fix", json={**FIX, "latitude": -7.26661})).status == 204
    shown = await town.incident()
    assert [(one["source"], one["latitude"], one["identity"]["number"]) for one in shown["claims"]] == [
        ("link", -7.2656, "+628121234567"), ("link", -7.2666, "+628121234567"),
    ]  # fmt: skip
    assert (await town.state())["state"] == "sharing"
    assert (await phone.post(f"/l/{token}/stop")).status == 204
    whats = [one["what"] for one in (await town.incident())["events"] if one["what"] != "location_changed"]
    assert whats == [
        "offered",
        "link_sent",
        "link_opened",
        "link_sharing",
        "located",
        "located",
        "link_stopped",
    ]


async def test_the_first_phone_that_agrees_has_the_link(town: Town) -> None:
    """Looking uses nothing up: a preview may look first. Who comes second sees what a stranger sees."""
    await town.ask()
    first, second, token = town.phone(), town.phone(), town.gateway.token
    assert (await second.get(f"/l/{token}")).status == 200
    assert (await first.post(f"/l/{token}/fix", json=FIX)).status == 404
    assert (await first.post(f"/l/{token}/start")).status == 204
    assert (await first.post(f"/l/{token}/start")).status == 204
    for path, body in (("start", {}), ("fix", FIX), ("cannot", {}), ("stop", {})):
        assert (await second.post(f"/l/{token}/{path}", json=body)).status == 404
    assert (await second.post(f"/l/{token}/words", data={"text": "here"})).status == 404
    assert (await first.post(f"/l/{token}/fix", json=FIX)).status == 204
    assert len((await town.incident())["claims"]) == 1


async def test_a_link_ends_with_its_time_and_with_its_incident(town: Town) -> None:
    """An old link, one of a closed incident and one that never was look the same."""
    await town.ask()
    phone, token = town.phone(), town.gateway.token
    await phone.post(f"/l/{token}/start")
    stranger = await (await phone.get("/l/AAAAAAAAAAAAAAAA")).text()
    services = town.site.services
    services.now = lambda: utc_now() + timedelta(seconds=3601)
    late = await phone.get(f"/l/{token}")
    assert (late.status, await late.text()) == (404, stranger)
    assert (await phone.post(f"/l/{token}/fix", json=FIX)).status == 404
    assert (await town.state())["state"] == "over"
    services.now = utc_now
    assert (await phone.get(f"/l/{token}")).status == 200
    await town.site.put_call("sby1-1.1", ENDED, first=2)
    siti = await town.site.client("siti")
    closed = await siti.post(f"/api/v1/incidents/{INCIDENT}/close", json={"disposition": "normal"})
    assert closed.status == 200, await closed.text()
    assert (await phone.get(f"/l/{token}")).status == 404


async def test_a_phone_that_cannot_share_says_why_and_may_write(town: Town) -> None:
    """Also without a script, where the form is the first step; what is written is an address, not a point."""
    await town.ask()
    phone, token = town.phone(), town.gateway.token
    empty = await phone.post(f"/l/{token}/words", data={"text": "  "})
    assert (empty.status, "paling banyak 300" in await empty.text()) == (422, True)
    words = await phone.post(f"/l/{token}/words?lang=en", data={"text": "Depan Pasar <b>Atom"})
    assert (words.status, "Thank you" in await words.text()) == (200, True)
    assert (await phone.post(f"/l/{token}/cannot", data={"reason": "denied"}, headers=FORM)).status == 204
    assert (await phone.post(f"/l/{token}/cannot", data={"reason": "<script>"}, headers=FORM)).status == 204
    shown = await town.incident()
    assert [(one["civic"], one["latitude"]) for one in shown["claims"]] == [
        ({"LOC": "Depan Pasar <b>Atom"}, None)
    ]
    assert [one["data"]["text"] for one in shown["events"] if one["what"] == "link_cannot"] == [
        "denied", "unavailable",
    ]  # fmt: skip
    siti = await town.site.client("siti")
    page = await (await siti.get(f"/incidents/{INCIDENT}")).text()
    assert "Depan Pasar &lt;b&gt;Atom" in page
    assert "tidak bisa membagikan" in page


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", json.dumps({**FIX, "accuracy": -1}).encode(), b'{"latitude": 0, "longitude": 0}'],
)
async def test_what_is_no_place_is_refused(town: Town, body: bytes) -> None:
    """And nothing is kept of it."""
    await town.ask()
    phone, token = town.phone(), town.gateway.token
    await phone.post(f"/l/{token}/start")
    assert (await phone.post(f"/l/{token}/fix", data=body)).status == 422
    assert (await town.incident())["claims"] == []


async def test_a_gateway_that_fails_is_told_and_the_link_taken_back(town: Town) -> None:
    """The operator can press again."""
    town.gateway.status = 500
    status, answer = await town.ask()
    assert (status, answer["error"]["code"]) == (502, "sms_gateway_down")
    assert "answered 500" in answer["error"]["message"]
    assert await town.state() is None
    assert (await town.phone().get(f"/l/{town.gateway.token}")).status == 404
    town.gateway.status = 200
    assert (await town.ask(number="0813-9999-999"))[0] == 200
    assert town.gateway.sent[-1]["to"] == "+628139999999"
    events = [one["what"] for one in (await town.incident())["events"]]
    assert events == ["offered", "link_sent", "link_failed", "link_sent"]


async def test_only_the_staff_send_links_to_real_numbers_and_not_too_many(town: Town) -> None:
    """Five for one incident in ten minutes; an agency's desk sends none."""
    assert (await town.ask(number="hello"))[1]["error"]["field"] == "number"
    pmk = await town.site.client("pmk")
    assert (await pmk.post(f"/api/v1/incidents/{INCIDENT}/location-link", json={})).status == 403
    assert (await pmk.post(f"/incidents/{INCIDENT}/location-link", data={})).status == 403
    siti = await town.site.client("siti")
    missing = await siti.post("/api/v1/incidents/sby1-20261124-0009/location-link", json={})
    assert missing.status == 404
    answers = [(await town.ask())[0] for _ in range(6)]
    assert answers == [200] * 5 + [429]
    form = await siti.post(f"/incidents/{INCIDENT}/location-link", data={"number": ""}, headers=FORM)
    assert form.status == 429


async def test_who_guesses_tokens_is_stopped(town: Town) -> None:
    """And the true one still works, for whoever has it."""
    await town.ask()
    phone, token = town.phone(), town.gateway.token
    statuses = {(await phone.get(f"/l/{number:016d}")).status for number in range(60)}
    assert statuses == {404, 429}
    assert (await phone.get(f"/l/{token}")).status == 200


async def test_one_phone_cannot_flood_an_incident(town: Town) -> None:
    """So many updates a minute."""
    await town.ask()
    phone, token = town.phone(), town.gateway.token
    await phone.post(f"/l/{token}/start")
    statuses = {(await phone.post(f"/l/{token}/fix", json=FIX)).status for _ in range(60)}
    assert statuses == {204, 429}
    assert len((await town.incident())["claims"]) == 1


async def test_no_token_and_no_place_goes_to_the_log(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor a number."""
    await town.ask()
    phone, token = town.phone(), town.gateway.token
    await phone.get(f"/l/{token}")
    await phone.post(f"/l/{token}/start")
    await phone.post(f"/l/{token}/fix", json=FIX)
    told = "".join(capsys.readouterr())
    assert "/l/{token}" in told
    for secret in (token, "8121234567", "7.2656", "112.7371"):
        assert secret not in told

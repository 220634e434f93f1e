"""Carriers' location servers, asked as a call goes on: over a real HTTP server that speaks HELD."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ari_app.calls.call import Call
from ari_app.calls.claims import add_to
from ari_app.calls.following import follow, sources_of
from ari_app.calls.location_servers import (
    MOST_BYTES,
    LocationGone,
    LocationServerFailed,
    LocationServers,
    Source,
)
from suar.city import load
from suar.city.carriers import LocationTls
from suar.location import Claim, Reading, Reference, following
from suar.location.shapes import Circle, Position
from tests.component.conftest import CITY
from tests.component.test_call_flow import House, house
from tests.component.test_invites import PIDF

__all__ = ["house"]

TLS = Path(__file__).parents[1] / "data" / "tls"
"""An authority, a server at 127.0.0.1 and a client, for a hundred years. Only these tests trust them."""
HELD = '<locationResponse xmlns="urn:ietf:params:xml:ns:geopriv:held">{}</locationResponse>'


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Lis:
    """A location server: it answers with what it is told to, and keeps what it was asked."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, await request.text()))
        if self.answers:
            return self.answers.pop(0)
        place = f"-7.26{len(self.asked)} 112.74"
        found_at = now() + timedelta(seconds=10 * len(self.asked) - 60)
        document = PIDF.format(found_at.isoformat()).replace("-7.26 112.74", place)
        return web.Response(text=HELD.format(document), content_type="application/held+xml")


@pytest.fixture
async def lis() -> AsyncIterator[Lis]:
    one = Lis()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", one.handle)
    async with TestServer(app) as server:
        one.url = str(server.make_url("/where/abc"))
        yield one


@pytest.fixture
async def servers() -> AsyncIterator[LocationServers]:
    one = LocationServers(now)
    yield one
    await one.close()


async def test_a_location_uri_is_asked_by_post_with_how_long_it_may_take(
    lis: Lis, servers: LocationServers
) -> None:
    """RFC 6753; the claim's source is the server."""
    reading = await servers.ask(Source(lis.url, provider="lis.example"), "emergencyRouting")
    (claim,) = reading.claims
    assert (claim.source, claim.provider) == ("held", "lis.example")
    assert claim.shape == Circle(Position(-7.261, 112.74), 35.0)
    method, text = lis.asked[0]
    assert (method, 'responseTime="emergencyRouting"' in text, "<device" in text) == ("POST", True, False)


async def test_a_device_is_named_and_a_server_that_takes_no_post_is_asked_by_get(
    lis: Lis, servers: LocationServers
) -> None:
    """RFC 6155; a bare PIDF-LO is an answer, too."""
    await servers.ask(Source(lis.url, (("msisdn", "628121234567"),)), "emergencyDispatch")
    assert "<msisdn>628121234567</msisdn>" in lis.asked[0][1]
    bare = web.Response(text=PIDF.format(now().isoformat()), content_type="application/pidf+xml")
    lis.answers += [web.Response(status=405), bare]
    reading = await servers.ask(Source(lis.url), "emergencyDispatch")
    assert [method for method, _ in lis.asked[1:]] == ["POST", "GET"]
    assert reading.claims[0].source == "held"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 500}, LocationServerFailed),
        ({"status": 404}, LocationGone),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, LocationServerFailed),
        ({"body": b"x" * (MOST_BYTES + 1)}, LocationServerFailed),
    ],
)
async def test_what_is_no_answer_is_an_error_without_the_uri(
    lis: Lis, servers: LocationServers, answer: dict[str, object], error: type[Exception]
) -> None:
    """Who knows the URI can follow the caller."""
    lis.answers.append(web.Response(**answer))  # type: ignore[arg-type]
    with pytest.raises(error) as failed:
        await servers.ask(Source(lis.url), "emergencyRouting")
    assert "abc" not in str(failed.value)


async def test_a_server_that_wants_to_know_us_is_shown_the_carriers_certificate(tmp_path: Path) -> None:
    """Mutual TLS: without it nobody is let in; a certificate that is renewed is shown from then on."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(TLS / "authority.pem"))
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_cert_chain(TLS / "server.pem", TLS / "server.key")
    lis, app = Lis(), web.Application()
    app.router.add_route("*", "/{path:.*}", lis.handle)
    ours = tmp_path / "suar.pem"
    tls = LocationTls(certificate=str(ours), authorities=str(TLS / "authority.pem"))
    carrier = load(CITY).carriers[0].model_copy(update={"location_tls": tls})
    servers = LocationServers(now, [carrier])
    there = TestServer(app, scheme="https")
    await there.start_server(ssl=server)
    source = Source(str(there.make_url("/held")), carrier="telkomsel")
    try:
        with pytest.raises(LocationServerFailed, match="FileNotFoundError"):
            await servers.ask(source, "emergencyRouting")
        ours.write_bytes((TLS / "client.pem").read_bytes())
        with pytest.raises(LocationServerFailed, match=r"suar\.pem"):
            await servers.ask(source, "emergencyRouting")
        ours.write_bytes((TLS / "client.key").read_bytes() + (TLS / "client.pem").read_bytes())
        assert (await servers.ask(source, "emergencyRouting")).is_usable
        with pytest.raises(LocationServerFailed, match="Certificate"):
            await servers.ask(replace(source, carrier="indosat"), "emergencyRouting")
    finally:
        await servers.close()
        await there.close()


async def test_nobody_there_and_nonsense_are_no_claims(lis: Lis, servers: LocationServers) -> None:
    """A HELD error and what is no document leave nothing behind."""
    with pytest.raises(LocationServerFailed):
        await servers.ask(Source("http://127.0.0.1:1/x"), "emergencyRouting")
    error = '<error xmlns="urn:ietf:params:xml:ns:geopriv:held" code="locationUnknown"/>'
    for text in (error, "not found", ""):
        lis.answers.append(web.Response(text=text))
        assert (await servers.ask(Source(lis.url), "emergencyRouting")).claims == ()


async def test_a_call_is_followed_as_it_goes_on(
    house: House, lis: Lis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each time, through failures; each new place is a change; a place that is gone is not asked again."""
    monkeypatch.setattr(following, "ask_times", lambda: iter([0.01, 0.02, 0.03, 0.04, 0.05]))
    lis.answers += [web.Response(status=503)]
    call = await _trusting(house)
    following_it = asyncio.create_task(follow(call, [Reference(lis.url)], house.controller.ports))
    await following_it
    assert len(lis.asked) == 5
    history = [event.type for event in house.controller.outbox.history(call.id)]
    assert history.count("located") == 4
    assert history.count("location_changed") == 3
    lis.asked.clear()
    lis.answers += [web.Response(status=410)]
    await follow(call, [Reference(lis.url)], house.controller.ports)
    assert len(lis.asked) == 1


async def test_a_leap_that_nobody_makes_is_an_alarm(house: House) -> None:
    """Two fixes of one phone, kilometres apart within a second."""
    call = await _trusting(house)
    first = Claim("held", now(), Circle(Position(-7.26, 112.74), 30), method="GPS", fix_at=now())
    second = Claim(
        "held",
        now(),
        Circle(Position(-7.30, 112.74), 20),
        method="GPS",
        fix_at=now() + timedelta(seconds=0.5),
    )
    await add_to(call, Reading("held", (first,)), house.controller.ports)
    await add_to(call, Reading("held", (second,)), house.controller.ports)
    assert house.data(call.id, "location_changed")["change"]["is_alarm"] is True


async def test_only_the_carriers_own_servers_are_asked(house: House) -> None:
    """Whatever an INVITE names: no other host, no other scheme, no other purpose, nothing for a test call."""
    call = await _trusting(house)
    good, others = Reference("https://127.0.0.1/a"), [
        Reference("https://169.254.169.254/latest"), Reference("sip:a@127.0.0.1"), Reference("file:///etc/x"),
        Reference("https://127.0.0.1@evil.example/a"), Reference("https://[bad"), Reference("https:"),
        Reference("https://127.0.0.1/b", purpose="ProviderInfo"),
    ]  # fmt: skip
    assert sources_of(call, [good, *others, good]) == [Source("https://127.0.0.1/a", carrier="telkomsel")]
    assert call.carrier is not None
    call.carrier = call.carrier.model_copy(update={"location_server": "https://lis.example/held"})
    assert sources_of(call, [])[0].device == (("msisdn", "628121234567"),)
    call.number = None
    assert sources_of(call, []) == []
    await follow(call, [Reference("https://evil.example/")], house.controller.ports)


async def _trusting(house: House) -> Call:
    """A call whose carrier's location servers are on this machine."""
    await house.call()
    (call,) = house.controller.switchboard.calls()
    assert call.carrier is not None
    call.carrier = call.carrier.model_copy(update={"location_hosts": ["127.0.0.1"]})
    return call

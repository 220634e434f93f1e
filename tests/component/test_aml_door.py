"""Phones' locations come in by HTTPS and SMS, and are on their call."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from dashboards.locating import open_calls, open_desk
from dashboards.locating.desk import Desk
from dashboards.public.app import create
from dashboards.sqlite_file import SqliteFile
from dashboards.state import utc_now
from suar.city.public import AmlSettings, PublicSettings
from suar.record import decode, encode
from tests.component.conftest import ENDED, OFFERED, Site

CALL = "sby1-1.1"
FIX = {
    "v": "1", "emergency_number": "112", "source": "call", "location_latitude": "-7.26543",
    "location_longitude": "112.73712", "location_accuracy": "12.5", "location_source": "gps",
    "location_confidence": "0.68", "device_number": "+628121234567", "device_imsi": "510101234567890",
}  # fmt: skip
NO_FIX = {"v": "1", "device_number": "08121234567", "location_latitude": "0.0", "location_longitude": "0.0"}
SMS = 'A"ML=1;lt=-7.26543;lg=112.73712;rd=25;top=20261125080000;lc=90;pm=G;si=510101234567890;ml=104'


@asynccontextmanager
async def door(site: Site, **settings: Any) -> AsyncIterator[ClientSession]:
    """The public address, with these settings of AML."""
    services = site.services
    services.city = site.city.model_copy(
        update={
            "aml": AmlSettings(**{**{"before_s": 1.0}, **settings}),
            "public": PublicSettings(proxies=1),
        }
    )
    async with (
        TestServer(create(services, site.secrets)) as server,
        ClientSession(server.make_url("/")) as one,
    ):
        yield one


def bearer(site: Site) -> dict[str, str]:
    return {"Authorization": f"Bearer {site.secrets.aml_token}"}


async def ring(
    site: Site, call_id: str = CALL, number: str | None = "08121234567", ago_s: float = 0.0
) -> None:
    """A call comes in."""
    at = (utc_now() - timedelta(seconds=ago_s)).isoformat()
    await site.put_call(call_id, {**OFFERED, "number": number, "at": at})


async def incident(site: Site, number: int = 1) -> Any:
    siti = await site.client("siti")
    listed = await (await siti.get("/api/v1/incidents")).json()
    ids = sorted(one["id"] for one in listed["incidents"])
    return await (await siti.get(f"/api/v1/incidents/{ids[number - 1]}")).json()


async def claims(site: Site, number: int = 1) -> list[Any]:
    return list((await incident(site, number))["claims"])


def signed(site: Site, fields: dict[str, str], key: str | None = None) -> bytes:
    body = urlencode(fields).encode()
    made = hmac.new((key or site.secrets.aml_hmac_key).encode(), body, hashlib.sha1).hexdigest()
    return body + b"&hmac=" + made.encode()


async def test_a_phones_form_is_a_claim_on_its_call(site: Site) -> None:
    """Whatever way the trunk writes its number; the token's three ways in all open."""
    await ring(site)
    async with door(site) as public:
        answer = await public.post("/aml", data=FIX, headers=bearer(site))
        assert (answer.status, await answer.json()) == (
            200, {"claims": 1, "flags": ["time-missing"], "errors": []}
        )  # fmt: skip
        token = site.secrets.aml_token
        basic = base64.b64encode(f"els:{token}".encode()).decode()
        assert (await public.post(f"/aml/{token}", json=NO_FIX)).status == 200
        assert (
            await public.post("/aml", data=NO_FIX, headers={"Authorization": f"Basic {basic}"})
        ).status == 200
    shown = await incident(site)
    (claim,) = shown["claims"]
    assert (claim["source"], claim["latitude"], claim["uncertainty_m"], claim["confidence"]) == (
        "aml-https", -7.26543, 12.5, 68.0,
    )  # fmt: skip
    assert shown["location"]["source"] == "aml-https"
    assert [one["what"] for one in shown["events"]] == ["offered", "located", "no_location", "no_location"]
    siti = await site.client("siti")
    page = await (await siti.get(f"/incidents/{shown['id']}")).text()
    assert "AML: ponsel, lewat data" in page
    assert "ponsel tidak menemukan lokasi" in page


async def test_zeros_are_never_a_place(site: Site) -> None:
    """A phone without a fix says so, and the map stays empty."""
    await ring(site)
    async with door(site) as public:
        answer = await public.post("/aml", data=NO_FIX, headers=bearer(site))
        assert await answer.json() == {"claims": 0, "flags": [], "errors": ["aml-no-fix"]}
    assert await claims(site) == []


async def test_who_has_neither_the_token_nor_the_key_is_sent_away(site: Site) -> None:
    """And after so many attempts that address alone; what a stranger writes before it does not help."""
    await ring(site)
    async with door(site) as public:
        assert (await public.post("/aml", data=FIX)).status == 401
        assert (await public.post("/aml/wrong", data=FIX)).status == 401
        assert (await public.post("/aml", data=signed(site, FIX, "another key"))).status == 401
        assert (await public.post("/aml/sms", data={"from": "1", "text": SMS})).status == 401
        answers = set()
        for number in range(90):
            answer = await public.post("/aml", headers={"X-Forwarded-For": f"9.9.9.{number}, 192.0.2.1"})
            answers.add(answer.status)
        assert answers == {401, 429}
        assert (await public.post("/aml", headers={"X-Forwarded-For": "192.0.2.2"})).status == 401
        assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 200
    assert len(await claims(site)) == 1


async def test_a_right_hmac_is_enough_and_a_wrong_one_a_doubt(site: Site) -> None:
    """Where the key is required, the token alone opens nothing."""
    await ring(site)
    async with door(site) as public:
        assert (await public.post("/aml", data=signed(site, FIX))).status == 200
        other = {**FIX, "location_accuracy": "14"}
        wrong = await public.post("/aml", data=signed(site, other, "another key"), headers=bearer(site))
        assert "aml-not-authenticated" in (await wrong.json())["flags"]
    assert ["aml-not-authenticated" in one["flags"] for one in await claims(site)] == [False, True]
    async with door(site, hmac="required") as public:
        assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 403
        assert (await public.post("/aml", data=signed(site, FIX))).status == 200


async def test_sms_come_from_a_gateway(site: Site) -> None:
    """As text and as 7-bit data, as a form and as JSON, by the gateway's own names for the fields."""
    await ring(site)
    async with door(site) as public:
        answer = await public.post(
            "/aml/sms", data={"from": "+62 812-1234-567", "text": SMS}, headers=bearer(site)
        )
        assert (answer.status, (await answer.json())["claims"]) == (200, 1)
    data = {"data": {"msisdn": 628121234567, "body": pack(SMS.replace("rd=25", "rd=26")).hex()}}
    names = {"sms_number_field": "data.msisdn", "sms_text_field": "data.body"}
    async with door(site, **names) as public:
        answer = await public.post("/aml/sms", json=data, headers=bearer(site))
        assert "decoded-septets" in (await answer.json())["flags"]
        missing = await public.post("/aml/sms", json={"data": {}}, headers=bearer(site))
        assert (missing.status, (await missing.json())["error"]["field"]) == (422, "data.body")
    found = await claims(site)
    assert [(one["source"], one["uncertainty_m"]) for one in found] == [("aml-sms", 25.0), ("aml-sms", 26.0)]


def pack(text: str) -> bytes:
    """GSM 7-bit: each character's seven bits after the last one's, the lowest first (3GPP TS 23.038)."""
    number = sum(ord(letter) << 7 * place for place, letter in enumerate(text))
    return number.to_bytes((7 * len(text) + 7) // 8, "little")


async def test_a_message_waits_for_its_call(site: Site) -> None:
    """It came a moment before the INVITE."""
    async with door(site, before_s=60.0) as public:
        assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 200
        await ring(site, "sby1-1.1", "08129999999")
        await ring(site, "sby1-2.1")
        for _ in range(200):
            if await claims(site, 2):
                break
            await asyncio.sleep(0.05)
    assert [one["source"] for one in await claims(site, 2)] == ["aml-https"]
    assert await claims(site, 1) == []


async def test_a_message_comes_after_its_call(site: Site) -> None:
    """She was cut off; but what comes long after belongs to no call."""
    await ring(site, ago_s=500)
    await site.put_call(CALL, ENDED, first=2)
    await ring(site, "sby1-2.1", "08127777777", ago_s=700)
    await site.put_call("sby1-2.1", ENDED, first=2)
    async with door(site) as public:
        await public.post("/aml", data=FIX, headers=bearer(site))
        await public.post(
            "/aml", data={**FIX, "device_number": "08127777777", "device_imsi": ""}, headers=bearer(site)
        )
    assert (len(await claims(site, 1)), len(await claims(site, 2))) == (1, 0)


async def test_a_phone_without_a_number_is_known_by_its_imsi(site: Site) -> None:
    """Once a message with the number has told it."""
    await ring(site)
    async with door(site) as public:
        await public.post("/aml", data=FIX, headers=bearer(site))
        later = {**FIX, "device_number": "", "location_accuracy": "5"}
        await public.post("/aml", data=later, headers=bearer(site))
        nobody = await public.post("/aml", data={**later, "device_imsi": ""}, headers=bearer(site))
        assert (nobody.status, (await nobody.json())["error"]["field"]) == (422, "device_number")
    assert [one["uncertainty_m"] for one in await claims(site)] == [12.5, 5.0]


async def test_the_same_message_twice_is_one_claim(site: Site) -> None:
    """A gateway sends again what it had no answer for."""
    await ring(site)
    async with door(site) as public:
        for _ in range(3):
            await public.post("/aml", data=FIX, headers=bearer(site))
    assert len(await claims(site)) == 1


async def test_too_much_is_refused(site: Site) -> None:
    """Too large, too many, and what is no AML."""
    await ring(site)
    async with door(site, most_per_minute=4) as public:
        large = await public.post("/aml", data=b"x" * 20_000, headers=bearer(site))
        assert (large.status, (await large.json())["error"]["code"]) == (413, "body_too_large")
        for body in (b"hello", b"{}", b"\xff\xfe"):
            assert (await public.post("/aml", data=body, headers=bearer(site))).status == 422
        many = await public.post("/aml", data=FIX, headers=bearer(site))
        assert (many.status, (await many.json())["error"]["code"]) == (429, "too_many_attempts")
    assert await claims(site) == []


async def test_a_database_that_is_away_loses_no_message(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken, and on its call when the database is back."""
    await ring(site)
    # How long a database is waited for is not what this is about.
    connect = SqliteFile._connect
    monkeypatch.setattr(SqliteFile, "_connect", lambda file, _busy_s: connect(file, 0.2))
    await site.services.db.reconnect()
    async with door(site) as public:
        with closing(sqlite3.connect(site.state.root / "suar.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 200
            other.execute("ROLLBACK")
        for _ in range(300):
            if await claims(site):
                break
            await asyncio.sleep(0.05)
    assert len(await claims(site)) == 1


def kept(site: Site) -> list[Path]:
    """The messages on the disk."""
    return sorted(site.state.messages.glob("*"))


async def a_new_desk(site: Site) -> Desk:
    """The desk of a process that has just started, in place of one that has ended."""
    services = site.services
    calls = open_calls(services.city, services.db, services.hub, services.claims)
    return open_desk(services.city, site.state, calls, services.now, CollectorRegistry())


async def test_what_waits_outlives_a_restart(site: Site) -> None:
    """Its call rang while nobody was there to be told; then nothing of it is left on the disk."""
    async with door(site, before_s=60.0) as public:
        assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 200
        (file,) = kept(site)
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        desk = await a_new_desk(site)
        await desk.restore()
        await ring(site, ago_s=-1.0)
        await desk.look_again()
    (claim,) = await claims(site)
    assert (claim["source"], claim["latitude"]) == ("aml-https", -7.26543)
    assert kept(site) == []


async def test_a_message_is_gone_from_the_disk_with_its_window(site: Site) -> None:
    """It names a person and her place; what is too old, damaged or half written is not taken up."""
    async with door(site) as public:
        services, began = site.services, utc_now()
        await public.post("/aml", data=FIX, headers=bearer(site))
        (file,) = kept(site)
        whole = file.read_bytes()
        desk, record = await a_new_desk(site), decode(whole)
        assert record is not None
        file.with_name("0000000000001-0.message").write_bytes(whole)
        file.with_name(file.name.replace("-", "-f")).write_bytes(whole[:-9])
        file.with_name(file.name.replace("-", "-e")).write_bytes(encode({**record, "reading": {"kind": 1}}))
        file.with_name(file.name + ".new").write_bytes(b"")
        await desk.restore()
        assert kept(site) == [file]
        services.now = lambda: began + timedelta(seconds=75)  # The window of a minute is over.
        for _ in range(200):
            if not kept(site):
                break
            await asyncio.sleep(0.05)
    assert kept(site) == []


async def test_a_disk_that_takes_nothing_costs_no_message(site: Site) -> None:
    """It waits in memory, as it would without a disk."""
    site.state.messages.write_text("a file where the folder should be")
    async with door(site, before_s=60.0) as public:
        assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 200
        await ring(site)
        await site.services.desk.look_again()
    assert len(await claims(site)) == 1


async def test_the_door_is_counted_and_closed_where_the_city_has_none(site: Site) -> None:
    """Nothing of the staff's is behind it either way."""
    await ring(site)
    async with door(site) as public:
        await public.post("/aml", data=FIX, headers=bearer(site))
        for path in ("/", "/board", "/login", "/api/v1/incidents", "/static/suar.css", "/metrics"):
            assert (await public.get(path)).status == 404
    figures = site.services.figures.text().decode()
    assert 'suar_location_messages_total{outcome="matched",way="aml-https"} 1.0' in figures
    site.services.city = site.city.model_copy(update={"aml": None})
    async with (
        TestServer(create(site.services, site.secrets)) as server,
        ClientSession(server.make_url("/")) as public,
    ):
        assert (await public.post("/aml", data=FIX, headers=bearer(site))).status == 404


async def test_nobodys_number_goes_to_the_log(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor the token of the address, nor a place."""
    await ring(site)
    async with door(site) as public:
        await public.post(f"/aml/{site.secrets.aml_token}", data=FIX)
        await public.post(f"/aml/sms/{site.secrets.aml_token}", data={"from": "08121234567", "text": SMS})
    told = "".join(capsys.readouterr())
    for secret in ("8121234567", "510101234567890", "7.26543", "112.73712", site.secrets.aml_token):
        assert secret not in told

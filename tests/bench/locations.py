"""From a phone's AML POST to the operator's screen: through the public door, the database, the stream."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession, CookieJar, StreamReader
from aiohttp.test_utils import TestServer

from dashboards.app import create
from dashboards.public.app import create as create_public
from dashboards.state import SERVICES, utc_now
from dashboards.users import service as users
from dashboards.users.passwords import hash_password
from dashboards.warming import warm_up
from suar.city import load
from suar.paths import StateDir
from suar.secret import Secrets
from tests.bench.bed import percentile, say

_TARGET_MS = 300.0
_MESSAGES = 60
_OTHER_CALLS = 100
_CITY = Path(__file__).parents[2] / "cities" / "surabaya.toml"
_PASSWORD = "a long enough password"


async def run() -> bool:
    """One message after another for one call among a hundred; each another place."""
    city = load(_CITY)
    with tempfile.TemporaryDirectory() as folder:
        state = StateDir(Path(folder))
        secrets = Secrets.load_or_create(state, city)
        app = create(city, state, secrets)
        server = TestServer(app)
        async with server:
            await warm_up(app[SERVICES].geography)
            public = TestServer(create_public(app[SERVICES], secrets))
            async with public:
                took_ms = await _measure(server, public, secrets)
    middle, late, worst = percentile(took_ms, 0.5), percentile(took_ms, 0.99), max(took_ms)
    say(f"locations: AML POST to the screen, {len(took_ms)} messages among {_OTHER_CALLS} calls")
    say(f"  p50 {middle:.0f} ms   p99 {late:.0f} ms   worst {worst:.0f} ms   (target: {_TARGET_MS:.0f} ms)")
    return late < _TARGET_MS


async def _measure(server: TestServer, public: TestServer, secrets: Secrets) -> list[float]:
    assert server.app is not None
    services, base = server.app[SERVICES], str(server.make_url("")).rstrip("/")
    hashed = hash_password(_PASSWORD)
    await services.db.write(
        lambda session: users.add(session, services.city, "siti", "operator", None, hashed, utc_now())
    )
    cookies = CookieJar(unsafe=True)
    async with ClientSession(base, cookie_jar=cookies, headers={"Origin": base}) as browser:
        await browser.post("/login", data={"name": "siti", "password": _PASSWORD}, allow_redirects=False)
        token = {"Authorization": f"Bearer {secrets.ingest_token}"}
        for number in range(_OTHER_CALLS + 1):
            offered = {
                "seq": 1, "type": "offered", "at": utc_now().isoformat(), "carrier": "telkomsel",
                "number": f"0812{number:07d}", "presentation": "allowed", "dialled": "112",
            }  # fmt: skip
            path = f"/api/v1/calls/sby1-{number}.1"
            stored = await (await browser.put(path, json={"events": [offered]}, headers=token)).json()
        query = {"page": "incident", "incident_id": stored["incident_id"]}
        async with (
            browser.get("/events", params=query) as stream,
            ClientSession(public.make_url("/")) as phone,
        ):
            # The first one opens what stays open.
            await _one(stream.content, phone, secrets, 0)
            return [await _one(stream.content, phone, secrets, 1 + number) for number in range(_MESSAGES)]


async def _one(stream: StreamReader, phone: ClientSession, secrets: Secrets, number: int) -> float:
    # Each more exact than the last, so that each is the one to show.
    latitude = f"-7.2{number:04d}"
    form = {
        "v": "1", "device_number": f"+62812{_OTHER_CALLS:07d}", "location_latitude": latitude,
        "location_longitude": "112.73712", "location_accuracy": str(200 - number), "location_source": "gps",
        "location_time": str(round(time.time() * 1000)),
    }  # fmt: skip
    began = time.perf_counter()
    posting = asyncio.create_task(_post(phone, secrets, form))
    async with asyncio.timeout(20):
        while True:
            line = await stream.readline()
            if line.startswith(b"data:") and latitude in json.loads(line[5:]).get("html", ""):
                break
    took_ms = (time.perf_counter() - began) * 1000
    await posting
    return took_ms


async def _post(phone: ClientSession, secrets: Secrets, form: dict[str, str]) -> None:
    async with phone.post(
        "/aml", data=form, headers={"Authorization": f"Bearer {secrets.aml_token}"}
    ) as answer:
        assert answer.status == 200, await answer.text()

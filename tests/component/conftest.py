"""A web backend on SQLite in a temporary folder, with its clients."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from ari_app.fake_asterisk import FakeAsterisk
from dashboards.app import create
from dashboards.db import Database
from dashboards.state import SERVICES, Services, utc_now
from dashboards.users import service as users
from suar.city import Bind, City, load
from suar.paths import StateDir
from suar.secret import Secrets
from tests.ports import free_ports

CITY = Path(__file__).parents[2] / "cities" / "surabaya.toml"
PASSWORD = "a long enough password"
# Signing in costs next to nothing here: nobody guesses, and a hash says itself how it was made.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PEOPLE = {
    "siti": ("operator", None),
    "sari": ("supervisor", None),
    "admin": ("admin", None),
    "pmk": ("agency", "dpkp"),
    "dokter": ("agency", "dinkes"),
    "lobi": ("wall", None),
}


@dataclass
class Site:
    """A running web backend."""

    city: City
    secrets: Secrets
    services: Services
    server: TestServer
    state: StateDir
    browsers: AsyncExitStack

    async def client(self, name: str | None = None) -> ClientSession:
        """Return a browser, signed in as ``name``."""
        url = str(self.server.make_url("")).rstrip("/")
        browser = ClientSession(url, cookie_jar=CookieJar(unsafe=True), headers={"Origin": url})
        await self.browsers.enter_async_context(browser)
        if name:
            form = {"name": name, "password": PASSWORD}
            async with browser.post("/login", data=form, allow_redirects=False) as response:
                assert response.status == 303, await response.text()
        return browser

    def show(self, picture: dict[str, Any] | None) -> None:
        """Have the pages go by this live picture; that no controller sends one is not noticed from now on."""
        link = self.services.controller
        link.picture, link.stale_since = picture, None
        link._note_lost = lambda reason: None  # type: ignore[method-assign]

    async def put_call(self, call_id: str, *events: dict[str, Any], first: int = 1) -> Any:
        """Tell a call's events, numbered from ``first``; return the status and the answer."""
        numbered = [
            {"seq": first + place, "at": "2026-11-24T08:00:00.000Z", **event}
            for place, event in enumerate(events)
        ]
        token = {"Authorization": f"Bearer {self.secrets.ingest_token}"}
        async with (
            ClientSession(headers=token) as controller,
            controller.put(
                self.server.make_url(f"/api/v1/calls/{call_id}"), json={"events": numbered}
            ) as response,
        ):
            return response.status, await response.json()


OFFERED = {
    "type": "offered",
    "carrier": "telkomsel",
    "number": "+628121234567",
    "presentation": "allowed",
    "dialled": "112",
}
TRIAGED = {"type": "triaged", "kind": "fire", "language": "id", "digits": "1", "outcome": "chosen"}
CONNECTED = {"type": "connected", "operator": "siti"}
ENDED = {
    "type": "ended",
    "by": "operator",
    "phase": "talking",
    "disposition": "normal",
    "ring_s": 0.1,
    "triage_s": 2.0,
    "wait_s": 1.0,
    "talk_s": 30.0,
}


def free_bind() -> Bind:
    """Return an address that nobody listens on."""
    return Bind("127.0.0.1", *free_ports(1))


def city_on(fake: FakeAsterisk, url: str) -> City:
    """Return the city on a fake Asterisk that has all its phones, with ports that nobody else has."""
    city, at = load(CITY), urlsplit(url)
    phones = [one.endpoint for one in city.operators] + [one.endpoint for one in city.supervisors]
    for phone in phones:
        fake.world.endpoints[f"PJSIP/{phone}"] = "online"
    binds = {
        "asterisk_http_bind": Bind(str(at.hostname), int(at.port or 0)),
        "control_bind": free_bind(),
        "hep_bind": free_bind(),
        "web_bind": free_bind(),
        "ami_bind": free_bind(),
    }
    return city.model_copy(update={"network": city.network.model_copy(update=binds)})


def _with_own_controller(city: City) -> City:
    """Return the city with a controller's and a rescuer's port that nobody else on this machine has."""
    network = city.network.model_copy(update={"control_bind": free_bind(), "rescuer_bind": free_bind()})
    return city.model_copy(update={"network": network})


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks every few seconds looks often: nothing is measured by that, and tests need not wait."""
    monkeypatch.setattr("ari_app.degraded.importer._PERIOD_S", 0.1)


def furnish(state: StateDir) -> None:
    """Make a state directory with a database in it that has its tables and one user of each role."""
    state.create()
    for name, content in _database().items():
        (state.root / name).write_bytes(content)


@functools.cache
def _database() -> Mapping[str, bytes]:
    """The files of that database: made once in each process."""

    async def make(state: StateDir) -> None:
        state.create()
        city, db = load(CITY), Database(state.database_url)
        await db.open()
        for name, (role, agency) in PEOPLE.items():
            await db.write(partial(users.add, city=city, name=name, role=role, agency=agency,
                                   password_hash=_HASH, now=utc_now()))  # fmt: skip
        await db.close()

    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside:
        # In a thread of its own: a loop runs here already.
        beside.submit(asyncio.run, make(StateDir(Path(folder)))).result()
        return {path.name: path.read_bytes() for path in Path(folder).glob("suar.db*")}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A web backend with one user of each role."""
    city, state = _with_own_controller(load(CITY)), StateDir(tmp_path)
    furnish(state)
    secrets = Secrets.load_or_create(state, city)
    app = create(city, state, secrets)
    server = TestServer(app)
    async with server, AsyncExitStack() as browsers:
        yield Site(city, secrets, app[SERVICES], server, state, browsers)

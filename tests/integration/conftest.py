"""A real Asterisk for each process that runs tests, and a controller with its dashboards for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ari_app.app import Controller, running
from dashboards.app import create
from dashboards.incidents.listing import list_incidents
from dashboards.incidents.views import IncidentView, show
from dashboards.state import SERVICES, Services, utc_now
from queues.vocabulary import OperatorReady, OperatorSignedOn
from suar.asterisk.install import install_sipp
from suar.asterisk.process import Asterisk
from suar.city import Bind, City, load
from suar.demo.phones import Caller, OperatorPhone
from suar.demo.phones.ear import voice
from suar.paths import StateDir
from suar.secret import Secrets
from tests.ports import free_ports

SURABAYA = Path(__file__).parents[2] / "cities" / "surabaya.toml"
PHONES = "127.0.0.101"
PITCHES = {"siti": 700.0, "budi": 820.0}


def with_free_ports(city: City) -> City:
    """Return the city on ports of its own, so that nothing else on this machine is in the way."""
    names = city.network.bind_names()
    binds = {name: Bind("127.0.0.1", port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    return city.model_copy(update={"network": city.network.model_copy(update=binds)})


@dataclass
class Town:
    """A city with its Asterisk."""

    city: City
    state: StateDir
    secrets: Secrets
    asterisk: Asterisk
    sipp: list[str]

    @property
    def sip(self) -> str:
        return str(self.city.network.sip_bind)

    def log(self) -> str:
        return (self.asterisk.paths.log / "full.log").read_text()

    def caller(self, carrier: str = "telkomsel", **options: Any) -> Caller:
        """Return a caller of a carrier, with a voice."""
        found = self.city.carrier(carrier)
        assert found is not None
        options.setdefault("number", "+628121234567")
        options.setdefault("voice", voice(440))
        return Caller(self.sipp, str(found.addresses[0].network_address), self.sip, **options)

    def phone(self, operator: str, **options: Any) -> OperatorPhone:
        """Return an operator's softphone."""
        password = self.secrets.operator_sip_passwords[operator]
        options.setdefault("voice", voice(PITCHES.get(operator, 700)))
        options.setdefault("answer_after_s", 0.3)
        return OperatorPhone(self.sipp, PHONES, self.sip, f"op-{operator}", password, **options)

    def supervisors_phone(self, name: str, **options: Any) -> OperatorPhone:
        """Return a supervisor's softphone."""
        password = self.secrets.supervisor_sip_passwords[name]
        options.setdefault("voice", voice(PITCHES.get(name, 1000)))
        options.setdefault("answer_after_s", 0.05)
        return OperatorPhone(self.sipp, PHONES, self.sip, f"sv-{name}", password, **options)

    async def is_empty(self, patience_s: float = 5.0) -> bool:
        """Whether Asterisk comes to hold no channel and no bridge."""
        for _ in range(round(patience_s / 0.1)):
            channels = await asyncio.to_thread(self.asterisk.cli, "core show channels count")
            bridges = (await asyncio.to_thread(self.asterisk.cli, "bridge show all")).splitlines()[1:]
            if channels.startswith("0 active channels") and not any(line.strip() for line in bridges):
                return True
            await asyncio.sleep(0.1)
        return False


@pytest.fixture(scope="session")
def sipp() -> list[str]:
    return install_sipp()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, sipp: list[str]) -> Iterator[Town]:
    """Surabaya, with wrap-up cut short, on a real Asterisk."""
    city = with_free_ports(load(SURABAYA))
    queues = [queue.model_copy(update={"wrap_up_s": 0.3, "ring_timeout_s": 3.0}) for queue in city.queues]
    city = city.model_copy(update={"queues": queues})
    state = StateDir(tmp_path_factory.mktemp("town"))
    secrets = Secrets.load_or_create(state, city)
    asterisk = Asterisk.prepare(city, state, secrets)
    process = asterisk.start()
    yield Town(city, state, secrets, asterisk, sipp)
    # Its good-bye takes a quarter of a minute after a channel was refused for its id, which Asterisk 22 never
    # counts as gone; and nothing of it is wanted any more.
    process.kill()
    process.wait()


@dataclass
class Service:
    """A town whose controller and dashboards run in this process."""

    town: Town
    controller: Controller
    dashboards: Services

    async def ready(self, *operators: str) -> None:
        """Have operators ready whose phones are registered."""
        for name in operators:
            desk = self.controller.operators.desk(name)
            assert desk is not None
            for _ in range(50):
                if desk.phone_is_online:
                    break
                await asyncio.sleep(0.1)
            operator = desk.operator
            skills, languages = frozenset(operator.skills), frozenset(operator.languages)
            distribution = self.controller.distribution
            distribution.tell(OperatorSignedOn(name, tuple(operator.queues), skills, languages))
            distribution.tell(OperatorReady(name))

    async def incidents(self, count: int, what: str, patience_s: float = 10.0) -> list[IncidentView]:
        """Return ``count`` incidents, oldest first, once each has an event called ``what``."""
        shown: list[IncidentView] = []
        for _ in range(round(patience_s / 0.1)):
            shown = await self.dashboards.db.read(
                lambda session: [
                    show(session, one.id, utc_now())
                    for one in reversed(list_incidents(session, utc_now(), limit=500))
                ]
            )
            done = [one for one in shown if any(event.what == what for event in one.events)]
            if len(done) >= count:
                return shown
            await asyncio.sleep(0.1)
        seen = [[event.what for event in one.events] for one in shown]
        raise AssertionError(f"no {count} incidents with {what} after {patience_s} s: {seen}")


@asynccontextmanager
async def serving(town: Town, folder: Path, *, recordings_are_there: bool = False) -> AsyncIterator[Service]:
    """Run a controller and dashboards with a state of their own, on the town's Asterisk.

    ``recordings_are_there`` for the second to run in a folder.
    """
    state = StateDir(folder)
    state.create()
    state.secrets_file.write_bytes(town.state.secrets_file.read_bytes())
    # Recordings are where Asterisk writes them.
    if not recordings_are_there:
        state.recordings.rmdir()
        state.recordings.symlink_to(town.state.recordings)
    app = create(town.city, state, town.secrets)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    bind = town.city.network.web_bind
    await web.TCPSite(runner, bind.host, bind.port).start()
    try:
        async with running(town.city, state, town.secrets) as controller:
            for _ in range(50):
                if controller.live.asterisk_is_up:
                    break
                await asyncio.sleep(0.1)
            yield Service(town, controller, app[SERVICES])
    finally:
        await runner.cleanup()


@pytest.fixture
async def service(town: Town, tmp_path: Path) -> AsyncIterator[Service]:
    """A controller and dashboards; afterwards Asterisk has to be empty."""
    async with serving(town, tmp_path) as running_service:
        yield running_service
    assert await town.is_empty(), town.asterisk.cli("core show channels verbose")

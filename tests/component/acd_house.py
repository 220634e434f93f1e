"""A controller on a fake Asterisk whose city file is a file, so that it can be changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from ari_app.app import running
from ari_app.fake_asterisk import FakeAsterisk
from suar.city import City, parse
from suar.paths import StateDir
from suar.secret import Secrets
from tests.component.conftest import CITY, city_on
from tests.component.test_call_flow import House

_PATIENCE_S = 30


@dataclass
class AcdHouse(House):
    """A house with a door for the dashboards, and a city file that can be changed."""

    file: CityFile

    async def until(self, what: Callable[[], Any]) -> None:
        """Wait, on a machine that may be busy."""
        async with asyncio.timeout(_PATIENCE_S):
            while not what():
                await asyncio.sleep(0.005)

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        """Ask the controller, as the dashboards do; return the status and the answer."""
        city = self.controller.city
        async with (
            ClientSession(headers={"Authorization": f"Bearer {self.token}"}) as session,
            session.post(f"http://{city.network.control_bind}{path}", json=body) as answer,
        ):
            return answer.status, await answer.json()

    def state_of(self, operator: str) -> str:
        desk = self.controller.operators.desk(operator)
        assert desk is not None
        return desk.state.value


class CityFile:
    """The city file's text; each reading is on the fake Asterisk's ports."""

    def __init__(self, fake: FakeAsterisk, url: str, *changes: tuple[str, str]) -> None:
        self._network = city_on(fake, url).network
        self.text = CITY.read_text()
        self.change(*changes)

    def change(self, *changes: tuple[str, str]) -> None:
        for right, other in changes:
            assert right in self.text, right
            self.text = self.text.replace(right, other, 1)

    def read(self) -> City:
        return parse(self.text).model_copy(update={"network": self._network})


@asynccontextmanager
async def acd_house(tmp_path: Path, *changes: tuple[str, str]) -> AsyncIterator[AcdHouse]:
    """Run a controller for a city file with ``changes``: what stands there, and what is put in its place."""
    fake = FakeAsterisk()
    state = StateDir(tmp_path)
    async with fake.serving() as url:
        file = CityFile(fake, url, *changes)
        city = file.read()
        secrets = Secrets.load_or_create(state, city)
        async with running(city, state, secrets, read=file.read) as controller:
            house = AcdHouse(fake, controller, state, secrets.control_token, file)
            await house.until(lambda: controller.live.asterisk_is_up)
            yield house

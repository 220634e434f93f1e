"""The demonstration's way to the pages and to the call controller: over HTTP, like anybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

from suar.errors import SuarError
from suar.workplace import Workplace

_PATIENCE_S = 20.0


class DemoFailed(SuarError):
    """The demonstration cannot go on."""


class Web:
    """Signed in to the dashboards, and holding the controller's token."""

    def __init__(self, work: Workplace) -> None:
        network = work.city.network
        self.base = f"http://{network.web_bind}"
        self._control = f"http://{network.control_bind}"
        self._token = {"Authorization": f"Bearer {work.secrets.control_token}"}
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def wait_until_up(self) -> None:
        """Return when the pages and the controller answer."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                for url in (f"{self._control}/readyz", f"{self.base}/readyz"):
                    while not await self._answers(url):  # noqa: ASYNC110 - another process
                        await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise DemoFailed("the city did not start; its log above says why") from error

    async def _answers(self, url: str) -> bool:
        try:
            async with self._session.get(url) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def sign_in(self, name: str, password: str) -> None:
        """Sign in to the pages."""
        async with self._session.post(
            f"{self.base}/login",
            data={"name": name, "password": password},
            headers={"Origin": self.base},
            allow_redirects=False,
        ) as response:
            if response.status != 303:
                raise DemoFailed(f"{name} cannot sign in: {response.status}")

    async def get(self, path: str) -> Any:
        """Return what the REST interface answers."""
        async with self._session.get(f"{self.base}/api/v1/{path}") as response:
            response.raise_for_status()
            return await response.json()

    async def set_operator(self, operator: str, wish: str) -> None:
        """Press an operator's button for her."""
        async with self._session.post(
            f"{self._control}/v1/operators/{operator}/{wish}",
            json={"by": "demo", "reason": None},
            headers=self._token,
        ) as response:
            response.raise_for_status()

    async def command(self, call_id: str, name: str, operator: str) -> bool:
        """Have an operator do something with her conversation; return whether she could."""
        async with self._session.post(
            f"{self._control}/v1/calls/{call_id}/{name}", json={"by": operator}, headers=self._token
        ) as response:
            return response.status == 200

    async def pictures_whenever(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the live picture four times a second; a controller that is away is waited for."""
        while True:
            with suppress(aiohttp.ClientError, OSError):
                async with self._session.get(f"{self._control}/v1/snapshot", headers=self._token) as response:
                    response.raise_for_status()
                    yield await response.json()
            await asyncio.sleep(0.25)

    async def pictures(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the controller's live pictures as they come."""
        forever = aiohttp.ClientTimeout(total=None)
        async with self._session.get(
            f"{self._control}/v1/live", headers=self._token, timeout=forever
        ) as response:
            async for line in response.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

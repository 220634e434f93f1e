"""A real Chromium, on a web backend of its own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp_sse import sse_response
from playwright.async_api import Browser, Page, async_playwright

from tests.browser_setup import find
from tests.component.conftest import PASSWORD, Site, site

__all__ = ["site"]

_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Controller:
    """The call controller's live stream, showing what it is told to show."""

    def __init__(self) -> None:
        self._pictures: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.app = web.Application()
        self.app.router.add_get("/v1/live", self._live)
        self.app.router.add_post("/v1/calls/{call}/claims", self._know_no_call)
        self.app.router.add_post("/v1/calls", self._take)
        self.app.router.add_post("/v1/calls/{call}/{command}", self._take)
        self.app.router.add_post("/v1/calls/{call}/supervisors/{who}/{ask}", self._supervise)
        self.asked: list[str] = []
        """What supervisors asked for."""
        self.commands: list[tuple[str, dict[str, Any]]] = []
        """What operators asked of their conversations: the command, and its body."""

    def show(self, picture: dict[str, Any]) -> None:
        """Send a picture to whoever watches."""
        self._pictures.put_nowait(picture)

    async def _take(self, request: web.Request) -> web.Response:
        command = request.match_info.get("command", "call out")
        self.commands.append((command, await request.json()))
        call_id = request.match_info.get("call", "sby1-1.01")
        return web.json_response({"call_id": call_id, "conversation": {}}, status=201)

    async def _know_no_call(self, _: web.Request) -> web.Response:
        error = {"code": "call_unknown", "message": "there is no such call here"}
        return web.json_response({"error": error}, status=404)

    async def _supervise(self, request: web.Request) -> web.Response:
        words = request.match_info
        self.asked.append(words["ask"])
        answer = {"call_id": words["call"], "supervisor": words["who"], "mode": None}
        return web.json_response(answer, status=202)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        async with sse_response(request) as stream:
            while picture := await self._pictures.get():
                await stream.send(json.dumps(picture), event="snapshot")
        return stream


@dataclass
class Screen:
    """One person's screen, and what its browser complained of."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def shot(self, name: str) -> None:
        """Keep a picture, where SUAR_SCREENSHOTS says so."""
        if folder := os.environ.get("SUAR_SCREENSHOTS"):
            await self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@dataclass
class Room:
    """A control room: a browser, and as many screens as are needed."""

    site: Site
    browser: Browser
    controller: Controller

    async def screen(self, name: str, language: str = "id", width: int = 1366) -> Screen:
        """Return a screen with ``name`` signed in."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        base = str(self.site.server.make_url("")).rstrip("/")
        screen = Screen(await context.new_page(), base)
        screen.page.on("console", lambda message: screen.complaints.append(message.text))
        screen.page.on("pageerror", lambda error: screen.complaints.append(str(error)))
        await screen.open("/login")
        if language != "id":
            await screen.page.click(f"button[value={language}]")
        await screen.page.fill("[name=name]", name)
        await screen.page.fill("[name=password]", PASSWORD)
        await screen.page.click("form.login button")
        await screen.page.wait_for_selector("#lamp[data-state=live]")
        return screen

    def show(
        self,
        operator_state: str,
        call_id: str | None = None,
        phase: str = "ringing",
        supervision: str | None = None,
        conversation: dict[str, Any] | None = None,
    ) -> None:
        """Have the call controller's picture say this of Siti, her call, and how Sari takes part in it."""
        at = "2026-11-24T08:00:00.000Z"
        operator: dict[str, Any] = {
            "id": "siti", "name": "Siti Aminah", "state": operator_state, "reason": None, "since": at,
            "call_id": call_id, "phone": "online",
        }  # fmt: skip
        call: dict[str, Any] = {
            "call_id": call_id, "carrier": "telkomsel", "phase": phase, "kind": "fire", "language": "id",
            "queue": "emergency", "priority": 0, "since": at, "ring_at": at, "position": None,
            "operator": "siti", "is_outward": False, "follows": None, "conversation": conversation,
            "supervisors": [{"id": "sari", "name": "Sari Dewi", "mode": supervision, "since": at}]
            if supervision
            else [],
        }  # fmt: skip
        self.controller.show(
            {
                "at": at, "node": "sby1", "asterisk": "up", "since": at, "alarms": [],
                "calls": [call] if call_id else [], "operators": [operator],
            }
        )  # fmt: skip


@pytest.fixture
async def room(site: Site) -> AsyncIterator[Room]:
    chromium = find()
    if chromium is None:
        pytest.skip("no Chromium here: apt-get install chromium, or set SUAR_CHROMIUM")
    flags = [*_FLAGS, "--no-sandbox"] if os.getuid() == 0 else _FLAGS
    controller = Controller()
    runner = web.AppRunner(controller.app, shutdown_timeout=0.1)
    await runner.setup()
    bind = site.city.network.control_bind
    await web.TCPSite(runner, bind.host, bind.port).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=flags)
        yield Room(site, browser, controller)
        await browser.close()
    controller.show({})
    await runner.cleanup()

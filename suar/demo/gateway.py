"""The demonstration's SMS gateway: nothing is sent, and whoever looks sees what would have been."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from suar.city import City

_KEPT = 50
_LINK = re.compile(r"https?://[^\s<]+")


@dataclass(frozen=True, slots=True)
class Sms:
    """One message."""

    to: str
    text: str


class LocalGateway:
    """Takes ``{"to", "text"}`` at ``/send``, and shows the last messages at ``/``."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.messages: deque[Sms] = deque(maxlen=_KEPT)
        self.app = web.Application(client_max_size=16 * 1024)
        self.app.router.add_post("/send", self._take)
        self.app.router.add_get("/", self._show)

    async def _take(self, request: web.Request) -> web.Response:
        try:
            told = await request.json()
            message = Sms(str(told["to"]), str(told["text"]))
        except (json.JSONDecodeError, KeyError, TypeError):
            return web.json_response({"error": 'send {"to": "+62...", "text": "..."}'}, status=400)
        self.messages.appendleft(message)
        self._tell(f"SMS to {message.to}: {message.text}")
        return web.json_response({"status": "taken"})

    async def _show(self, _: web.Request) -> web.Response:
        rows = "".join(f"<h2>{escape(one.to)}</h2><p>{_linked(one.text)}</p>" for one in self.messages)
        page = (
            '<!doctype html><html lang="id"><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
            f"<title>SMS</title><h1>SMS</h1>{rows or '<p>Belum ada SMS.</p>'}</html>"
        )
        return web.Response(text=page, content_type="text/html")


def _linked(text: str) -> str:
    """Return a text as HTML, its links made links."""
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))


@asynccontextmanager
async def local_gateway(city: City, tell: Callable[[str], None]) -> AsyncIterator[LocalGateway | None]:
    """Serve the gateway where the city file has it, if that is on this machine; a taken port is told."""
    at = urlsplit(city.sms.url) if city.sms else None
    if at is None or at.hostname not in {"127.0.0.1", "localhost"} or at.port is None or at.path != "/send":
        yield None
        return
    gateway = LocalGateway(tell)
    runner = web.AppRunner(gateway.app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1", at.port).start()
        except OSError as error:
            tell(f"No SMS gateway: port {at.port} is taken ({error.strerror})")
        else:
            tell(f"SMS that are sent are shown at http://127.0.0.1:{at.port}/")
        yield gateway
    finally:
        await runner.cleanup()

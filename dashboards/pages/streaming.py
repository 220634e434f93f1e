"""The stream that keeps an open page fresh."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response

from dashboards.api.routing import signed_in
from dashboards.errors import Forbidden, NotFound, WebError
from dashboards.middlewares import session_of
from dashboards.pages.rendering import render
from dashboards.pages.views import PAGES, Arguments, Page
from dashboards.state import SERVICES, SIGNED_IN, Services
from dashboards.users.sessions import SignedIn

_TICK_S = 5.0
_RETRY_MS = 1000


async def stream(request: web.Request) -> web.StreamResponse:
    """Keep a page fresh: its regions as they change, and a tick with the time.

    Events: ``region`` with ``{"id", "html"}``, ``tick`` with ``{"now", "run"}``, and ``over`` at the end of
    her session: of a stream that is refused a browser tells its page nothing. Who has a page open is there.
    """
    if SIGNED_IN not in request and "text/event-stream" in request.headers.get("Accept", ""):
        return await _say_over(request)
    who, services = signed_in(request), request.app[SERVICES]
    page = PAGES.get(request.query.get("page", ""))
    if page is None:
        raise NotFound
    if who.role not in page.roles:
        raise Forbidden
    sent: dict[str, str] = {}
    now = asyncio.get_running_loop().time
    asked_at = now()
    async with sse_response(request) as response:
        await response.write(f"retry: {_RETRY_MS}\n\n".encode())
        with services.hub.subscription() as subscriber:
            while not subscriber.is_over:
                try:
                    if now() - asked_at >= _TICK_S:
                        asked_at = now()
                        if await session_of(request) is None:
                            await response.send("{}", event="over")
                            break
                    await _send_changes(response, services, page, who, request.query, sent)
                    told = {"now": services.now().isoformat(), "run": services.run}
                    await response.send(json.dumps(told), event="tick")
                    await asyncio.sleep(page.pause_s)
                    # Wait for a change that this page shows, then look again.
                    while not subscriber.is_over:
                        topics = await subscriber.changes(_TICK_S)
                        if not topics or _concerns(page, request.query, topics):
                            break
                except (ConnectionResetError, ConnectionError):
                    break
                except WebError:
                    break  # What the page shows is gone: it will find out when it comes back.
    return response


async def _say_over(request: web.Request) -> web.StreamResponse:
    async with sse_response(request) as response:
        await response.send("{}", event="over")
    return response


async def _send_changes(
    response: Any, services: Services, page: Page, who: SignedIn, query: Arguments, sent: dict[str, str]
) -> None:
    values = await page.values(services, who, query)
    for region in page.regions:
        html = render(f"regions/{region}.html", services.city, who, who.language, {**values, "page": page})
        digest = hashlib.sha256(html.encode()).hexdigest()
        if sent.get(region) != digest:
            sent[region] = digest
            await response.send(json.dumps({"id": f"region-{region}", "html": html}), event="region")


def _concerns(page: Page, query: Arguments, topics: list[str]) -> bool:
    own = f"incident:{query.get('incident_id', '')}"
    return any(topic in page.topics or topic == own for topic in topics)

"""What every process of ours answers to those who watch over it: is it alive, can it serve, its figures.

``GET /healthz`` says that the process lives, and nothing else: whoever restarts what does not answer it
restarts nothing for another part's fault. ``GET /readyz`` says whether it can do its work, and if not, why.
``GET /metrics`` is for Prometheus, with the metrics token.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""These ask for no other token than their own: whoever watches has no business with calls."""

_PATIENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a process can do its work."""

    parts: dict[str, str] = field(default_factory=dict)
    """What it depends on, and how that is, in a word each."""
    why: list[str] = field(default_factory=list)
    """Why it cannot, a sentence each; empty if it can."""


def add_to(
    app: web.Application,
    *,
    readiness: Callable[[], Awaitable[Readiness]],
    figures: Callable[[], bytes],
    token: str,
) -> None:
    """Add the three to an application."""
    expected = f"Bearer {token}".encode()

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                found = await readiness()
        except TimeoutError:
            found = Readiness(why=[f"not known within {_PATIENCE_S:.0f} s"])
        body = {"status": "degraded" if found.why else "ok", **found.parts, "why": found.why}
        return web.json_response(body, status=503 if found.why else 200)

    async def metrics(request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
            body = {"code": "token_missing", "message": "send the metrics token: Authorization: Bearer ..."}
            return web.json_response({"error": body}, status=401)
        return web.Response(body=figures(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)

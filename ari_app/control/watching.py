"""For those who watch over the controller: whether it can take calls, and its figures."""

from __future__ import annotations

import asyncio
import hmac

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from ari_app.live import Live
from ari_app.metrics import Metrics
from ari_app.outbox import Outbox

_PATIENCE_S = 2.0


def add_to(app: web.Application, metrics: Metrics, live: Live, outbox: Outbox, token: str) -> None:
    """Add ``/readyz`` and ``/metrics`` to the control interface."""
    expected = f"Bearer {token}"

    async def readyz(_: web.Request) -> web.Response:
        """``GET /readyz``: 200 while the controller has Asterisk and can write its journal, 503 otherwise."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                is_writable = await outbox.is_writable()
        except TimeoutError:
            is_writable = False
        is_ready = live.asterisk_is_up and is_writable
        body = {
            "status": "ok" if is_ready else "degraded",
            "asterisk": "up" if live.asterisk_is_up else "down",
            "journal": "writable" if is_writable else "unusable",
        }
        return web.json_response(body, status=200 if is_ready else 503)

    async def show_metrics(request: web.Request) -> web.Response:
        """``GET /metrics``: the controller's figures, as Prometheus reads them."""
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            body = {"code": "token_missing", "message": "send the metrics token: Authorization: Bearer ..."}
            return web.json_response({"error": body}, status=401)
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)

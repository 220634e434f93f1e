"""For those who watch over the controller: whether it can take calls, and its figures."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ari_app.live import Live
from ari_app.metrics import Metrics
from ari_app.outbox import Outbox
from suar import watching
from suar.watching import Readiness

_PATIENCE_S = 2.0


def add_to(app: web.Application, metrics: Metrics, live: Live, outbox: Outbox, token: str) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics`` to the control interface.

    It is ready while it has Asterisk and can write its journal.
    """

    async def readiness() -> Readiness:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                is_writable = await outbox.is_writable()
        except TimeoutError:
            is_writable = False
        why = []
        if not live.asterisk_is_up:
            why.append("Asterisk cannot be reached")
        if not is_writable:
            why.append("the journal cannot be written: look at its disk")
        parts = {
            "asterisk": "up" if live.asterisk_is_up else "down",
            "journal": "writable" if is_writable else "unusable",
        }
        return Readiness(parts, why)

    watching.add_to(app, readiness=readiness, figures=metrics.text, token=token)

"""A planned stop: new calls go to the degraded path, those in progress are carried to their end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sized
from contextlib import suppress

from ari_app.alarms import Alarms
from ari_app.ari.errors import AriError
from ari_app.ari.resources import Asterisk
from suar.log import get_logger

_VARIABLE = "SUAR_DRAINING"
"""Asterisk's dialplan hands us no new call while this is 1."""
_GLANCE_S = 0.2
_DOOR_S = 0.5

log = get_logger()


class Drain:
    """Set when the controller is to stop, and done when it holds no call any more."""

    def __init__(self, asterisk: Asterisk, calls: Callable[[], Sized], alarms: Alarms) -> None:
        self._asterisk = asterisk
        self._calls = calls
        self._alarms = alarms
        self._watch: asyncio.Task[None] | None = None
        self.done = asyncio.Event()

    async def start(self) -> int:
        """Take no more calls; return how many are left."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._wait(), name="drain")
            log.warning("draining", calls=len(self._calls()))
            self._alarms.raise_(
                "draining", "This controller is being stopped: Asterisk alone takes new calls."
            )
            with suppress(AriError):
                await self.tell_asterisk()
        return len(self._calls())

    async def shut_the_door(self) -> None:
        """We stop, and nobody takes our place: have the dialplan hand us no new call, if it can be told."""
        with suppress(AriError, TimeoutError):
            async with asyncio.timeout(_DOOR_S):
                await self._asterisk.system.set_global(_VARIABLE, "1")

    async def tell_asterisk(self) -> None:
        """Have the dialplan know: at every connection, since an earlier controller may have left it set."""
        await self._asterisk.system.set_global(_VARIABLE, "0" if self._watch is None else "1")

    async def _wait(self) -> None:
        while len(self._calls()):  # noqa: ASYNC110 - calls end in many ways
            await asyncio.sleep(_GLANCE_S)
        self.done.set()

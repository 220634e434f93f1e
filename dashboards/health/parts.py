"""Looks, from the dashboards, at the parts that cannot say themselves that they are gone.

The call controller is gone when its live picture has not come for ten seconds, the rescuer when it has not
answered for ten: both are asked all the time, and a restart of either takes less.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from dashboards.controller import ControllerLink
from suar.alarms import Alarms
from suar.disk import is_nearly_full
from suar.log import get_logger

_PERIOD_S = 2.0
_PATIENCE_S = 1.5
_GONE_AFTER = timedelta(seconds=10)
_SETTLED_AFTER = timedelta(seconds=20)

log = get_logger()


class PartsWatch:
    """Looks at the controller's link, the rescuer's door and, if there is one, the disk of the database."""

    def __init__(
        self,
        controller: ControllerLink,
        rescuer_url: str,
        database: Path | None,
        alarms: Alarms,
        now: Callable[[], datetime],
        token: str = "",
    ) -> None:
        self._controller = controller
        self._url = rescuer_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self.on_rescuers_alarms: Callable[[dict[str, Any]], None] = lambda _: None
        self._database = database
        self._alarms = alarms
        self._now = now
        self._began = now()
        self._has_settled = False
        self.rescuer: str = "unknown"
        """``ready``, ``unready`` (it lives, and cannot rescue), ``gone``, or ``unknown`` at first."""
        self.rescuer_since = self._began
        self._rescuer_good_at: dict[str, datetime] = {"heard": self._began, "ready": self._began}

    async def run(self) -> None:
        """Look until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE_S)) as session:
            while True:
                try:
                    await self.look(session)
                except Exception:
                    log.exception("parts_not_watched")
                await asyncio.sleep(_PERIOD_S)

    async def look(self, session: aiohttp.ClientSession) -> None:
        """Look once."""
        self._look_at_controller()
        answer = await self._ask(session, "/readyz")
        self._judge_rescuer(answer if answer and "status" in answer else None)
        if answer and (told := await self._ask(session, "/v1/alarms")) and "alarms" in told:
            self.on_rescuers_alarms(told)
        await self._look_at_disk()
        if not self._has_settled and self._now() - self._began >= _SETTLED_AFTER:
            # What an earlier process saw and is still so has been seen again by now.
            self._has_settled = True
            self._alarms.drop_unconfirmed()

    def _look_at_controller(self) -> None:
        stale_since = self._controller.stale_since
        if stale_since is None:
            self._alarms.clear("controller_gone")
        elif self._now() - stale_since >= _GONE_AFTER:
            text = "The call controller is not heard. Asterisk alone takes calls."
            self._alarms.raise_("controller_gone", text, stale_since)

    async def _ask(self, session: aiohttp.ClientSession, path: str) -> dict[str, Any] | None:
        """Return what the rescuer says, or None if it says nothing."""
        try:
            async with session.get(self._url + path, headers=self._headers) as response:
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None

    def _judge_rescuer(self, answer: dict[str, Any] | None) -> None:
        now = self._now()
        if answer is not None:
            self._rescuer_good_at["heard"] = now
            self._alarms.clear("rescuer_gone")
            if answer["status"] == "ok":
                self._rescuer_good_at["ready"] = now
                self._alarms.clear("rescuer_unready")
                self._note_rescuer("ready", now)
                return
        heard, ready = self._rescuer_good_at["heard"], self._rescuer_good_at["ready"]
        if now - heard >= _GONE_AFTER:
            self._alarms.clear("rescuer_unready")
            self._alarms.raise_("rescuer_gone", "The rescuer does not answer. Start it again.", heard)
            self._note_rescuer("gone", heard)
        elif answer is not None and now - ready >= _GONE_AFTER:
            why = "; ".join(str(one) for one in answer.get("why", []))
            self._alarms.raise_("rescuer_unready", f"The rescuer lives and can rescue nobody: {why}.", ready)
            self._note_rescuer("unready", ready)

    def _note_rescuer(self, state: str, since: datetime) -> None:
        if state != self.rescuer:
            self.rescuer, self.rescuer_since = state, since

    async def _look_at_disk(self) -> None:
        if self._database is None:
            return
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._database.parent)
        except OSError:
            return  # The database's own watch says more.
        if is_nearly_full(usage.total, usage.free):
            self._alarms.raise_("disk_low:database", f"{usage.free // 2**20} MB are left. Make room.")
        else:
            self._alarms.clear("disk_low:database")

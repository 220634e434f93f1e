"""Watches over the database: writes a deleted file back, and says when nothing can be stored.

A file that was removed or replaced is noticed by looking at its path every second; a read-only disk by asking
it, and by every write that was refused; whatever else keeps a database from taking writes by a write twice a
minute. All of it is over without a restart, as soon as it is over.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable

from dashboards.db import Database
from dashboards.errors import DatabaseReadOnly, DatabaseUnavailable
from suar.alarms import Alarms
from suar.log import get_logger

DELETED = "database_deleted"
READ_ONLY = "database_read_only"
DOWN = "database_down"

_PERIOD_S = 1.0
_SHORTEST_PAUSE_S = 0.2
_PROBE_EVERY_S = 30.0
_PROBE_PATIENCE_S = 15.0
_PUT_BACK_AGAIN_S = 5.0

log = get_logger()


class DatabaseWatch:
    """Looks at one database, and raises its alarms."""

    def __init__(
        self,
        db: Database,
        alarms: Alarms,
        *,
        period_s: float = _PERIOD_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._alarms = alarms
        self._period_s = period_s
        self._clock = clock
        self._hint = asyncio.Event()
        self._probing: asyncio.Task[None] | None = None
        self._probe_at = 0.0
        self._put_back_at = 0.0
        self.trouble: str | None = None
        """The code of what is wrong with the database; None while it takes writes."""
        db.on_trouble = lambda _: self._hint.set()

    async def run(self) -> None:
        """Look until cancelled: every second, and soon after the database has refused something."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("database_not_watched")
            await asyncio.sleep(min(_SHORTEST_PAUSE_S, self._period_s))
            try:
                async with asyncio.timeout(self._period_s):
                    await self._hint.wait()
            except TimeoutError:
                pass

    async def look(self) -> None:
        """Look once, do what can be done, and have the alarms say what is wrong."""
        file = self._db.file
        if file is not None and await asyncio.to_thread(file.is_displaced):
            await self._put_back()
            return
        on_read_only_disk = file is not None and await asyncio.to_thread(file.is_on_read_only_disk)
        is_due = on_read_only_disk or self._hint.is_set() or self._clock() >= self._probe_at
        if not is_due and self.trouble is None:
            return
        self._hint.clear()
        self._probe_at = self._clock() + _PROBE_EVERY_S
        found = await self._probe()
        if found is None:
            if self.trouble is not None:
                await self._db.reconnect()
            self._say(None, "")
        else:
            self._say(*found)

    async def _probe(self) -> tuple[str, str] | None:
        """Return the code and the words of what keeps the database from taking writes, or None."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._db.probe(), name="database-probe")
        try:
            async with asyncio.timeout(_PROBE_PATIENCE_S):
                await asyncio.shield(self._probing)
        except DatabaseReadOnly as error:
            return READ_ONLY, str(error)
        except DatabaseUnavailable as error:
            return DOWN, str(error)
        except TimeoutError:
            return DOWN, f"The database has not answered for {_PROBE_PATIENCE_S:.0f} s."
        return None

    async def _put_back(self) -> None:
        path = self._db.file.path if self._db.file else ""
        self._say(DELETED, f"{path} was removed or replaced while it was in use. It is being written back.")
        if self._clock() < self._put_back_at:
            return
        try:
            aside = await self._db.put_back()
        except (OSError, sqlite3.Error) as error:
            self._put_back_at = self._clock() + _PUT_BACK_AGAIN_S
            log.error("database_not_put_back", path=str(path), reason=str(error))
            return
        log.warning("database_put_back", path=str(path), put_aside=aside and aside.name)
        if await self._probe() is None:
            self._say(None, "")

    def _say(self, trouble: str | None, text: str) -> None:
        self.trouble = trouble
        if trouble == DELETED:
            self._alarms.raise_("database_deleted", text)
        elif trouble == READ_ONLY:
            self._alarms.raise_("database_read_only", text)
        elif trouble == DOWN:
            self._alarms.raise_("database_down", text)
        for code in {DELETED, READ_ONLY, DOWN} - {trouble}:
            self._alarms.clear(code)

"""Who was seen when: noted beside her request, never before it.

A session ends two hours after its user was last seen, so that has to be written down, once a minute. A
database that takes no writes for a while, locked or read-only, must not keep anybody from reading: what could
not be written is remembered here, and tried again at her next request a minute later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from dashboards.db import Database
from dashboards.users import sessions
from suar.log import get_logger

log = get_logger()


class Presence:
    """Notes who is there, in tasks of its own."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self._unwritten: dict[str, datetime] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def last_seen(self, token: str) -> datetime | None:
        """Return when this token's user was seen, if the database does not know it yet."""
        return self._unwritten.get(token)

    def note(self, token: str) -> None:
        """Note that she is there. Never waits, never raises."""
        now = self._now()
        self._unwritten = {one: at for one, at in self._unwritten.items() if now - at <= sessions.IDLE}
        self._unwritten[token] = now
        task = asyncio.create_task(self._write(token, now), name="presence")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Return when everything that was begun has ended."""
        await asyncio.gather(*self._writing)

    async def _write(self, token: str, at: datetime) -> None:
        try:
            await self._db.write(lambda session: sessions.touch(session, token, at))
        except Exception as error:
            log.warning("presence_not_written", reason=type(error).__name__)
        else:
            if self._unwritten.get(token) == at:
                del self._unwritten[token]

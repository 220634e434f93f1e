"""Messages whose call is not known yet, on the disk: a file each, so that a restart loses none.

They name a person and her place. Each is removed when its call has come, or its time is over. It is a
convenience beside memory: a disk that takes nothing is told to the log, and costs no caller anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from suar.disk import sync_directory, write_anew
from suar.log import get_logger
from suar.record import Record, decode, encode

_SUFFIX = ".message"

log = get_logger()


class Spool:
    """The files below ``directory``; none older than ``longest`` is ever taken up again."""

    def __init__(self, directory: Path, longest: timedelta) -> None:
        self._directory, self._longest = directory, longest
        self._names: set[str] = set()

    def load(self, now: datetime) -> dict[str, Record]:
        """Return what an earlier process kept, by name, the oldest first; what is over or torn is removed."""
        found = {}
        try:
            for path in sorted(self._directory.glob("*" + _SUFFIX)):
                record = None if self._is_over(path.name, now) else decode(path.read_bytes())
                if record is None:
                    path.unlink(missing_ok=True)
                else:
                    found[path.name] = record
            for path in self._directory.glob("*.new"):
                path.unlink(missing_ok=True)  # It was being written when the process ended.
        except OSError as error:
            log.error("messages_not_read", why=error.strerror)
        self._names = set(found)
        return found

    async def keep(self, record: Record, now: datetime) -> str:
        """Have a message on the disk; return its name, empty if the disk takes nothing."""
        name = f"{int(now.timestamp() * 1000):013d}-{uuid4().hex}{_SUFFIX}"
        try:
            await asyncio.to_thread(self._write, name, encode(record))
        except OSError as error:
            log.error("message_not_kept", why=error.strerror)
            return ""
        self._names.add(name)
        return name

    async def drop(self, name: str) -> None:
        """Remove a message; one that is gone already is none the less."""
        if name in self._names:
            self._names.remove(name)
            await asyncio.to_thread(self._remove, [name])

    async def keep_only(self, names: Iterable[str]) -> None:
        """Remove all but these: their time is over."""
        over = self._names.difference(names)
        self._names -= over
        if over:
            await asyncio.to_thread(self._remove, over)

    def _is_over(self, name: str, now: datetime) -> bool:
        began, _, _ = name.partition("-")
        return not began.isdigit() or int(began) / 1000 + self._longest.total_seconds() <= now.timestamp()

    def _write(self, name: str, line: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_anew(self._directory / name, line, 0o600)
        sync_directory(self._directory)

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                (self._directory / name).unlink(missing_ok=True)
            except OSError as error:
                log.error("message_not_removed", why=error.strerror)

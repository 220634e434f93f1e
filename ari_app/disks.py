"""Room on the disks: an alarm before it is used up, and a reserve that lets the journal go on after it is.

The reserve is a file of the journal's directory. When a write finds the disk full, the file goes, and the
write is made again: recordings stop first, what calls leave behind goes on.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ari_app.alarms import Alarms
from suar.disk import is_nearly_full
from suar.log import get_logger

_RESERVE_BYTES = 8 * 1024 * 1024
_PERIOD_S = 2.0

log = get_logger()


class Reserve:
    """Room that is kept for the journal. Its methods may block: they belong to the journal's thread."""

    def __init__(self, directory: Path, size: int = _RESERVE_BYTES) -> None:
        self._path = directory / "reserve"
        self._size = size

    def take(self) -> None:
        """Keep the room, if it is there to be had and not kept already."""
        if self._path.exists():
            return
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, self._size)
        except OSError as error:
            log.warning("no_room_to_keep_for_the_journal", reason=error.strerror)
            self._path.unlink(missing_ok=True)
        finally:
            os.close(handle)

    def give_up(self, error: OSError) -> bool:
        """Make room after an error, if it was for want of room and there is a reserve; return whether."""
        if error.errno not in {errno.ENOSPC, errno.EDQUOT} or not self._path.exists():
            return False
        with suppress(OSError):
            self._path.unlink()
            log.error("journal_uses_its_reserve", path=str(self._path))
            return True
        return False


async def watch(disks: Mapping[str, Path], reserve: Reserve, alarms: Alarms) -> None:
    """Look at the disks every two seconds, and raise an alarm while one is nearly full. Until cancelled."""
    while True:
        for name, path in disks.items():
            code = f"disk_low:{name}"
            try:
                usage = await asyncio.to_thread(shutil.disk_usage, path)
            except OSError as error:
                alarms.raise_(code, f"{path}: {error.strerror}")
                continue
            if is_nearly_full(usage.total, usage.free):
                alarms.raise_(code, f"{path}: {usage.free // 2**20} MB are left. Make room.")
            else:
                alarms.clear(code)
                if name == "journal":
                    await asyncio.to_thread(reserve.take)
        await asyncio.sleep(_PERIOD_S)

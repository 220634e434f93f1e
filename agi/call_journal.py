"""What the degraded path writes down of a call: one small file for each, on the disk before the call goes on.

The call controller imports it later. Each line has a checksum, as in the controller's own journal; each
call has a file of its own, since each has a process of its own.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suar.disk import sync_directory
from suar.record import encode, stamp

_NAME = re.compile(r"^[a-z][a-z0-9]*-\d+\.\d+$")


class CallJournal:
    """The journal of one call. Every method raises :class:`OSError` if the disk does not take it."""

    def __init__(self, folder: Path, call_id: str) -> None:
        if not _NAME.match(call_id):
            raise OSError(f"{call_id!r} is no call's id")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._call_id = call_id
        self._file = os.open(folder / f"{call_id}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        sync_directory(folder)

    def write(self, type_: str, **data: Any) -> None:
        """Write an event and return when it is on the disk."""
        record = {"call": self._call_id, "type": type_, "at": stamp(datetime.now(UTC)), **data}
        os.write(self._file, encode(record))
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)

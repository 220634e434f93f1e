"""The chain on the disk: ``chain-YYYYMMDD.log`` for each day (UTC), beside the recordings.

Several processes may add to it, one at a time. Nothing in it is ever changed; only half a line, which a
power cut left and which nobody was told of, gives way to the next.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from suar.disk import sync_directory
from suar.errors import Blame, SuarError
from suar.record import stamp
from suar.recordings.chain import GENESIS, Entry, decode, encode

_NAME = re.compile(r"chain-\d{8}\.log")
_BEGAN = re.compile(r"-(\d{1,11})\.\d+(?:-[a-z]{2}\d+)?\.wav")
_WRITE = os.O_RDWR | os.O_CREAT | os.O_APPEND


class LedgerUnusable(SuarError):
    """The recordings' chain cannot be written or read."""

    blame = Blame.HOST
    retryable = True


class Ledger:
    """The chain of the recordings in a directory."""

    def __init__(self, directory: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._directory = directory
        self._now = now

    def append(self, call_id: str, file: str, sha256: str, size: int) -> Entry:
        """Chain a sealed recording, and return when it is on the disk.

        A file that is in the chain already stays as it is: its entry is returned. Blocks; raises
        :class:`LedgerUnusable`.
        """
        try:
            with self.locked():
                known = self._find(file)
                if known is None:
                    return self._write(call_id, file, sha256, size)
        except OSError as error:
            raise LedgerUnusable(f"{error.filename or self._directory}: {error.strerror}") from error
        if known.sha256 != sha256:
            raise LedgerUnusable(
                f"{file} was sealed at {known.sealed_at} with other contents: see `suar recordings verify`"
            )
        return known

    def head(self) -> str:
        """Return the hash of the last line that can be read. Raises :class:`OSError`."""
        for path in reversed(self.files()):
            for line in _from_the_end(path.read_bytes()):
                if entry := decode(line):
                    return entry.hash
        return GENESIS

    def days(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each day's file's name and its lines, oldest first. Raises :class:`OSError`."""
        for path in self.files():
            with path.open("rb") as file:
                yield path.name, iter(file)

    def files(self) -> list[Path]:
        """Return the days' files, oldest first."""
        return sorted(path for path in self._directory.glob("chain-*.log") if _NAME.fullmatch(path.name))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from adding for as long as the context lasts. Raises :class:`OSError`."""
        handle = os.open(self._directory / "chain.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _find(self, file: str) -> Entry | None:
        """Return the file's entry. It cannot be older than the call, whose id tells when that began."""
        began = _BEGAN.search(file)
        since = ""
        if began:
            # A day's grace, should somebody have set the clock.
            day = datetime.fromtimestamp(int(began[1]), UTC) - timedelta(days=1)
            since = f"chain-{day:%Y%m%d}.log"
        named = b'"file":' + json.dumps(file, ensure_ascii=False).encode()
        for path in self.files():
            if path.name < since or named not in (text := path.read_bytes()):
                continue
            for line in text.splitlines(keepends=True):
                if named in line and (entry := decode(line)) and entry.file == file:
                    return entry
        return None

    def _write(self, call_id: str, file: str, sha256: str, size: int) -> Entry:
        now, previous = self._now().astimezone(UTC), self.head()
        path = self._directory / f"chain-{now:%Y%m%d}.log"
        files = self.files()
        if files:
            _drop_torn(files[-1])
            # A clock that was set back must not put the line before those that it follows.
            path = max(path, files[-1])
        entry = Entry(call_id, file, sha256, size, stamp(now), previous)
        line = memoryview(encode(entry))
        handle = os.open(path, _WRITE, 0o600)
        try:
            while line:
                line = line[os.write(handle, line) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        if path not in files:
            sync_directory(self._directory)
        return entry


def _from_the_end(text: bytes) -> Iterator[bytes]:
    """Yield a file's lines, the last one first."""
    end = len(text)
    while end:
        start = text.rfind(b"\n", 0, end - 1) + 1
        yield text[start:end]
        end = start


def _drop_torn(path: Path) -> None:
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        os.truncate(path, whole)

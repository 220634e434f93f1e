"""The chain on the disk: ``chain-YYYYMMDD.log`` for each day (UTC), beside the recordings.

Several processes may add to it, one at a time. Nothing in it is ever changed; only half a line, which a
power cut left and which nobody was told of, gives way to the next. ``chain.lock`` names the newest
day: beside years of recordings, a look through the directory for each call would take longer every day.
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
_DAY = "chain-%Y%m%d.log"
_LONG_AGO = timedelta(days=100)
_BEGAN = re.compile(r"-(\d{1,11})\.\d+(?:-[a-z]{2}\d+)?\.wav")
_BLOCK = 4096
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

    def append(self, call_id: str, file: str, sha256: str, size: int, *, is_new: bool = False) -> Entry:
        """Chain a sealed recording, and return when it is on the disk.

        A file that is in the chain already stays as it is: its entry is returned. One that ``is_new``, sealed
        a moment ago, is not looked for. Blocks; raises :class:`LedgerUnusable`.
        """
        try:
            with self.locked() as lock:
                newest = self._newest(lock)
                known = None if is_new else self._find(file, newest)
                if known is None:
                    return self._write(call_id, file, sha256, size, newest, lock)
        except OSError as error:
            raise LedgerUnusable(f"{error.filename or self._directory}: {error.strerror}") from error
        if known.sha256 != sha256:
            raise LedgerUnusable(
                f"{file} was sealed at {known.sealed_at} with other contents: see `suar recordings verify`"
            )
        return known

    def head(self) -> str:
        """Return the hash of the last line that can be read. Raises :class:`OSError`."""
        return _head(self.files())

    def days(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each day's file's name and its lines, oldest first. Raises :class:`OSError`."""
        for path in self.files():
            with path.open("rb") as file:
                yield path.name, iter(file)

    def files(self) -> list[Path]:
        """Return the days' files, oldest first."""
        return sorted(path for path in self._directory.glob("chain-*.log") if _NAME.fullmatch(path.name))

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Keep others from adding for as long as the context lasts. Raises :class:`OSError`."""
        handle = os.open(self._directory / "chain.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _newest(self, lock: int) -> Path | None:
        """Return the newest day's file, as the lock names it; a name that is of no use is looked for."""
        name = os.pread(lock, 64, 0).decode(errors="replace")
        if _NAME.fullmatch(name) and (path := self._directory / name).exists():
            today = self._directory / self._now().astimezone(UTC).strftime(_DAY)
            return max(path, today) if today.exists() else path
        files = self.files()
        return files[-1] if files else None

    def _find(self, file: str, newest: Path | None) -> Entry | None:
        """Return the file's entry. It cannot be older than the call, whose id tells when that began."""
        named = b'"file":' + json.dumps(file, ensure_ascii=False).encode()
        for path in self._since(file, newest):
            if named not in (text := path.read_bytes()):
                continue
            for line in text.splitlines(keepends=True):
                if named in line and (entry := decode(line)) and entry.file == file:
                    return entry
        return None

    def _since(self, file: str, newest: Path | None) -> list[Path]:
        """Return the days' files in which a recording may be."""
        if newest is None:
            return []
        began = _BEGAN.search(file)
        if not began:
            return self.files()
        # A day's grace, should somebody have set the clock.
        day = datetime.fromtimestamp(int(began[1]), UTC) - timedelta(days=1)
        last = datetime.strptime(newest.name, _DAY).replace(tzinfo=UTC)
        if last - day > _LONG_AGO:
            return [path for path in self.files() if path.name >= day.strftime(_DAY)]
        days = [day + timedelta(days=later) for later in range((last - day).days + 2)]
        paths = [self._directory / one.strftime(_DAY) for one in days]
        return [path for path in paths if path.exists()]

    def _write(
        self, call_id: str, file: str, sha256: str, size: int, newest: Path | None, lock: int
    ) -> Entry:
        now = self._now().astimezone(UTC)
        path = self._directory / now.strftime(_DAY)
        previous = GENESIS
        if newest is not None:
            _drop_torn(newest)
            # A clock that was set back must not put the line before those that it follows.
            path = max(path, newest)
            previous = _head([newest])
            if previous == GENESIS:
                previous = self.head()
        entry = Entry(call_id, file, sha256, size, stamp(now), previous)
        line = memoryview(encode(entry))
        handle = os.open(path, _WRITE, 0o600)
        try:
            while line:
                line = line[os.write(handle, line) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        if path != newest:
            sync_directory(self._directory)
        os.pwrite(lock, path.name.encode(), 0)
        return entry


def _head(files: list[Path]) -> str:
    """Return the hash of the last line of these that can be read; the beginning's, if none can."""
    for path in reversed(files):
        for line in _from_the_end(path):
            if entry := decode(line):
                return entry.hash
    return GENESIS


def _from_the_end(path: Path) -> Iterator[bytes]:
    """Yield a file's lines, the last one first. The file may have a day's: few are read."""
    with path.open("rb") as file:
        start, rest = file.seek(0, os.SEEK_END), b""
        while start:
            end, start = start, max(0, start - _BLOCK)
            file.seek(start)
            first, *lines = (file.read(end - start) + rest).splitlines(keepends=True)
            yield from reversed(lines)
            rest = first
        if rest:
            yield rest


def _drop_torn(path: Path) -> None:
    """Cut off what stands after the last line's end: a power cut came in the middle of a write."""
    last = next(_from_the_end(path), b"")
    if not last.endswith(b"\n"):
        os.truncate(path, path.stat().st_size - len(last))

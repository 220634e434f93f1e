"""An append-only journal: a record is on the disk when ``append`` returns.

One thread of its own writes and syncs. Records that arrive while it is busy go down together with
the next sync, so the cost of a sync is shared by every call that waits for one; those that nobody waits
for gather for as long as they may.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ari_app.disks import Reserve
from suar.disk import sync_directory
from suar.errors import Blame, SuarError
from suar.journal import segment_path, segments
from suar.log import get_logger
from suar.record import Record, decode_all, encode

_SEGMENT_BYTES = 16 * 1024 * 1024

log = get_logger()


class JournalUnusable(SuarError):
    """The journal cannot be written."""

    blame = Blame.HOST
    retryable = True


class Journal:
    """Segments ``calls-<n>.log`` in a directory; the one with the highest number is written to."""

    def __init__(
        self, directory: Path, *, segment_bytes: int = _SEGMENT_BYTES, reserve: Reserve | None = None
    ) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._reserve = reserve
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: list[tuple[bytes, asyncio.Future[JournalUnusable | None]]] = []
        self._due = math.inf
        """When the first of them has to be written, in the loop's seconds."""
        self._gathering: asyncio.Handle | None = None
        self._gathers_until = math.inf
        """Kept beside the handle: uvloop's has no time of its own where there is next to none left."""
        self._flushing: asyncio.Task[None] | None = None
        self._file: int | None = None
        self._size = 0
        self._writing_since: float | None = None
        self.segment = 0
        """The number of the segment that is written to."""

    def read(self) -> Iterator[tuple[int, Record]]:
        """Yield each whole record with its segment's number, oldest first.

        A torn tail, from a power cut, and damaged lines are left out and counted in the log.
        """
        for number, path in segments(self._directory):
            damaged = 0
            with path.open("rb") as file:
                for record in decode_all(file):
                    if record is None:
                        damaged += 1
                    else:
                        yield number, record
            if damaged:
                log.warning("journal_lines_damaged", segment=path.name, lines=damaged)

    def open(self) -> None:
        """Begin a new segment. Raises :class:`JournalUnusable`."""
        last = max((number for number, _ in segments(self._directory)), default=0)
        self._begin(last + 1)

    def put(self, record: Record, *, within_s: float = 0.0) -> asyncio.Future[JournalUnusable | None]:
        """Write a record; what is returned has, when the disk has it, None, or else why it has not.

        One that has time waits for others, ``within_s`` at the longest: a write costs the same for one as
        for many.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[JournalUnusable | None] = loop.create_future()
        self._waiting.append((encode(record), written))
        self._due = min(self._due, loop.time() + within_s)
        self._rouse()
        return written

    async def append(self, record: Record) -> None:
        """Write a record and return when it is on the disk.

        Raises :class:`JournalUnusable`, also when it is closed; the record may then be missing from the
        disk, and the journal may be tried again.
        """
        if failure := await self.put(record):
            raise failure

    def remove_before(self, segment: int) -> None:
        """Remove the segments with a lower number than ``segment``: nothing in them is wanted."""
        for number, path in segments(self._directory):
            if number < min(segment, self.segment):
                path.unlink(missing_ok=True)

    async def close(self) -> None:
        """Finish what is being written, and what waits to be, and close."""
        self._due = 0.0
        self._rouse()
        while self._flushing is not None and not self._flushing.done():
            await asyncio.gather(self._flushing, return_exceptions=True)
        self._thread.shutdown()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _rouse(self) -> None:
        """See that what waits is written: at once, or when the first of it has to be."""
        if not self._waiting or (self._flushing is not None and not self._flushing.done()):
            return
        if self._gathering is not None:
            if self._gathers_until <= self._due:
                return
            self._gathering.cancel()
            self._gathering = None
        loop = asyncio.get_running_loop()
        if self._due <= loop.time():
            self._flushing = asyncio.create_task(self._flush(), name="journal-flush")
        else:
            self._gathering, self._gathers_until = loop.call_at(self._due, self._gathered), self._due

    def _gathered(self) -> None:
        self._gathering = None
        self._due = 0.0
        self._rouse()

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._due <= loop.time():
            batch, self._waiting, self._due = self._waiting, [], math.inf
            self._writing_since = loop.time()
            failure = None
            try:
                await loop.run_in_executor(self._thread, self._write, b"".join(line for line, _ in batch))
            except Exception as error:  # Whatever it is, whoever waits for these records is told.
                failure = JournalUnusable(f"{self._directory}: {error}")
            finally:
                self._writing_since = None
            for _, written in batch:
                if not written.done():
                    written.set_result(failure)
        self._flushing = None
        self._rouse()

    def writing_for_s(self) -> float:
        """Return for how long the disk has been busy with what it is writing; 0.0 if it writes nothing."""
        since = self._writing_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    def _write(self, lines: bytes) -> None:
        try:
            self._write_once(lines)
        except OSError as error:
            if self._reserve is None or not self._reserve.give_up(error):
                raise
            self._write_once(lines)

    def _write_once(self, lines: bytes) -> None:
        if self._file is None or self._size >= self._segment_bytes:
            self._begin(self.segment + 1)
        if self._file is None:
            raise OSError(0, "closed")
        view = memoryview(lines)
        try:
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            # Half a line may be there: what comes after goes to a segment of its own, not onto its end.
            if len(view) < len(lines):
                self._size = self._segment_bytes
            raise
        self._size += len(lines)

    def _begin(self, number: int) -> None:
        path = segment_path(self._directory, number)
        try:
            fresh = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            sync_directory(self._directory)
        except OSError as error:
            raise JournalUnusable(f"{path}: {error.strerror}") from error
        if self._file is not None:
            os.close(self._file)
        self._file, self._size, self.segment = fresh, 0, number

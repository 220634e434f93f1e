"""The disk and the database: locked, read-only, deleted, full."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.faults.bed import Bed, send_signal
from tests.faults.fault import Break


def lock_database(for_s: float) -> Break:
    """Return a break that keeps everybody else from the database."""

    async def do(bed: Bed) -> None:
        await asyncio.to_thread(_hold, bed.database, for_s)

    return do


def _hold(database: Path, for_s: float) -> None:
    db = sqlite3.connect(database, timeout=30, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    time.sleep(for_s)
    db.execute("ROLLBACK")
    db.close()


async def make_database_read_only(bed: Bed) -> None:
    """As after a restart on a disk that came back read-only, for twelve seconds."""
    file = str(bed.database)
    await _run("mount", "--bind", file, file)
    await _run("mount", "-o", "remount,bind,ro", file)
    try:
        send_signal(bed.pid("web"), signal.SIGKILL)
        await asyncio.sleep(12)
    finally:
        await _run("umount", "-l", file)


async def delete_database(bed: Bed) -> None:
    """The file goes, with what belongs to it, while it is in use."""
    for suffix in ("", "-wal", "-shm"):
        bed.database.with_name(bed.database.name + suffix).unlink(missing_ok=True)


async def fill_recordings(bed: Bed) -> None:
    """A small file system over the recordings, that is full at once, and freed at the end."""
    folder = bed.work.state.recordings
    await _run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    try:
        (folder / "filler").write_bytes(os.urandom(60 * 1024))
        await asyncio.sleep(12)
    finally:
        await _run("umount", "-l", str(folder))


async def fill_disk(bed: Bed) -> None:
    """The file system that holds the whole state is filled to its last block, and freed after 12 s."""
    filler = bed.work.state.root / "filler"
    deadline = time.monotonic() + 12
    try:
        while time.monotonic() < deadline:
            await asyncio.to_thread(_fill, filler)
            await asyncio.sleep(0.5)
    finally:
        filler.unlink(missing_ok=True)


def _fill(file: Path) -> None:
    with file.open("ab", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while filler.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


async def _run(*command: str) -> None:
    await asyncio.to_thread(subprocess.run, command, check=True)

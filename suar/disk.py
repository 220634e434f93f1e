"""Disks: names that outlive a power cut, and when one is as good as full."""

from __future__ import annotations

import os
from pathlib import Path

_LOW_BYTES = 1024 * 1024 * 1024
_LOW_SHARE = 0.02


def is_nearly_full(total: int, free: int) -> bool:
    """Whether so few bytes are free that somebody has to make room: under 1 GB, of a small disk under 2 %."""
    return free < min(_LOW_BYTES, total * _LOW_SHARE)


def write_anew(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file whole, or leave the one that is there. Raises :class:`OSError`.

    ``mode`` is its permissions, less what the process masks. The name may be lost in a power cut until
    :func:`sync_directory`.
    """
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def sync_directory(directory: Path) -> None:
    """Have the names in a directory on the disk. Raises :class:`OSError`."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

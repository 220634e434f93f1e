"""Disks: names that outlive a power cut, and when one is as good as full."""

from __future__ import annotations

import os
from pathlib import Path

_LOW_BYTES = 1024 * 1024 * 1024
_LOW_SHARE = 0.02


def is_nearly_full(total: int, free: int) -> bool:
    """Whether so few bytes are free that somebody has to make room: under 1 GB, of a small disk under 2 %."""
    return free < min(_LOW_BYTES, total * _LOW_SHARE)


def sync_directory(directory: Path) -> None:
    """Have the names in a directory on the disk. Raises :class:`OSError`."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

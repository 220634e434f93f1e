"""A tap on a call's audio: its recording, while Asterisk writes it.

MixMonitor writes stereo, left the caller, right what she hears. Reading along needs no channel in Asterisk,
so it can harm no call; Asterisk's buffer makes it late by about a second.
"""

from __future__ import annotations

import sys
from array import array
from pathlib import Path

_FRAME = 4
"""Bytes of one sample of both sides."""
_AT_ONCE = 64_000
"""Bytes: two seconds."""


class Tap:
    """What a caller says and hears, from a moment of her recording on."""

    def __init__(self, path: Path, from_now: bool = True) -> None:
        self._path = path
        self._place = _size(path) // _FRAME * _FRAME if from_now else 0

    def read(self) -> array[int]:
        """Return the caller's samples that have come since, at most two seconds; none if there is no file."""
        return self.read_both()[::2]

    def read_both(self) -> array[int]:
        """Return the samples of both sides by turns, the caller's first, as :meth:`read` does."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                data = file.read(_AT_ONCE)
        except OSError:
            return array("h")
        data = data[: len(data) // _FRAME * _FRAME]
        self._place += len(data)
        both = array("h", data)
        if sys.byteorder == "big":
            both.byteswap()
        return both


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

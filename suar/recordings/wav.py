"""From what MixMonitor leaves (headerless, 8 kHz, 16-bit, stereo) to a WAV that is never changed."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path

_RATE = 8000
_CHANNELS = 2
_SAMPLE_BYTES = 2
_FRAME_BYTES = _CHANNELS * _SAMPLE_BYTES
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_BLOCK = 1024 * 1024


def convert(raw: Path, wav: Path) -> str:
    """Make a WAV of a raw recording, remove the raw one, and return the WAV's SHA-256.

    At no time is there less than one of the two, whole. Raises :class:`OSError`.
    """
    digest = hashlib.sha256()
    fresh = wav.with_suffix(".new")
    with fresh.open("wb") as target:
        for block in _blocks_of_wav(raw):
            target.write(block)
            digest.update(block)
        target.flush()
        os.fsync(target.fileno())
    fresh.replace(wav)
    raw.unlink()
    return digest.hexdigest()


def digest_as_wav(raw: Path) -> str:
    """Return the SHA-256 that the WAV of a raw recording would have. Raises :class:`OSError`."""
    digest = hashlib.sha256()
    for block in _blocks_of_wav(raw):
        digest.update(block)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return a file's SHA-256. Raises :class:`OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def length_s(wav: Path) -> float:
    """Return how long a WAV of ours lasts. Raises :class:`OSError`."""
    return round((wav.stat().st_size - _HEADER.size) / (_RATE * _FRAME_BYTES), 3)


def _blocks_of_wav(raw: Path) -> Iterator[bytes]:
    """Yield the WAV of a raw recording: no more than the size in its header, and whole frames only."""
    with raw.open("rb") as source:
        left = os.fstat(source.fileno()).st_size // _FRAME_BYTES * _FRAME_BYTES
        yield _header(left)
        while left and (block := source.read(min(_BLOCK, left))):
            yield block
            left -= len(block)


def _header(size: int) -> bytes:
    """Return the 44 bytes of a canonical WAVE header for 8 kHz, 16-bit, stereo PCM."""
    return _HEADER.pack(
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        _CHANNELS,
        _RATE,
        _RATE * _FRAME_BYTES,
        _FRAME_BYTES,
        8 * _SAMPLE_BYTES,
        b"data",
        size,
    )

"""The recording of a call: the dialplan starts it, so it goes on whatever becomes of us; here it is sealed.

MixMonitor writes headerless stereo (left the caller, right what the caller heard: prompts, then the
operator), which a crash cannot leave half-closed. After the hang-up the file becomes a WAV, with its
length and its SHA-256, and is compared with the time that the call lasted: Asterisk does not say when
a disk was full.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from suar.recordings.wav import convert, digest_of, length_s

_SETTLE_S = 0.25
_PATIENCE_S = 10.0
GLANCE_S = 1.0
"""Where there need not be a recording, or its call has long ended."""
_TOLERANCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished recording. ``file`` is relative to the recordings' directory."""

    file: str
    sha256: str
    length_s: float
    bytes: int
    truncated: bool
    """Shorter than the call by more than two seconds: the disk was full, or the writer died."""
    is_fresh: bool = False
    """Sealed just now: nobody can have told of it."""


async def seal(
    directory: Path, call_id: str, lasted_s: float, patience_s: float | None = None
) -> Sealed | str:
    """Wait until Asterisk has closed the file, and seal it; for one that need not be there, ``patience_s``.

    Returns why not, in words, where there is no recording. Sealing again returns the same.
    """
    raw, wav = directory / f"{call_id}.raw", directory / f"{call_id}.wav"
    last = -1
    try:
        patience_s = _PATIENCE_S if patience_s is None else patience_s
        for _ in range(max(1, round(patience_s / _SETTLE_S)) + 1):
            found = await asyncio.to_thread(_seal_settled, directory, raw, wav, lasted_s, last)
            if isinstance(found, Sealed):
                return found
            last = found
            await asyncio.sleep(_SETTLE_S)
        if last <= 0:
            return "no recording was written"
        return await asyncio.to_thread(_convert, directory, raw, wav, lasted_s)
    except OSError as error:
        return f"the recording could not be sealed: {error.strerror}"


async def has_begun(directory: Path, call_id: str) -> bool:
    """Whether something of the recording is on the disk."""
    return await asyncio.to_thread(_size, directory / f"{call_id}.raw") > 0


def _seal_settled(directory: Path, raw: Path, wav: Path, lasted_s: float, last: int) -> Sealed | int:
    """Seal a file that has something in it and is as long as it last was; else return its size."""
    size = _size(raw)
    if size == 0 and wav.is_file() and not raw.is_file():
        return _describe(directory, wav, lasted_s)
    return _convert(directory, raw, wav, lasted_s) if 0 < size == last else size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _convert(directory: Path, raw: Path, wav: Path, lasted_s: float) -> Sealed:
    return _sealed(directory, wav, convert(raw, wav), lasted_s, is_fresh=True)


def _describe(directory: Path, wav: Path, lasted_s: float) -> Sealed:
    return _sealed(directory, wav, digest_of(wav), lasted_s, is_fresh=False)


def _sealed(directory: Path, wav: Path, sha256: str, lasted_s: float, *, is_fresh: bool) -> Sealed:
    lasts_s = length_s(wav)
    return Sealed(
        file=str(wav.relative_to(directory)),
        sha256=sha256,
        length_s=lasts_s,
        bytes=wav.stat().st_size,
        truncated=lasts_s < lasted_s - _TOLERANCE_S,
        is_fresh=is_fresh,
    )

"""What an ear would say of a sound: how loud, what tone, how long silent. Pure, on 16-bit samples."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence

RATE = 8000
_WINDOW = 160
_FLOOR_DBFS = -50.0


def level_dbfs(samples: Sequence[int]) -> float:
    """Return the level of a sound, in dB below a full-scale square wave; -inf for none."""
    if not samples:
        return float("-inf")
    rms = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    return 20 * math.log10(rms / 32768) if rms else float("-inf")


def tone_level_dbfs(samples: Sequence[int], frequency: float) -> float:
    """Return the level of one tone in a sound (Goertzel)."""
    if not samples:
        return float("-inf")
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    power = last * last + before * before - turn * last * before
    rms = math.sqrt(max(power, 0.0) * 2) / len(samples)
    return 20 * math.log10(rms / 32768) if rms else float("-inf")


def longest_silence_s(samples: Sequence[int], floor_dbfs: float = _FLOOR_DBFS) -> float:
    """Return the longest stretch that is quieter than ``floor_dbfs``, in windows of 20 ms."""
    longest = run = 0
    for start in range(0, len(samples) - _WINDOW + 1, _WINDOW):
        run = run + 1 if level_dbfs(samples[start : start + _WINDOW]) < floor_dbfs else 0
        longest = max(longest, run)
    return longest * _WINDOW / RATE


def first_sound_s(samples: Sequence[int], floor_dbfs: float = _FLOOR_DBFS) -> float | None:
    """Return how long it is quiet before the first window that is not; None if it is quiet throughout."""
    for start in range(0, len(samples) - _WINDOW + 1, _WINDOW):
        if level_dbfs(samples[start : start + _WINDOW]) >= floor_dbfs:
            return start / RATE
    return None


def dominant_tone(samples: Sequence[int], frequencies: Iterable[float]) -> float:
    """Return the loudest of ``frequencies`` in a sound."""
    return max(frequencies, key=lambda frequency: tone_level_dbfs(samples, frequency))


def voice(pitch: float, length_s: float = 4.0) -> array[int]:
    """Return a voice to know a robot by: a tone at ``pitch``, in syllables."""
    out = array("h")
    for place in range(round(length_s * RATE)):
        at = place / RATE
        syllable = 0.55 + 0.45 * math.sin(2 * math.pi * 4 * at)
        out.append(round(9000 * syllable * math.sin(2 * math.pi * pitch * at)))
    return out

"""What an ear says of a sound."""

from __future__ import annotations

from array import array

import pytest

from suar.demo.phones.ear import (
    RATE,
    dominant_tone,
    first_sound_s,
    level_dbfs,
    longest_silence_s,
    tone_level_dbfs,
    voice,
)


def silence(length_s: float) -> array[int]:
    return array("h", [0] * round(length_s * RATE))


def test_a_level_is_below_full_scale() -> None:
    """A square wave at full scale is 0 dB, at half of it -6 dB."""
    assert level_dbfs([-32768, 32767] * 400) == pytest.approx(0.0, abs=0.01)
    assert level_dbfs([-16384, 16384] * 400) == pytest.approx(-6.02, abs=0.01)
    assert level_dbfs([0] * 100) == float("-inf")


def test_the_loudest_of_two_voices_is_named() -> None:
    """Mixed at a tenth, the other one is there and not named."""
    mixed = [a + b // 10 for a, b in zip(voice(700), voice(440), strict=True)]
    assert dominant_tone(mixed, [440, 520, 700, 820]) == 700
    assert tone_level_dbfs(mixed, 440) > -45
    assert tone_level_dbfs(mixed, 520) < -60


def test_the_first_sound_is_found() -> None:
    """To a window of 20 ms; none in silence."""
    assert first_sound_s(silence(0.5) + voice(440)) == pytest.approx(0.5, abs=0.02)
    assert first_sound_s(silence(1.0)) is None
    assert first_sound_s([]) is None


def test_a_silence_at_the_end_counts() -> None:
    """And a floor decides what silence is: a whisper of -60 dB is one, unless the floor is lower."""
    whisper = array("h", [30, -30] * RATE)
    assert longest_silence_s(voice(440, 0.5) + silence(1.0)) == pytest.approx(1.0, abs=0.06)
    assert longest_silence_s(whisper) == pytest.approx(2.0)
    assert longest_silence_s(whisper, floor_dbfs=-70) == 0

"""Sounds at 8 kHz that a caller's line has: noises made here, and the committed prompts as speech."""

from __future__ import annotations

import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
PROMPTS = Path(__file__).parents[1] / "asterisk-config" / "prompts"
Sound = NDArray[np.float64]


def at_level(sound: Sound, dbfs: float) -> Sound:
    """Return a sound at a level (RMS)."""
    louder: Sound = sound / np.sqrt(np.mean(sound**2)) * 10 ** (dbfs / 20)
    return louder


def samples(sound: Sound) -> array[int]:
    """Return a sound as 16-bit samples."""
    return array("h", (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def speech(prompt: str, language: str = "id") -> Sound:
    """Return a committed prompt, at -25 dBFS."""
    with wave.open(str(PROMPTS / language / f"{prompt}.wav")) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return at_level(data.astype(np.float64), -25)


def prompts(language: str = "id") -> list[str]:
    """Return the names of the prompts."""
    return sorted(path.stem for path in (PROMPTS / language).glob("*.wav"))


def _time(length_s: float) -> Sound:
    return np.arange(round(length_s * RATE)) / RATE


def _coloured(length: int, slope: float, seed: int) -> Sound:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(length))
    frequency = np.maximum(np.arange(len(spectrum)), 1)
    return np.fft.irfft(spectrum / frequency**slope, length)


def traffic(length_s: float, seed: int = 1) -> Sound:
    """Low noise that comes and goes, engines that change their speed, horns."""
    time = _time(length_s)
    rolling = at_level(_coloured(len(time), 0.9, seed), -25) * (1 + 0.6 * np.sin(2 * np.pi * time / 7))
    for number in range(1, 6):
        speed = 60 + 20 * number
        rolling += 0.02 * np.sin(2 * np.pi * speed * time + 3 * np.sin(2 * np.pi * 0.2 * number * time))
    for start_s in np.arange(4, length_s - 1, 7):
        place, lasts = round(start_s * RATE), round(0.6 * RATE)
        rolling[place : place + lasts] += 0.05 * sum(
            np.sign(np.sin(2 * np.pi * tone * time[:lasts])) for tone in (420, 530)
        )
    return at_level(rolling, -25)


def rain(length_s: float, seed: int = 2) -> Sound:
    """Nearly white noise, and drops."""
    rng, length = np.random.default_rng(seed), round(length_s * RATE)
    drops = (rng.random(length) < 0.004) * rng.standard_normal(length) * 6
    return at_level(at_level(_coloured(length, 0.1, seed), 0) + drops, -25)


def hum(length_s: float, seed: int = 3) -> Sound:
    """The mains, and a click each second."""
    time = _time(length_s)
    sound = np.sin(2 * np.pi * 50 * time)
    for part in (2, 3, 5, 7):
        sound = sound + np.sin(2 * np.pi * 50 * part * time) / part
    sound[:: RATE + seed] += 8
    return at_level(sound, -25)


def music(length_s: float, seed: int = 4) -> Sound:
    """Chords that swell and fade over a beat."""
    time = _time(length_s) + seed
    sound = 0.3 * np.sin(2 * np.pi * 60 * time) * ((time * 2) % 1 < 0.1)
    for tone, shift in ((262, 0), (330, 0), (392, 0), (220, 2), (330, 2), (440, 1)):
        sound = sound + np.sin(2 * np.pi * tone * time) * np.sin(np.pi * ((time + shift) % 4) / 4) ** 2
    return at_level(sound, -20)


def dtmf(length_s: float, seed: int = 5) -> Sound:
    """A key each second (ITU-T Q.23)."""
    time = _time(length_s)
    sound = 1e-4 * np.random.default_rng(seed).standard_normal(len(time))
    keys = [(697, 1209), (697, 1336), (770, 1336), (852, 1477), (941, 1336), (941, 1209)]
    for second in range(int(length_s)):
        low, high = keys[second % len(keys)]
        place, lasts = second * RATE + 800, round(0.2 * RATE)
        sound[place : place + lasts] += np.sin(2 * np.pi * low * time[:lasts]) + np.sin(
            2 * np.pi * high * time[:lasts]
        )
    return at_level(sound, -20)


def silence(length_s: float, seed: int = 6) -> Sound:
    """What a quiet line has."""
    return 1e-4 * np.random.default_rng(seed).standard_normal(round(length_s * RATE))


NOISES: dict[str, Callable[[float], Sound]] = {
    "silence": silence,
    "traffic": traffic,
    "rain": rain,
    "hum": hum,
    "music": music,
    "dtmf": dtmf,
}


def mixed(voice: Sound, noise: Sound, snr_db: float) -> Sound:
    """Return a voice with noise that is so much fainter."""
    level = 10 * np.log10(np.mean(voice**2)) - snr_db
    return voice + at_level(noise[: len(voice)], level)

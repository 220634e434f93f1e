"""From a voice's samples to a file for the telephone: filtered, resampled, levelled, written."""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from suar.prompts.texts import Texts, spoken
from suar.prompts.voices import Voice, trimmed

RATE = 8_000
_PEAK = 0.7
_RMS = 0.11
_TAPS = 48


def render(texts: Texts, voice: Voice, city: str, languages: Iterable[str], out: Path) -> Iterator[Path]:
    """Render every prompt in every language below ``out``, yielding each file when it is written."""
    for language in languages:
        (out / language).mkdir(parents=True, exist_ok=True)
        for prompt, by_language in texts.items():
            if language in by_language:
                samples, rate = voice.say(spoken(by_language[language], city), language)
                path = out / language / f"{prompt}.wav"
                write(path, level(trimmed(resample(samples, rate), RATE)))
                yield path


def render_music(texts: Texts, voice: Voice, out: Path) -> Path:
    """Render what a waiting caller hears: soft tones, and every so often a voice that stays with her."""
    sound = _tones(48.0)
    for count, (language, prompt) in enumerate(
        [("id", "waiting"), ("en", "waiting"), ("id", "reassurance"), ("en", "reassurance")]
    ):
        if language in texts[prompt]:
            samples, rate = voice.say(texts[prompt][language], language)
            _mix(sound, level(trimmed(resample(samples, rate), RATE)), round((1.0 + 12.0 * count) * RATE))
    (out / "moh").mkdir(parents=True, exist_ok=True)
    path = out / "moh" / "waiting.wav"
    write(path, sound)
    return path


def resample(samples: array[float], rate: int) -> array[float]:
    """Return ``samples`` at 8 kHz, low-passed at 3.4 kHz by a windowed sinc (Hann)."""
    step = rate / RATE
    cut = 2 * 3400 / rate
    reach = round(_TAPS * step / 2)
    out: array[float] = array("f")
    for place in range(int(len(samples) / step)):
        centre = place * step
        first = max(0, math.ceil(centre - reach))
        last = min(len(samples) - 1, math.floor(centre + reach))
        total = 0.0
        for index in range(first, last + 1):
            distance = index - centre
            angle = math.pi * distance * cut
            sinc = 1.0 if angle == 0 else math.sin(angle) / angle
            total += samples[index] * cut * sinc * (0.5 + 0.5 * math.cos(math.pi * distance / (reach + 1)))
        out.append(total)
    return out


def level(samples: array[float]) -> array[float]:
    """Return ``samples`` at an even loudness, softly limited below full scale."""
    loud = [sample for sample in samples if abs(sample) > 0.01]
    if not loud:
        return samples
    rms = math.sqrt(sum(sample * sample for sample in loud) / len(loud))
    gain = _RMS / rms
    return array("f", (_PEAK * math.tanh(sample * gain / _PEAK) for sample in samples))


def write(path: Path, samples: array[float]) -> None:
    """Write 8 kHz, mono, 16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", (round(max(-1.0, min(1.0, s)) * 32767) for s in samples)).tobytes())


def _tones(length_s: float) -> array[float]:
    """A slow figure of four chords that begins where it ends, so that it loops without a seam."""
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    beat_s = length_s / 24
    out: array[float] = array("f")
    for place in range(round(length_s * RATE)):
        at = place / RATE
        beat, within = divmod(at / beat_s, 1.0)
        chord = chords[int(beat) // 2 % 4]
        note = chord[int(beat) % 3] * 2
        # Each note overlaps the hum of its chord: there is never a silence.
        strike = math.exp(-3.0 * within) * min(1.0, within * 40)
        hum = 0.035 * sum(math.sin(2 * math.pi * tone * at) for tone in chord) / 3
        hum *= 0.75 + 0.25 * math.cos(2 * math.pi * within)
        out.append(hum + 0.06 * strike * math.sin(2 * math.pi * note * at))
    return out


def _mix(sound: array[float], voice: array[float], start: int) -> None:
    """Lay a voice over the sound, which steps back meanwhile."""
    for offset, sample in enumerate(voice):
        if start + offset < len(sound):
            sound[start + offset] = sound[start + offset] * 0.35 + sample

"""From a voice's samples to a file for the telephone: filtered, resampled, levelled, written."""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Callable, Iterable, Iterator
from operator import mul
from pathlib import Path

from suar.errors import Blame, SuarError
from suar.prompts.texts import Texts, names_the_city, spoken
from suar.prompts.voices import Voice, trimmed

RATE = 8_000
_PEAK = 0.7
_RMS = 0.14
_TAPS = 48
# The menu leaves the caller time to answer within the plan's twelve seconds.
_LIMITS_S = {"greeting-menu": 9.0}
_FASTEST = 1.35
_MUSIC_S = 48.0
_HEARD_IN_MUSIC = (("id", "reassurance"), ("en", "reassurance"), ("id", "waiting"), ("en", "waiting"))
_FADE_S = 0.25


class TextTooLong(SuarError):
    """A prompt is longer than it may be."""

    blame = Blame.INPUT


def render(
    texts: Texts, voice: Voice, city: str, languages: Iterable[str], out: Path, *, everything: bool = True
) -> Iterator[Path]:
    """Render the prompts in every language below ``out``, yielding each file when it is written.

    Without ``everything``, only those that name the city. Raises :class:`TextTooLong`.
    """
    for language in languages:
        (out / language).mkdir(parents=True, exist_ok=True)
        for prompt, by_language in texts.items():
            if language in by_language and (everything or names_the_city(by_language)):
                path = out / language / f"{prompt}.wav"
                limit_s = _LIMITS_S.get(prompt, math.inf)
                try:
                    sound = _speak(voice, spoken(by_language[language], city), language, limit_s)
                except TextTooLong as error:
                    raise TextTooLong(f"{prompt}.{language}: {error}") from None
                write(path, sound)
                yield path


def _speak(voice: Voice, text: str, language: str, limit_s: float = math.inf) -> array[float]:
    """Return the text spoken, a little faster where it would not fit into ``limit_s``."""
    speed = 1.0
    while speed <= _FASTEST:
        samples, rate = voice.say(text, language, speed)
        sound = level(trimmed(resample(samples, rate), RATE))
        if len(sound) <= limit_s * RATE:
            return sound
        speed *= max(1.02, len(sound) / RATE / limit_s)
    raise TextTooLong(f"longer than {limit_s:g} s even when spoken fast; shorten the text or the city's name")


def render_music(texts: Texts, voice: Voice, out: Path) -> Path:
    """Render what a waiting caller hears: soft tones, and every so often a voice that stays with her."""
    sound = _tones(_MUSIC_S)
    for count, (language, prompt) in enumerate(_HEARD_IN_MUSIC):
        _mix(sound, _speak(voice, texts[prompt][language], language), round((2.0 + 12.0 * count) * RATE))
    (out / "moh").mkdir(parents=True, exist_ok=True)
    path = out / "moh" / "waiting.wav"
    write(path, sound)
    return path


def resample(samples: array[float], rate: int) -> array[float]:
    """Return ``samples`` at 8 kHz, low-passed at 3.4 kHz by a windowed sinc (Hann)."""
    reach = round(_TAPS * rate / RATE / 2)
    kernels: dict[int, array[float]] = {}
    out: array[float] = array("f")
    for place in range(len(samples) * RATE // rate):
        # Where the new sample lies between the old ones repeats, and so do the weights.
        whole, part = divmod(place * rate, RATE)
        if part not in kernels:
            kernels[part] = _kernel(part / RATE, rate, reach)
        first = whole - reach
        kernel = kernels[part][max(0, -first) :]
        out.append(sum(map(mul, samples[max(0, first) : whole + reach + 2], kernel)))
    return out


def _kernel(offset: float, rate: int, reach: int) -> array[float]:
    """Return the weights of the samples around a place that lies ``offset`` after the middle one."""
    cut = 2 * 3400 / rate
    weights: array[float] = array("d")
    for index in range(-reach, reach + 2):
        distance = index - offset
        angle = math.pi * distance * cut
        sinc = 1.0 if angle == 0 else math.sin(angle) / angle
        window = 0.5 + 0.5 * math.cos(math.pi * distance / (reach + 1)) if abs(distance) <= reach else 0.0
        weights.append(cut * sinc * window)
    return weights


def level(samples: array[float]) -> array[float]:
    """Return ``samples`` at an even loudness, softly limited below full scale."""
    floor = max(map(abs, samples), default=0.0) / 50
    loud = [sample for sample in samples if abs(sample) > floor]
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
    """A slow figure of four chords whose last tones ring on into its beginning: it loops without a seam.

    Each tone swells and fades by itself and the chords overlap, so there is neither a click nor a silence.
    """
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    out = array("f", bytes(4 * round(length_s * RATE)))
    bar_s = 4.0
    for bar in range(round(length_s / bar_s)):
        chord = chords[bar % 4]
        for tone in chord:
            _add(out, tone, bar * bar_s, 1.5 * bar_s, 0.02, lambda at: math.sin(math.pi * at) ** 2)
        for beat, tone in enumerate((chord[0], chord[1], chord[2], chord[1])):
            start = (bar + beat / 4) * bar_s
            _add(out, 2 * tone, start, 2.0, 0.05, lambda at: min(1.0, at * 25) * (1 - at) * math.exp(-3 * at))
    return out


def _add(
    out: array[float],
    tone: float,
    start_s: float,
    length_s: float,
    loud: float,
    shape: Callable[[float], float],
) -> None:
    """Add one tone; what reaches beyond the end is heard at the beginning."""
    count = round(length_s * RATE)
    first = round(start_s * RATE)
    turn = 2 * math.pi * tone / RATE
    for place in range(count):
        out[(first + place) % len(out)] += loud * shape(place / count) * math.sin(turn * place)


def _mix(sound: array[float], voice: array[float], start: int) -> None:
    """Lay a voice over the sound, which steps back gently meanwhile."""
    fade = round(_FADE_S * RATE)
    for place in range(-fade, len(voice) + fade):
        inside = min(1.0, (place + fade) / fade, (len(voice) + fade - place) / fade)
        index = (start + place) % len(sound)
        sound[index] *= 1 - 0.65 * inside
        if 0 <= place < len(voice):
            sound[index] += voice[place]

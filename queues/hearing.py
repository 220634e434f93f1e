"""Whether a caller has been heard: from the likelihoods of speech that a detector gives, one for each frame.

Speech is what lasts: a single loud frame is a horn, a tone of the music, a key. No machine concludes anything
from silence but that nobody was heard; what it means, a person decides.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

LIKELY = 0.5
"""A frame above this is likely speech."""
WINDOW, NEEDED = 8, 5
"""So many of the last frames have to be, with frames of 32 ms: a sixth of a second of speech in a quarter."""


class Hearing:
    """One caller's voice, frame by frame."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self.frames = 0
        """How many frames were taken."""
        self.first: int | None = None
        """The frame at which she was first heard; None until then."""

    def take(self, likelihoods: Iterable[float]) -> bool:
        """Take frames in order; return whether she has been heard by now."""
        for likelihood in likelihoods:
            self._last.append(likelihood > LIKELY)
            if self.first is None and sum(self._last) >= NEEDED:
                self.first = self.frames
            self.frames += 1
        return self.first is not None

    @property
    def speaks(self) -> bool:
        """Whether she is speaking now."""
        return sum(self._last) >= NEEDED

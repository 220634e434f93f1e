"""Whether the call controller lives: alive, and with Asterisk's events arriving. Pure."""

from __future__ import annotations

DEAD_AFTER_S = 2.0
"""How long nothing good may have been heard. With the request's own patience this is noticed within 3 s."""
ALIVE_AFTER_S = 2.0
"""How long all must have been well before callers are given back."""
_STOOD_STILL_S = 4.0
"""A beat comes every half second, a second and a half at most. Where none came for so long, it was we who
stood still, and nothing is known of that time."""


class Health:
    """Takes heartbeats, ``now`` in monotonic seconds; at first the controller counts as dead."""

    def __init__(self, now: float) -> None:
        self._last_good = now
        self._last_beat = now
        self._good_since: float | None = None
        self.is_dead = False
        """Whether callers who wait with it are to be taken away."""

    def beat(self, heard_ago_s: float | None, now: float) -> bool:
        """Take a heartbeat; return whether the verdict has changed.

        ``heard_ago_s`` is how long ago the controller last heard Asterisk; None if it does not answer, or
        has no Asterisk. One that hears nothing is as good as dead, however well it answers.
        """
        if now - self._last_beat >= _STOOD_STILL_S:
            self._last_good, self._good_since = now, None
        self._last_beat = now
        good = heard_ago_s is not None and heard_ago_s < DEAD_AFTER_S
        before = self.is_dead
        if good:
            self._last_good = now - (heard_ago_s or 0.0)
            self._good_since = now if self._good_since is None else self._good_since
            if self.is_dead and now - self._good_since >= ALIVE_AFTER_S:
                self.is_dead = False
        else:
            self._good_since = None
            self.is_dead = self.is_dead or now - self._last_good >= DEAD_AFTER_S
        return self.is_dead != before

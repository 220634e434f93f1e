"""Timers by name, without a clock: set, cancelled, and asked what is due."""

from __future__ import annotations

import heapq
from math import inf

TimerName = tuple[str, str]
"""What it is for, and whose it is."""

_SLACK = 64


class Timers:
    """Each name has one timer; setting it again moves it."""

    def __init__(self) -> None:
        self.earliest = inf
        """Nothing is due before this."""
        self._at: dict[TimerName, float] = {}
        self._heap: list[tuple[float, TimerName]] = []

    def __len__(self) -> int:
        return len(self._at)

    def set(self, name: TimerName, at: float) -> None:
        self._at[name] = at
        if at < self.earliest:
            self.earliest = at
        heap = self._heap
        if len(heap) > 2 * len(self._at) + _SLACK:
            # Most of it was cancelled: a line that is long for hours must not keep all who ever left it.
            heap[:] = [(when, whose) for whose, when in self._at.items()]
            heapq.heapify(heap)
        else:
            heapq.heappush(heap, (at, name))

    def cancel(self, name: TimerName) -> None:
        self._at.pop(name, None)

    def next(self) -> float | None:
        """Return when the next one is due."""
        heap, at = self._heap, self._at
        while heap:
            when, name = heap[0]
            if at.get(name) == when:
                self.earliest = when
                return when
            heapq.heappop(heap)
        self.earliest = inf
        return None

    def take_due(self, now: float) -> TimerName | None:
        """Take out the earliest timer that is due; None if none is."""
        when = self.next()
        if when is None or when > now:
            return None
        _, name = heapq.heappop(self._heap)
        del self._at[name]
        return name

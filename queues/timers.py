"""Timers by name, without a clock: set, cancelled, and asked what is due."""

from __future__ import annotations

import heapq

TimerName = tuple[str, str]
"""What it is for, and whose it is."""


class Timers:
    """Each name has one timer; setting it again moves it."""

    def __init__(self) -> None:
        self._at: dict[TimerName, float] = {}
        self._heap: list[tuple[float, TimerName]] = []

    def set(self, name: TimerName, at: float) -> None:
        self._at[name] = at
        heapq.heappush(self._heap, (at, name))

    def cancel(self, name: TimerName) -> None:
        self._at.pop(name, None)

    def next(self) -> float | None:
        """Return when the next one is due."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[TimerName]:
        """Take out the timers that are due, the earliest first."""
        names = []
        while (at := self.next()) is not None and at <= now:
            _, name = heapq.heappop(self._heap)
            del self._at[name]
            names.append(name)
        return names

    def _drop_stale(self) -> None:
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)

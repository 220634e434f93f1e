"""The carriers' trunks: how many of their channels are in use."""

from __future__ import annotations

from collections import Counter

from ari_app.alarms import Alarms
from suar.city import Carrier


class Trunks:
    """A trunk with no channel left is an alarm: the carrier's next caller may not get through."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._in_use: Counter[str] = Counter()

    def take(self, carrier: Carrier | None) -> None:
        """A call has begun."""
        self._count(carrier, 1)

    def give_back(self, carrier: Carrier | None) -> None:
        """A call is over."""
        self._count(carrier, -1)

    def _count(self, carrier: Carrier | None, change: int) -> None:
        if carrier is None:
            return
        self._in_use[carrier.id] += change
        code = f"trunk_full:{carrier.id}"
        if self._in_use[carrier.id] >= carrier.channels:
            self._alarms.raise_(code, f"All {carrier.channels} channels of {carrier.name} are in use.")
        else:
            self._alarms.clear(code)

"""What is wrong now, in words that a supervisor can act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from suar.log import get_logger

log = get_logger()


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong. ``code`` names it and is unique among the standing alarms."""

    code: str
    text: str
    since: datetime


class Alarms:
    """The standing alarms. ``on_change`` is called at each change."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._standing: dict[str, Alarm] = {}
        self.on_change: Callable[[], None] = lambda: None

    def raise_(self, code: str, text: str) -> None:
        """Raise an alarm; one that stands already keeps its beginning."""
        standing = self._standing.get(code)
        if standing is None:
            log.warning("alarm_raised", code=code, text=text)
            self._standing[code] = Alarm(code, text, self._now())
            self.on_change()

    def clear(self, code: str) -> None:
        """Clear an alarm, if it stands."""
        if self._standing.pop(code, None):
            log.info("alarm_cleared", code=code)
            self.on_change()

    def standing(self) -> list[Alarm]:
        """Return the alarms, oldest first."""
        return sorted(self._standing.values(), key=lambda alarm: alarm.since)

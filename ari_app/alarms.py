"""What is wrong now, in words that a supervisor can act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from suar.log import get_logger

log = get_logger()


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong. ``code`` names it and is unique among the standing alarms."""

    code: str
    text: str
    since: datetime


class News(StrEnum):
    """What has become of an alarm."""

    RAISED = "raised"
    CLEARED = "cleared"


class Alarms:
    """The standing alarms. ``on_change`` is called at each change, ``on_news`` told what it was."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._standing: dict[str, Alarm] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.on_news: Callable[[Alarm, News], None] = lambda _, __: None

    def raise_(self, code: str, text: str) -> None:
        """Raise an alarm; one that stands already keeps its beginning."""
        standing = self._standing.get(code)
        if standing is None:
            log.warning("alarm_raised", code=code, text=text)
            alarm = self._standing[code] = Alarm(code, text, self._now())
            self._tell(alarm, News.RAISED)

    def clear(self, code: str) -> None:
        """Clear an alarm, if it stands."""
        if alarm := self._standing.pop(code, None):
            log.info("alarm_cleared", code=code)
            self._tell(alarm, News.CLEARED)

    def clear_if_before(self, code: str, at: datetime) -> None:
        """Clear an alarm that was raised before ``at``: what began then has gone well."""
        alarm = self._standing.get(code)
        if alarm and alarm.since < at:
            self.clear(code)

    def standing(self) -> list[Alarm]:
        """Return the alarms, oldest first."""
        return sorted(self._standing.values(), key=lambda alarm: alarm.since)

    def _tell(self, alarm: Alarm, news: News) -> None:
        self.on_change()
        self.on_news(alarm, news)

"""The alarms that stand, in words that a supervisor can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from suar.log import get_logger

STICKY = frozenset({"recording_failed", "recording_not_chained", "test_call_missed"})
"""Nobody looks at their cause again and again: what clears them is the next time that it goes well."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong. ``code`` names it and is unique among the standing alarms.

    What stands after a colon, as in ``disk_low:journal``, says which of several things it is about.
    """

    code: str
    text: str
    since: datetime

    @property
    def kind(self) -> str:
        """The code without what it is about: what the catalogues and the figures know."""
        return self.code.partition(":")[0]

    @property
    def subject(self) -> str:
        """What it is about; empty where there is only one such thing."""
        return self.code.partition(":")[2]


class News(StrEnum):
    """What has become of an alarm."""

    RAISED = "raised"
    CLEARED = "cleared"


class Alarms:
    """The standing alarms. ``on_change`` is called at each change, ``on_news`` told what it was."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._standing: dict[str, Alarm] = {}
        self._unconfirmed: set[str] = set()
        self.on_change: Callable[[], None] = lambda: None
        self.on_news: Callable[[Alarm, News], None] = lambda _, __: None

    def raise_(self, code: str, text: str, since: datetime | None = None) -> None:
        """Raise an alarm, as of now or ``since``; one that stands already keeps its beginning."""
        self._unconfirmed.discard(code)
        if code not in self._standing:
            log.warning("alarm_raised", code=code, text=text)
            alarm = self._standing[code] = Alarm(code, text, since or self._now())
            self._tell(alarm, News.RAISED)

    def clear(self, code: str) -> None:
        """Clear an alarm, if it stands."""
        self._unconfirmed.discard(code)
        if alarm := self._standing.pop(code, None):
            log.info("alarm_cleared", code=code)
            self._tell(alarm, News.CLEARED)

    def clear_if_before(self, code: str, at: datetime) -> None:
        """Clear an alarm that was raised before ``at``: what began then has gone well."""
        alarm = self._standing.get(code)
        if alarm and alarm.since < at:
            self.clear(code)

    def stands(self, code: str) -> bool:
        """Whether this alarm stands."""
        return code in self._standing

    def standing(self) -> list[Alarm]:
        """Return the alarms, oldest first."""
        return sorted(self._standing.values(), key=lambda alarm: alarm.since)

    def restore(self, alarms: Iterable[Alarm]) -> None:
        """Take up what stood when an earlier process ended. That is no news to anybody.

        Those whose cause is looked at again are to be raised again by whoever sees it:
        :meth:`drop_unconfirmed` clears the rest.
        """
        for alarm in alarms:
            if alarm.code not in self._standing:
                self._standing[alarm.code] = alarm
                if alarm.kind not in STICKY:
                    self._unconfirmed.add(alarm.code)
        self.on_change()

    def drop_unconfirmed(self) -> None:
        """Clear what was restored and that nobody has raised again since."""
        for code in sorted(self._unconfirmed):
            self.clear(code)

    def _tell(self, alarm: Alarm, news: News) -> None:
        self.on_change()
        self.on_news(alarm, news)

"""The alarms of this process and of the call controller, through restarts of either.

What the controller's picture shows stands until a picture comes that does not show it: while nothing comes,
the last that was known stays, beside the alarm that says that nothing comes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from suar.alarms import Alarm, Alarms, History, News, Past


class Book:
    """``own`` are the alarms of this process; the others' are as they told them last."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self.own = Alarms(now)
        self.theirs = Alarms(now)
        """The controller's."""
        self.rescuers = Alarms(now)
        self._own_history = History(folder / "web.log")
        self._their_history = History(folder / "seen.log")
        self._rescuers_history = History(folder / "seen-rescuer.log")
        self.on_change: Callable[[], None] = lambda: None
        self.on_own_news: Callable[[Alarm, News], None] = lambda _, __: None
        """The controller tells the city's webhook of its alarms itself; this is for the others."""

    def open(self) -> None:
        """Take up what stood when an earlier process ended."""
        self.own.restore(self._own_history.open())
        self.theirs.restore(self._their_history.open())
        self.rescuers.restore(self._rescuers_history.open())
        self.own.on_news = self._note_own
        self.theirs.on_news = partial(self._note_seen, self._their_history)
        self.rescuers.on_news = partial(self._note_seen, self._rescuers_history)

    def close(self) -> None:
        """Write the rest. Blocks."""
        self._own_history.close()
        self._their_history.close()
        self._rescuers_history.close()

    def follow(self, picture: dict[str, Any]) -> None:
        """Take the controller's alarms as its picture has them."""
        _follow(self.theirs, picture)

    def follow_rescuer(self, told: dict[str, Any]) -> None:
        """Take the rescuer's alarms, of the same shape."""
        _follow(self.rescuers, told)

    def standing(self) -> list[Alarm]:
        """Return every alarm that stands, the oldest first."""
        found = [*self.own.standing(), *self.theirs.standing(), *self.rescuers.standing()]
        return sorted(found, key=lambda alarm: alarm.since)

    def past(self, limit: int) -> list[Past]:
        """Return the alarms that are over, the last to end first."""
        histories = (self._own_history, self._their_history, self._rescuers_history)
        found = [past for history in histories for past in history.past(limit)]
        return sorted(found, key=lambda past: past.until, reverse=True)[:limit]

    def _note_own(self, alarm: Alarm, news: News) -> None:
        self._own_history.note(alarm, news, self._now())
        self.on_own_news(alarm, news)
        self.on_change()

    def _note_seen(self, history: History, alarm: Alarm, news: News) -> None:
        history.note(alarm, news, self._now())
        self.on_change()


def _follow(alarms: Alarms, told: dict[str, Any]) -> None:
    """Make what stands what is told: ``{"alarms": [{"code", "text", "since"}]}``."""
    shown = {alarm["code"]: alarm for alarm in told.get("alarms", []) if {"code", "since"} <= {*alarm}}
    for alarm in alarms.standing():
        if alarm.code not in shown:
            alarms.clear(alarm.code)
    for code, alarm in shown.items():
        alarms.raise_(code, alarm.get("text", ""), datetime.fromisoformat(alarm["since"]))

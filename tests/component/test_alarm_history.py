"""Alarms as events on the disk: what a restart must not forget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from suar.alarms import Alarms, History, News

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Process:
    """Alarms with their history, as each process has them, and a clock that is set by hand."""

    def __init__(self, path: Path, *, keep: int = 500) -> None:
        self.now = START
        self.history = History(path, keep=keep)
        self.alarms = Alarms(lambda: self.now)
        self.alarms.restore(self.history.open())
        self.news: list[tuple[str, News]] = []
        self.alarms.on_news = self.note

    def note(self, alarm: object, news: News) -> None:
        self.history.note(alarm, news, self.now)  # type: ignore[arg-type]
        self.news.append((alarm.code, news))  # type: ignore[attr-defined]

    def codes(self) -> list[str]:
        return [alarm.code for alarm in self.alarms.standing()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alarms.log"


def test_a_restart_keeps_what_stands_and_since_when(path: Path) -> None:
    """Without telling anybody anew; what was over is still known to have been."""
    first = Process(path)
    first.alarms.raise_("disk_low:journal", "12 MB are left")
    first.alarms.raise_("asterisk_lost", "gone")
    first.now += timedelta(seconds=5)
    first.alarms.clear("asterisk_lost")
    first.history.close()

    second = Process(path)
    assert second.codes() == ["disk_low:journal"]
    assert second.alarms.standing()[0].since == START
    assert second.news == []
    assert [(past.alarm.code, past.until) for past in second.history.past()] == [
        ("asterisk_lost", START + timedelta(seconds=5))
    ]
    second.history.close()


def test_what_nobody_sees_again_after_a_restart_is_cleared(path: Path) -> None:
    """But not what only its next success clears; what is seen again keeps its beginning."""
    first = Process(path)
    for code in ("disk_low:journal", "no_operator:sby1-1.1", "recording_failed"):
        first.alarms.raise_(code, "")
    first.history.close()

    second = Process(path)
    second.now += timedelta(minutes=1)
    second.alarms.raise_("disk_low:journal", "")
    second.alarms.drop_unconfirmed()
    assert second.codes() == ["disk_low:journal", "recording_failed"]
    assert second.news == [("no_operator:sby1-1.1", News.CLEARED)]
    assert {alarm.since for alarm in second.alarms.standing()} == {START}
    second.alarms.clear("recording_failed")
    second.history.close()
    assert Process(path).codes() == ["disk_low:journal"]


def test_a_disk_that_takes_nothing_costs_no_alarm(path: Path) -> None:
    """What could not be written comes with the next line that can be."""
    path.mkdir()
    first = Process(path)
    first.alarms.raise_("disk_low:journal", "")
    first.history._thread.submit(lambda: None).result()
    assert first.codes() == ["disk_low:journal"]
    path.rmdir()
    first.alarms.raise_("asterisk_lost", "")
    first.history.close()
    assert Process(path).codes() == ["disk_low:journal", "asterisk_lost"]


def test_a_torn_line_costs_itself_alone(path: Path) -> None:
    """A power cut in the middle of a line; what is written after it stands on a line of its own."""
    first = Process(path)
    first.alarms.raise_("asterisk_lost", "")
    first.alarms.raise_("draining", "")
    first.history.close()
    path.write_bytes(path.read_bytes()[:-9])
    second = Process(path)
    assert second.codes() == ["asterisk_lost"]
    second.alarms.raise_("trunk_full:telkomsel", "")
    second.history.close()
    assert Process(path).codes() == ["asterisk_lost", "trunk_full:telkomsel"]


def test_the_file_does_not_grow_for_ever(path: Path) -> None:
    """It is written anew when it is read, with what stands kept, however old."""
    first = Process(path, keep=100)
    first.alarms.raise_("disk_low:journal", "")
    for _ in range(30):
        first.alarms.raise_("asterisk_lost", "")
        first.alarms.clear("asterisk_lost")
    first.history.close()
    lines = len(path.read_bytes().splitlines())
    second = Process(path, keep=10)
    assert (lines, len(path.read_bytes().splitlines())) == (61, 11)
    assert second.codes() == ["disk_low:journal"]
    assert len(second.history.past()) == 5
    assert Process(path, keep=10).codes() == ["disk_low:journal"]

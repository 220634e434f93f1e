"""What the controller notices by looking: what never came, what is missing, what takes too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ari_app.alarms import Alarm, Alarms
from ari_app.housekeeping import Housekeeping

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class House:
    """A house whose state and time are set by hand."""

    def __init__(self, *, is_one_of_two: bool = False, kept: tuple[str, ...] = ()) -> None:
        self.now_s = 0.0
        self.has_heir = False
        self.live = SimpleNamespace(asterisk_is_up=False)
        self.outbox = SimpleNamespace(
            writing_for_s=lambda: 0.0, oldest_unsent=lambda: None, depth=lambda: 3
        )  # fmt: skip
        self.alarms = Alarms(self.now)
        self.alarms.restore(Alarm(code, "", START) for code in kept)
        self.keeping = Housekeeping(
            self.alarms,
            self.live,  # type: ignore[arg-type]
            self.outbox,  # type: ignore[arg-type]
            now=self.now,
            clock=lambda: self.now_s,
            has_heir=lambda: self.has_heir,
            is_one_of_two=is_one_of_two,
        )

    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def at(self, now_s: float) -> list[str]:
        """Look at this second; return the alarms that stand."""
        self.now_s = now_s
        self.keeping.look()
        return [alarm.code for alarm in self.alarms.standing()]


def test_an_asterisk_that_never_comes_is_an_alarm_after_its_time_to_boot() -> None:
    """Until it comes; one that was there and has gone is another alarm."""
    house = House()
    assert house.at(0) == house.at(19.9) == []
    assert house.at(20) == ["asterisk_never_up"]
    house.live.asterisk_is_up = True
    assert house.at(25) == []
    house.live.asterisk_is_up = False
    assert house.at(300) == []


@pytest.mark.parametrize("how", ["started as one of two", "seen once"])
def test_a_standby_that_is_missed_is_an_alarm_after_half_a_minute(how: str) -> None:
    """It is missed where there is to be one, or where one was; not where nobody ever spoke of any."""
    house = House(is_one_of_two=how == "started as one of two")
    house.live.asterisk_is_up = True
    if how == "seen once":
        house.has_heir = True
        assert house.at(0) == []
        assert house.keeping.picture() == {"standby": "waits", "unsent": 3}
        house.has_heir = False
    assert house.at(29.9) == []
    assert house.at(30) == ["standby_missing"]
    assert house.keeping.picture()["standby"] == "missing"
    house.has_heir = True
    assert house.at(31) == []
    alone = House()
    alone.live.asterisk_is_up = True
    assert alone.at(0) == alone.at(1000) == []
    assert alone.keeping.picture()["standby"] == "none"


def test_a_disk_that_takes_its_time_is_an_alarm_until_it_was_quick_for_a_while() -> None:
    """A second for a line; one quick line between two slow ones is no end of it."""
    house = House()
    house.live.asterisk_is_up = True
    house.outbox.writing_for_s = lambda: 0.9
    assert house.at(0) == []
    house.outbox.writing_for_s = lambda: 1.2
    assert house.at(1) == ["journal_slow"]
    house.outbox.writing_for_s = lambda: 0.0
    assert house.at(10.9) == ["journal_slow"]
    assert house.at(11) == []


def test_events_that_come_late_are_an_alarm_unless_one_says_already_why() -> None:
    """A minute old and still here."""
    house = House()
    house.live.asterisk_is_up = True
    house.outbox.oldest_unsent = lambda: START
    assert house.at(59) == []
    assert house.at(60) == ["outbox_late"]
    house.alarms.raise_("outbox_stalled", "")
    assert house.at(61) == ["outbox_stalled"]
    house.alarms.clear("outbox_stalled")
    assert house.at(62) == ["outbox_late"]
    house.outbox.oldest_unsent = lambda: None
    assert house.at(63) == []


def test_what_an_earlier_controller_saw_and_is_over_is_cleared_after_the_start() -> None:
    """But not what is still so, nor what only its next success can clear."""
    house = House(kept=("no_operator:sby1-1.1", "disk_low:journal", "recording_failed"))
    house.live.asterisk_is_up = True
    assert len(house.at(10)) == 3
    house.alarms.raise_("disk_low:journal", "")
    assert house.at(20) == ["disk_low:journal", "recording_failed"]

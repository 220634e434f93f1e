"""A message finds the call that it belongs to, and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from suar.location.matching import Candidate, Sender, Waiting, Window, choose

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ANI = Sender(number="+628121234567")
WINDOW = Window(before=timedelta(seconds=60), after=timedelta(seconds=600))


def call(name: str, ring_s: float, is_live: bool = True, sender: Sender = ANI) -> Candidate:
    """A call that rang ``ring_s`` from now."""
    return Candidate(name, NOW + timedelta(seconds=ring_s), is_live, sender)


def chosen(*calls: Candidate, sender: Sender = ANI, began_s: float | None = None) -> str | None:
    began = None if began_s is None else NOW + timedelta(seconds=began_s)
    found = choose(sender, NOW, calls, WINDOW, began)
    return found.call_id if found else None


@pytest.mark.parametrize(
    ("ring_s", "is_live", "fits"),
    [
        (60, True, True), (60.1, True, False),
        (0, True, True), (-5_000, True, True),
        (-600, False, True), (-600.1, False, False),
    ],
)  # fmt: skip
def test_the_window_is_around_the_ring_and_as_long_as_the_call(
    ring_s: float, is_live: bool, fits: bool
) -> None:
    """Before, during and after: each end exactly."""
    assert (chosen(call("a", ring_s, is_live)) == "a") is fits


def test_strangers_do_not_match() -> None:
    """Another number, no number on one side, none on both."""
    assert chosen(call("a", 0, sender=Sender(number="+628129999999"))) is None
    assert chosen(call("a", 0, sender=Sender())) is None
    assert chosen(call("a", 0, sender=Sender()), sender=Sender()) is None
    assert chosen() is None


def test_a_phone_without_a_shown_number_is_found_by_its_imsi() -> None:
    """And by its IMEI, where there is no card in it."""
    hidden = call("a", 0, sender=Sender(imsi="510101234567890"))
    assert chosen(hidden, sender=Sender(number="+628121234567", imsi="510101234567890")) == "a"
    cardless = call("b", 0, sender=Sender(imei="350000000000001"))
    assert chosen(hidden, cardless, sender=Sender(imei="350000000000001")) == "b"


def test_a_number_weighs_more_than_an_imsi() -> None:
    """Even if the call with the IMSI is younger and lives."""
    by_number = call("a", -60, is_live=False)
    by_imsi = call("b", -1, sender=Sender(imsi="510101234567890"))
    assert chosen(by_imsi, by_number, sender=Sender("+628121234567", "510101234567890")) == "a"


def test_of_several_calls_the_living_then_the_nearest_then_the_latest() -> None:
    """She called, was cut off, and called again."""
    assert chosen(call("cut", -30, is_live=False), call("again", -200)) == "again"
    assert chosen(call("cut", -300, False), call("later", -100, False)) == "later"
    assert chosen(call("cut", -300, False), call("later", -100, False), began_s=-301) == "cut"


def test_what_waits_is_bounded_and_ends() -> None:
    """The oldest goes when there are too many, each when its time is over; both are counted."""
    waiting: Waiting[list[int]] = Waiting(timedelta(seconds=60), limit=2)
    first, second, third = [1], [2], [3]
    for after_s, message in enumerate((first, second, third)):
        waiting.add(message, NOW + timedelta(seconds=after_s))
    assert waiting.waiting(NOW + timedelta(seconds=3)) == [second, third]
    assert waiting.expired == 1
    waiting.remove(second)
    assert waiting.waiting(NOW + timedelta(seconds=61.5)) == [third]
    assert waiting.waiting(NOW + timedelta(seconds=62)) == []
    assert (waiting.expired, len(waiting)) == (2, 0)

"""When test calls that fail are an alarm."""

from __future__ import annotations

from agi.verdicts import Outcome, Streak, Verdict

GOOD, DEGRADED = Verdict(Outcome.GOOD), Verdict(Outcome.DEGRADED)
MISSED = Verdict(Outcome.MISSED, "nobody answered")


def test_two_misses_in_a_row_are_an_alarm_and_one_is_none() -> None:
    """It stands until a call is answered again, by whomever."""
    streak = Streak()
    told = [streak.take(one) for one in (MISSED, GOOD, MISSED, MISSED, MISSED, DEGRADED, MISSED, GOOD)]
    assert told == [None, False, None, True, True, False, None, False]

"""From when to when, as a person says it."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from suar.report.errors import OptionInvalid

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def parse_period(since: str | None, until: str | None, zone: ZoneInfo, now: datetime) -> tuple[int, int]:
    """Return a period as milliseconds of POSIX time, its end not included and never after ``now``.

    A day, such as 2026-11-24, is the whole of it; 2026-11-24T18:00 is that moment; both in the city's zone
    unless an offset is given. Without an end it goes to ``now``, without a beginning over the last day.

    Raises :class:`~suar.report.errors.OptionInvalid`.
    """
    end = now if until is None else min(now, _instant("--to", until, zone, is_end=True))
    last_day = datetime.combine((end - timedelta(microseconds=1)).astimezone(zone).date(), time(), zone)
    began = last_day if since is None else _instant("--from", since, zone, is_end=False)
    if began >= end:
        told = "now" if until is None or end == now else until
        raise OptionInvalid(f"--from: {since or f'{began:%F}'} is not before {told}; give an earlier day")
    return _ms(began), _ms(end)


def _instant(option: str, text: str, zone: ZoneInfo, *, is_end: bool) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise OptionInvalid(
            f"{option}: {text!r} is no time; give a day, such as 2026-11-24, or 2026-11-24T18:00"
        ) from error
    if is_end and _DAY.fullmatch(text):
        # The next midnight by the calendar: a day may have 23 or 25 hours.
        found = datetime.combine(found.date() + timedelta(days=1), time())
    return found.replace(tzinfo=zone) if found.tzinfo is None else found


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)

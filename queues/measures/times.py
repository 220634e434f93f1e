"""Instants as whole milliseconds of POSIX time, and the local hours and days in which they fall.

The only module of `queues` that knows a calendar. It asks no clock: instants and the zone are given.
A local hour is named with its offset from UTC, so the hour that a clock change repeats is two hours here, and
the one that it leaves out is none; a day is as long as it was, 23, 24 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo

from queues.measures.errors import RecordUnusable

Zone = tzinfo
"""A time zone, as `zoneinfo` has them."""

_HOUR_S = 3600


def milliseconds(stamp: object, field: str) -> int:
    """Return the instant of an RFC 3339 time.

    Raises :class:`~queues.measures.errors.RecordUnusable`, naming ``field``, for what is none or has no zone.
    """
    try:
        at = datetime.fromisoformat(str(stamp))
    except ValueError as error:
        raise RecordUnusable(f"{field}: {stamp!r} is no RFC 3339 time") from error
    if at.tzinfo is None:
        raise RecordUnusable(f"{field}: {stamp!r} has no offset from UTC")
    return round(at.timestamp() * 1000)


def hour_of(at_ms: int, zone: Zone) -> str:
    """Return the local hour of an instant, such as ``2026-11-24T18:00+07:00``."""
    return _local(at_ms, zone).replace(minute=0, second=0, microsecond=0).isoformat(timespec="minutes")


def day_of(at_ms: int, zone: Zone) -> str:
    """Return the local day of an instant, such as ``2026-11-24``."""
    return _local(at_ms, zone).date().isoformat()


def in_order(keys: Iterable[str]) -> list[str]:
    """Sort names of hours by when they were, and any other names as names."""

    def place(key: str) -> tuple[float, str]:
        # Of two hours of one name, the one with the greater offset came first.
        is_hour = len(key) >= len("2026-11-24T18:00+07:00") and key[10:11] == "T"
        return (datetime.fromisoformat(key).timestamp() if is_hour else 0.0, key)

    return sorted(keys, key=place)


def by_hours(began_ms: int, ended_ms: int, zone: Zone) -> Iterator[tuple[int, int]]:
    """Cut a span where a local hour, and so a local day, begins. The pieces add up to the span."""
    while began_ms < ended_ms:
        local = _local(began_ms, zone)
        into_s = local.minute * 60 + local.second
        into_ms = into_s * 1000 + local.microsecond // 1000
        cut = min(ended_ms, began_ms + _HOUR_S * 1000 - into_ms)
        yield began_ms, cut
        began_ms = cut


def _local(at_ms: int, zone: Zone) -> datetime:
    # Divided as whole numbers first: a float of milliseconds would round into the next second.
    seconds, rest = divmod(at_ms, 1000)
    return datetime.fromtimestamp(seconds, zone).replace(microsecond=rest * 1000)

"""Times as strangers write them: RFC 3339 and its cousins, epoch seconds and milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from suar.location.flags import Flag
from suar.location.notes import Notes

AHEAD = timedelta(minutes=5)
"""How far a sender's clock may be before ours."""

_STRICT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LOOSE = re.compile(
    r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)[Tt _]?\s*(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*"
    r"([Zz]|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"\d{10}(\.\d+)?|\d{13}", re.ASCII)


def read_time(text: str, received_at: datetime, notes: Notes) -> datetime | None:
    """Return a time in UTC, or None; what had to be forgiven is flagged, and a time in the future as well."""
    text = text.strip()
    found = _read(text, notes)
    if found is None:
        notes.flag(Flag.TIME_UNUSABLE)
    else:
        note_future(found, received_at, notes)
    return found


def note_future(found: datetime, received_at: datetime, notes: Notes) -> None:
    """Flag a time that cannot have been yet."""
    if found > received_at + AHEAD:
        notes.flag(Flag.TIME_IN_FUTURE)


def from_epoch(seconds: float) -> datetime | None:
    """Return the time of so many seconds since 1970, or None where no call can be (2000 to 2100)."""
    if not 946_684_800 <= seconds <= 4_102_444_800:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _read(text: str, notes: Notes) -> datetime | None:
    if _EPOCH.fullmatch(text):
        notes.flag(Flag.TIME_SPELLING)
        return from_epoch(float(text) / (1000 if len(text) == 13 else 1))
    parts = _LOOSE.fullmatch(text)
    if parts is None:
        return None
    if not _STRICT.fullmatch(text):
        notes.flag(Flag.TIME_SPELLING)
    year, month, day, hour, minute, second, fraction, zone = parts.groups()
    try:
        found = datetime(int(year), int(month), int(day), tzinfo=UTC)
        # By addition: a leap second is 60, and midnight may be 24:00.
        if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 60:
            return None
        found += timedelta(
            hours=int(hour),
            minutes=int(minute),
            seconds=int(second or 0),
            microseconds=int((fraction or "0")[:6].ljust(6, "0")),
        )
        if zone is None:
            notes.flag(Flag.TIME_ZONE_MISSING)
        elif zone[0] in "+-":
            digits = zone[1:].replace(":", "").ljust(4, "0")
            ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
            if ahead > timedelta(hours=15):
                return None
            found -= ahead if zone[0] == "+" else -ahead
    except (ValueError, OverflowError):
        return None
    return found

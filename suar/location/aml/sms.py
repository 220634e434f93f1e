"""AML by SMS, versions 1 and 2: ``A"ML=1;lt=...;lg=...`` and ``A"ML=2;en=...;lo=...`` (ETSI TS 103 625).

Beware of ``lt`` and ``lg``: latitude and longitude in version 1, seconds and languages in version 2.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from suar.location.aml.fields import Fields, to_reading, told
from suar.location.claim import Identity
from suar.location.faults import Fault, Problem
from suar.location.flags import Flag
from suar.location.notes import Notes
from suar.location.numbers import read_number
from suar.location.reading import Reading
from suar.location.times import from_epoch, note_future, read_time

LONGEST = 1_600
"""Characters: ten SMS in a row."""
_HEADER = re.compile(
    r"""\s*["']?A(?P<quote>"(?!")|["'“”`]{1,2}|&quot;)?\s*ML\s*[=:]\s*(?P<version>[0-9]{0,3})\s*(?:;|$)""",
    re.IGNORECASE,
)
_PAIR = re.compile(r"\s*([A-Za-z]{2,3})\s*=(.*)", re.DOTALL)
_HEADLESS = re.compile(
    r"\s*(?:lt|lo|en|et)=[^;=]{1,60};\s*(?:[a-z]{2,3}=[^;=]{0,80};?\s*){2,}", re.IGNORECASE
)
_KEYS = {
    1: ("lt", "lg", "rd", "top", "lc", "pm", "si", "ei", "mcc", "mnc", "ml"),
    2: ("en", "et", "lo", "lt", "lc", "lz", "ls", "si", "ei", "nc", "hc", "lg"),
}
_METHODS = {"G": "GNSS", "W": "WiFi", "C": "Cell", "F": "fused"}
_DIGITS = re.compile(r"\d{14,17}")
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Whether a time is in the future is told in one place, once it is known."""
_STAMP = re.compile(r"\d{14}", re.ASCII)


def looks_like(text: str) -> bool:
    """Whether it is an AML SMS, with its header or without."""
    return _HEADER.match(text[:40]) is not None or _HEADLESS.match(text[:LONGEST]) is not None


def read_sms(text: str, received_at: datetime, notes: Notes) -> Reading:
    """Read the text of an AML SMS. What is damaged is flagged, and what can still be read is used."""
    text = text.strip("\r\n\t \0")[:LONGEST]
    header = _HEADER.match(text)
    if header is None:
        notes.flag(Flag.AML_HEADER_MISSING)
        version = 2 if re.search(r"(?:^|;)\s*(?:lo|et)=", text, re.IGNORECASE) else 1
    else:
        version = int(header["version"] or 0)
        if header["quote"] != '"':
            notes.flag(Flag.AML_DAMAGED)
    if version not in _KEYS:
        problem = Problem(
            Fault.AML_VERSION_UNKNOWN,
            f"AML version {version} is not known: its keys may mean something else. "
            "Versions 1 and 2 are read.",
        )
        return Reading("aml-sms", flags=notes.flags, errors=(problem,))
    pairs, last = _pairs(text[header.end() :] if header else text, version, notes)
    fields = _first(pairs, text, last, notes) if version == 1 else _second(pairs, last, notes)
    if fields.fix_at is not None:
        note_future(fields.fix_at, received_at, notes)
    fields.more["aml_version"] = version
    return to_reading("aml-sms", fields, received_at, notes)


def _pairs(text: str, version: int, notes: Notes) -> tuple[dict[str, str], str | None]:
    """Return the values by key, and the key of a last value that no semicolon follows: it may be cut."""
    pairs: dict[str, str] = {}
    key: str | None = None
    for word in text.split(";"):
        if not word.strip():
            continue
        found = _PAIR.fullmatch(word)
        if found is None:
            notes.flag(Flag.AML_DAMAGED)
            key = None
            continue
        key, value = found[1].lower(), found[2].strip()
        if key not in _KEYS[version]:
            notes.flag(Flag.AML_KEY_UNKNOWN)
        elif key in pairs:
            notes.flag(Flag.AML_KEY_REPEATED)
        else:
            pairs[key] = value
    return pairs, None if text.rstrip().endswith(";") else key


def _first(pairs: dict[str, str], text: str, last: str | None, notes: Notes) -> Fields:
    length = pairs.get("ml", "")
    if length:
        if not length.isdecimal() or len(length) > 4 or int(length) != len(text):
            notes.flag(Flag.AML_LENGTH_WRONG)
    elif last is not None:
        # ml is the last key. Without it the message was cut, and its last value perhaps in the middle.
        notes.flag(Flag.AML_DAMAGED)
    is_cut = not length
    fields = Fields(
        latitude=_degrees(pairs.get("lt"), is_cut and last == "lt", notes),
        longitude=_degrees(pairs.get("lg"), is_cut and last == "lg", notes),
        fix_at=_stamp(pairs.get("top"), notes),
        confidence=_percent(pairs.get("lc"), is_cut and last == "lc", notes),
        identity=Identity(
            imsi=_digits(pairs.get("si"), notes),
            imei=_digits(pairs.get("ei"), notes),
            serving_network=_network(pairs.get("mcc", "") + pairs.get("mnc", "")),
        ),
    )
    method = pairs.get("pm", "").upper()
    radius = told(pairs.get("rd"))
    fields.says_no_fix = method == "N"
    if radius:
        if not (is_cut and last == "rd"):
            fields.radius_m = read_number(radius, notes)
        if fields.radius_m is None:
            notes.flag(Flag.RADIUS_UNUSABLE)
    fields.method = _method(method, notes)
    return fields


def _second(pairs: dict[str, str], last: str | None, notes: Notes) -> Fields:
    fields = Fields(
        confidence=_percent(pairs.get("lc"), is_cut=False, notes=notes),
        emergency_number=(pairs.get("en") or "")[:32] or None,
        identity=Identity(
            imsi=_digits(pairs.get("si"), notes),
            imei=_digits(pairs.get("ei"), notes),
            serving_network=_network(pairs.get("nc", "")),
            home_network=_network(pairs.get("hc", "")),
            languages=tuple(word for word in re.split(r"[,\s]+", pairs.get("lg", "")) if word)[:8],
        ),
    )
    words = [told(word.strip()) or "" for word in pairs.get("lo", "").split(",")]
    if len(words) > 3:
        notes.flag(Flag.AML_DAMAGED)
        notes.fault(Fault.POSITION_UNUSABLE, "The AML message's lo is not latitude,longitude,accuracy.")
    elif any(words):
        words += [""] * (3 - len(words))
        is_last = last == "lo"
        fields.latitude = _degrees(words[0] or None, is_last and not words[1], notes)
        fields.longitude = _degrees(words[1] or None, is_last and not words[2], notes)
        if words[2] and not is_last:
            fields.radius_m = read_number(words[2], notes)
        if words[2] and fields.radius_m is None:
            notes.flag(Flag.RADIUS_UNUSABLE)
        if is_last:
            notes.flag(Flag.AML_DAMAGED)
    height = [word.strip() for word in pairs.get("lz", "").split(",")]
    if height[0]:
        fields.altitude_m = read_number(height[0], notes)
        fields.vertical_m = read_number(height[1], notes) if len(height) > 1 and height[1] else None
        if fields.altitude_m is None:
            notes.flag(Flag.ALTITUDE_UNUSABLE)
    _times(pairs, fields, notes)
    method = pairs.get("ls", "").upper()
    fields.says_no_fix = method == "N" or "lo" not in pairs
    fields.method = _method(method, notes)
    return fields


def _times(pairs: dict[str, str], fields: Fields, notes: Notes) -> None:
    """``et`` is when the call began, in epoch seconds; ``lt`` the fix, in seconds from then."""
    began = read_number(pairs.get("et", ""), notes)
    after = read_number(pairs.get("lt", ""), notes)
    if began is None:
        if "et" in pairs:
            notes.flag(Flag.TIME_UNUSABLE)
        return
    if began > 1e11:
        notes.flag(Flag.TIME_SPELLING)
        began /= 1000
    fields.call_started_at = from_epoch(began)
    if after is not None and abs(after) <= 10 * 86_400:
        fields.fix_at = from_epoch(began + after)
    if fields.fix_at is None:
        notes.flag(Flag.TIME_UNUSABLE)


def _degrees(text: str | None, may_be_cut: bool, notes: Notes) -> float | None:
    text = told(text)
    if text is None:
        return None
    number = read_number(text, notes)
    if number is not None and may_be_cut and len(text.partition(".")[2]) < 5:
        # The standard has five decimals: with fewer, the rest may be what was cut off.
        number = None
    if number is None:
        notes.flag(Flag.AML_DAMAGED)
        notes.fault(Fault.POSITION_UNUSABLE, "A coordinate of the AML message is damaged or cut off.")
    return number


def _stamp(text: str | None, notes: Notes) -> datetime | None:
    if not text:
        return None
    if _STAMP.fullmatch(text):
        try:
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            notes.flag(Flag.TIME_UNUSABLE)
            return None
    if not any(mark in text for mark in "-/:"):
        # Fewer digits: the rest was cut off.
        notes.flag(Flag.TIME_UNUSABLE)
        return None
    return read_time(text, _NEVER, notes)


def _percent(text: str | None, is_cut: bool, notes: Notes) -> float | None:
    if not text or text.upper() == "N" or is_cut:
        return None
    number = read_number(text, notes)
    if number is None or not 0 < number <= 100:
        notes.flag(Flag.CONFIDENCE_UNUSABLE)
        return None
    return number


def _method(letter: str, notes: Notes) -> str | None:
    if letter not in {"", "N", "U"} and letter not in _METHODS:
        notes.flag(Flag.METHOD_UNKNOWN)
    return _METHODS.get(letter)


def _digits(text: str | None, notes: Notes) -> str | None:
    """An IMSI or IMEI; nothing, zeros and N are how phones say that they do not tell."""
    if not text or not text.strip("0Nn"):
        return None
    if text.isascii() and _DIGITS.fullmatch(text):
        return text
    notes.flag(Flag.AML_DAMAGED)
    return None


def _network(text: str) -> str | None:
    return f"{text[:3]}-{text[3:]}" if re.fullmatch(r"[0-9]{5,6}", text) else None

"""Numbers as strangers write them: a sign of its own, a decimal comma, degrees, minutes and seconds."""

from __future__ import annotations

import math
import re

from suar.location.flags import Flag
from suar.location.notes import Notes

_MINUS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-", "\ufe63": "-", "\uff0d": "-"}
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3},\d{1,30}", re.ASCII)
_COMMA_SEPARATED = re.compile(r"\s*[,;]\s*")
_SIGN_APART = re.compile(r"(^|[\s,;])([+-])[ \t]+(?=[\d.])")
_POINT_APART = re.compile(r"(?<=\d)(?:\.[ \t]+|[ \t]+\.)(?=\d)")
_ANGLE = re.compile(
    r"(?P<before>[NSEW])?\s*(?P<sign>[+-])?(?P<d>\d{1,3}(?:\.\d{1,20})?)\s*[°:d\s]?\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d{1,20})?)\s*['′:m]?\s*)?(?:(?P<s>\d{1,2}(?:\.\d{1,20})?)\s*(?:[\"″s]|'')?\s*)?"
    r"(?P<after>[NSEW])?",
    re.ASCII | re.IGNORECASE,
)
_HEMISPHERE = re.compile(r"[NSEW]", re.IGNORECASE)
_SEXAGESIMAL = re.compile(r"[NSEW°:′″]", re.IGNORECASE)

_BETWEEN_HALVES = (
    r"\s*[,;]\s*",
    r"(?<=[NSEW])\s+(?=[+\d-])",
    r"(?<=[NSEW])(?=\d)",
    r"(?<=\d)\s*(?=[NSEW])",
)


def read_number(text: str, notes: Notes) -> float | None:
    """Return one number, or None. Infinity, NaN and hexadecimal are none."""
    text = text.strip().translate(_MINUS)
    if len(text) > 80:
        return None
    joined = _join(text, notes)
    if _DECIMAL_COMMA.fullmatch(joined):
        notes.flag(Flag.DECIMAL_COMMA)
        joined = joined.replace(",", ".")
    return strict_number(joined)


def strict_number(text: str) -> float | None:
    """Return a plain, finite decimal number, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def read_numbers(text: str, notes: Notes) -> list[float] | None:
    """Return the numbers of a ``pos`` or ``posList``, or None if one of them is none.

    They are separated by white space (GML); commas and semicolons between them are forgiven. With white space
    as well, and one comma in each, a comma is the decimal one: ``-7,2574 112,7521``.
    """
    text = text.strip().translate(_MINUS)
    if "," not in text and ";" not in text:
        return _spaced(text, notes)
    text = _join(text, notes)
    words = [word.strip(",;") for word in text.split()]
    if len(words) > 1 and all(_DECIMAL_COMMA.fullmatch(word) for word in words):
        notes.flag(Flag.DECIMAL_COMMA)
        if any(word[-1] in ",;" for word in text.split()):
            notes.flag(Flag.COMMA_IN_POSITION)
        return _all([strict_number(word.replace(",", ".")) for word in words])
    notes.flag(Flag.COMMA_IN_POSITION)
    if ";" in text and "." not in text and all(_DECIMAL_COMMA.fullmatch(word) for word in text.split(";")):
        notes.flag(Flag.DECIMAL_COMMA)
        return _all([strict_number(word.replace(",", ".")) for word in text.split(";")])
    return _all([strict_number(word) for word in _COMMA_SEPARATED.sub(" ", text).split()])


def read_angles(text: str, notes: Notes) -> tuple[float, float] | None:
    """Return latitude and longitude written with hemispheres or in sexagesimal: ``7:15:26S 112:45:07E``.

    Letters decide which is which; without letters the latitude is first. None if it is not so written.
    """
    text = text.strip().translate(_MINUS).upper()
    if len(text) > 120 or not _SEXAGESIMAL.search(text):
        return None
    halves = _halves(text)
    if halves is None:
        return None
    found: list[tuple[float, str]] = []
    for half in halves:
        parts = _ANGLE.fullmatch(half.strip(" ,;"))
        if parts is None or (parts["before"] and parts["after"]):
            return None
        degrees, minutes, seconds = (float(parts[name] or 0) for name in "dms")
        if minutes >= 60 or seconds >= 60:
            return None
        letter = (parts["before"] or parts["after"] or "").upper()
        value = degrees + minutes / 60 + seconds / 3600
        if (parts["sign"] == "-") != (letter in {"S", "W"} and bool(letter)):
            value = -value
        if parts["sign"] == "-" and letter in {"S", "W"}:
            return None  # Minus and south: either could be the mistake.
        found.append((value, letter))
    (first, first_letter), (second, second_letter) = found
    if first_letter in {"E", "W"} and second_letter in {"N", "S"}:
        first, second = second, first
    elif (first_letter and first_letter in "EW") or (second_letter and second_letter in "NS"):
        return None
    notes.flag(Flag.DEGREES_MINUTES_SECONDS)
    return first, second


def _halves(text: str) -> list[str] | None:
    for pattern in _BETWEEN_HALVES:
        halves = [half for half in re.split(pattern, text) if half.strip()]
        if len(halves) == 2:
            return halves
    halves = text.split()
    return halves if len(halves) == 2 else None


def _all(numbers: list[float | None]) -> list[float] | None:
    known = [number for number in numbers if number is not None]
    return known if known and len(known) == len(numbers) else None


def _spaced(text: str, notes: Notes) -> list[float] | None:
    numbers = _all([strict_number(word) for word in text.split()])
    mine = Notes()
    joined = _all([strict_number(word) for word in _join(text, mine).split()])
    if joined is None or len(joined) < 2 or joined == numbers:
        return numbers
    if numbers is not None and len(numbers) == 3 and abs(numbers[1]) <= 360:
        return None  # "-7. 25 112.75": three numbers, or two with a space in one. Who knows?
    notes.merge(mine)
    return joined


def _join(text: str, notes: Notes) -> str:
    """Put together ``- 7.25`` and ``7. 25``: a sign or a decimal point is never alone."""
    joined = _POINT_APART.sub(".", _SIGN_APART.sub(r"\1\2", text))
    if joined != text:
        notes.flag(Flag.SPACE_IN_NUMBER)
    return joined

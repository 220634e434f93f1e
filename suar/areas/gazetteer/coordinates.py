"""Coordinates in the spellings in which they reach an operator, and plus codes.

A comma may be a decimal point, north and south come as N and S, LU and LS, or a sign, east and west as E and
W, BT and BB; degrees may have minutes and seconds; links to maps and ``geo:`` (RFC 5870) are read too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from openlocationcode import openlocationcode as olc

from suar.areas.shapes import METRES_PER_DEGREE, metres_apart

Point = tuple[float, float]
"""Latitude and longitude, in degrees (WGS 84)."""

_HEMISPHERES = {
    "N": 1, "S": -1, "E": 1, "W": -1, "LU": 1, "LS": -1, "BT": 1, "BB": -1,
    "UTARA": 1, "SELATAN": -1, "TIMUR": 1, "BARAT": -1,
}  # fmt: skip
_NORTH_SOUTH = {"N", "S", "LU", "LS", "UTARA", "SELATAN"}
_DEGREE, _MINUTE, _SECOND = "°º˚*", "'′’‘`", '"″”“'
_LETTERS = "UTARA|SELATAN|TIMUR|BARAT|LU|LS|BT|BB|N|S|E|W"
_NUMBER = r"\d+(?:[.,]\d+)?"
_LETTER = rf"(?:(?P<letter>{_LETTERS})(?![A-Z]))"
_MARKED = rf"""(?P<sign>[-+−–])?\s*(?P<degrees>{_NUMBER})\s*[{_DEGREE}]?\s*
    (?:(?P<minutes>{_NUMBER})\s*[{_MINUTE}]\s*
       (?:(?P<seconds>{_NUMBER})\s*(?:[{_SECOND}]|[{_MINUTE}]{{2}})\s*)?)?"""
# Degrees and minutes, with or without seconds, told apart by nothing but spaces.
_SPACED = rf"""(?P<sign>[-+−–])?\s*(?P<degrees>\d+)\s+(?P<minutes>{_NUMBER})
    (?:\s+(?P<seconds>{_NUMBER}))?\s*"""
# The letter stands after both numbers or before both.
_PATTERNS = [
    re.compile(rf"\s*{form}\s*", re.VERBOSE | re.IGNORECASE)
    for angle in (_MARKED, _SPACED)
    for form in (rf"{angle}{_LETTER}?", rf"{_LETTER}\s*{angle}")
]
_LINK = re.compile(r"(?:[@=:/,]|^)(-?\d{1,3}\.\d+),\s*(-?\d{1,3}\.\d+)")
_PLUS = re.compile(
    r"(?<![A-Z0-9])([2-9CFGHJMPQRVWX0]{2,8}\+[2-9CFGHJMPQRVWX]{0,7})(?![A-Z0-9])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Angle:
    """One coordinate. ``axis`` is ``lat`` or ``lon`` where a letter says which."""

    degrees: float
    axis: str | None
    is_signed: bool


def parse_coordinates(text: str, near: Point | None = None) -> Point | None:
    """Return the place that a text spells, or None if it is something else.

    ``near`` decides what the text leaves open: the hemisphere of a latitude without sign or letter.
    """
    text = text.strip()
    if re.match(r"(?:https?:|geo:)", text, re.IGNORECASE):
        link = _LINK.search(text.replace("%2C", ",").replace("%2c", ","))
        return _valid(float(link[1]), float(link[2])) if link else None
    text = re.sub(
        r"\b(?:lat|latitude|lintang|lon|lng|long|longitude|bujur)\b\s*[:=]?", " ", text, flags=re.IGNORECASE
    )
    for pattern in _PATTERNS:
        angles = _two_angles(text.strip(" ()[]"), pattern)
        if angles:
            return _place(*angles, near)
    return None


def _two_angles(text: str, pattern: re.Pattern[str]) -> tuple[Angle, Angle] | None:
    first = pattern.match(text)
    if first is None:
        return None
    between = re.compile(r"[,;/|]?\s*").match(text, first.end())
    second = pattern.fullmatch(text, between.end() if between else first.end())
    # "7 112" could be anything; a sign, a fraction, a degree sign or a letter makes it a coordinate.
    if second is None or not re.search(rf"[.,{_DEGREE}{_MINUTE}]|[A-Z]", text, re.IGNORECASE):
        return None
    angles = _angle(first), _angle(second)
    return (angles[0], angles[1]) if angles[0] and angles[1] else None


def _angle(found: re.Match[str]) -> Angle | None:
    parts = [float((found[part] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")]
    if parts[1] >= 60 or parts[2] >= 60:
        return None
    letter = (found["letter"] or "").upper()
    sign = _HEMISPHERES.get(letter, 1) * (-1 if found["sign"] in {"-", "−", "–"} else 1)
    axis = None if not letter else "lat" if letter in _NORTH_SOUTH else "lon"
    return Angle(sign * (parts[0] + parts[1] / 60 + parts[2] / 3600), axis, bool(letter or found["sign"]))


def _place(first: Angle, second: Angle, near: Point | None) -> Point | None:
    if first.axis and first.axis == second.axis:
        return None
    is_swapped = first.axis == "lon" or second.axis == "lat" or (not first.axis and abs(first.degrees) > 90)
    lat, lon = (second, first) if is_swapped else (first, second)
    latitude = lat.degrees
    if near and not lat.is_signed and _is_nearer(-latitude, lon.degrees, latitude, near):
        latitude = -latitude
    return _valid(latitude, lon.degrees)


def _is_nearer(lat: float, lon: float, other_lat: float, near: Point) -> bool:
    return metres_apart(lat, lon, *near) < metres_apart(other_lat, lon, *near)


def _valid(lat: float, lon: float) -> Point | None:
    """Return the place, unless there is none such; 0, 0 is what a phone says that knows nothing."""
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0) else None


@dataclass(frozen=True, slots=True)
class PlusCode:
    """A plus code, whole, with the middle of what it covers and how far that reaches."""

    code: str
    lat: float
    lon: float
    radius_m: float


def parse_plus_code(text: str, near: Point | None = None) -> PlusCode | None:
    """Return the plus code in a text; a short one is the nearest of its kind to ``near``."""
    found = _PLUS.search(text)
    if found is None:
        return None
    code = found[1].upper()
    if olc.isShort(code) and near:
        code = olc.recoverNearest(code, *near)
    if not olc.isFull(code):
        return None
    area = olc.decode(code)
    half = (area.latitudeHi - area.latitudeLo) / 2
    return PlusCode(code, area.latitudeCenter, area.longitudeCenter, half * METRES_PER_DEGREE * 2**0.5)


def plus_code_of(lat: float, lon: float) -> str:
    """Return the plus code of a place, of 14 by 14 metres."""
    return str(olc.encode(lat, lon))

"""Units of measure: metres and degrees, whatever they are given in (RFC 5491, section 5.1; EPSG)."""

from __future__ import annotations

import math
import re

from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.numbers import read_number

METRES = {
    "9001": 1.0, "9002": 0.3048, "9003": 1200 / 3937, "9036": 1000.0, "9030": 1852.0, "9093": 1609.344,
    "9096": 0.9144, "1025": 0.001, "1033": 0.01,
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "km": 1000.0, "kilometer": 1000.0, "kilometers": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "yd": 0.9144, "yard": 0.9144, "yards": 0.9144,
    "mi": 1609.344, "mile": 1609.344, "miles": 1609.344, "nm": 1852.0, "nmi": 1852.0,
    "cm": 0.01, "mm": 0.001,
}  # fmt: skip
"""What one unit is in metres, by EPSG code or name."""

DEGREES = {
    "9102": 1.0, "9122": 1.0, "9101": 180 / math.pi, "9105": 0.9, "9106": 0.9,
    "9103": 1 / 60, "9104": 1 / 3600,
    "deg": 1.0, "degree": 1.0, "degrees": 1.0, "°": 1.0,
    "rad": 180 / math.pi, "radian": 180 / math.pi, "radians": 180 / math.pi,
    "grad": 0.9, "gon": 0.9,
}  # fmt: skip
"""What one unit is in degrees."""

_EXACT = re.compile(r"urn:ogc:def:uom:EPSG::(\d{4})")
_CODE = re.compile(r"(?:epsg\D*|^|uom[:/#]+)(\d{4})$", re.IGNORECASE)
_LONGEST = 200
"""No unit's name is longer; to look for a code in one that is takes time that grows with its square."""
_TURN = 2 * math.pi + 0.01
"""No angle has more radians."""
_FURTHEST_M = 20_100_000.0
"""Half the way round: no uncertainty is larger."""


def read_length(element: Element | None, notes: Notes) -> float | None:
    """Return a length in metres, zero or more; None if it is missing or cannot be one.

    A unit that is not known makes the length unusable: 35 of something is not 35 metres.
    """
    if element is None or not element.is_whole:
        return None
    number = read_number(element.text, notes)
    if number is None:
        number, unit = _with_suffix(element.text, METRES, notes)
        if number is None or unit is None:
            return None
        length = number * METRES[unit]
    else:
        factor = _factor(element, METRES, notes)
        if factor is None:
            return None
        length = number * factor
    return length if 0 <= length <= _FURTHEST_M else None


def read_angle(element: Element | None, notes: Notes) -> float | None:
    """Return an angle in degrees as it stands, or None.

    Senders that mix up the two codes say radians where the number can only be degrees; that is flagged.
    """
    if element is None or not element.is_whole:
        return None
    number = read_number(element.text, notes)
    if number is None:
        number, unit = _with_suffix(element.text, DEGREES, notes)
        return None if number is None or unit is None else number * DEGREES[unit]
    factor = _factor(element, DEGREES, notes)
    if factor is None:
        return None
    if factor == DEGREES["rad"] and _TURN < abs(number) <= 360:
        notes.flag(Flag.UOM_WRONG)
        return number
    angle = number * factor
    return angle if abs(angle) <= 720 else None


def _factor(element: Element, units: dict[str, float], notes: Notes) -> float | None:
    uom = element.attributes.get("uom", "").strip()
    if not uom:
        notes.flag(Flag.UOM_MISSING)
        return 1.0
    exact = _EXACT.fullmatch(uom)
    if exact is None:
        notes.flag(Flag.UOM_SPELLING)
    code = _code(uom)
    if code not in units:
        notes.flag(Flag.UOM_WRONG)
        return None
    if units[code] != 1.0:
        notes.flag(Flag.UOM_CONVERTED)
    return units[code]


def _code(uom: str) -> str:
    found = _CODE.search(uom[:_LONGEST])
    return found[1] if found else re.split(r"[:/#]", uom)[-1].lower()


def _with_suffix(text: str, units: dict[str, float], notes: Notes) -> tuple[float | None, str | None]:
    found = re.fullmatch(r"([+-]?[\d.]{1,20})\s*([a-z°]{1,12})", text.strip(), re.IGNORECASE)
    if found is None or found[2].lower() not in units:
        return None, None
    notes.flag(Flag.UOM_SPELLING)
    return read_number(found[1], notes), found[2].lower()

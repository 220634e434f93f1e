"""What SMS and HTTPS have in common: a phone's place from its numbers, and what it says when it has none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from suar.location.claim import Claim, Identity, Motion
from suar.location.faults import Fault
from suar.location.flags import Flag
from suar.location.notes import Notes
from suar.location.pidf_lo.positions import place
from suar.location.pidf_lo.reference_system import ReferenceSystem
from suar.location.reading import Reading
from suar.location.shapes import Circle, Point, Position

_LARGEST_M = 20_100_000.0
_NOTHING = {"", "-", "n", "u", "n/a", "na", "nan", "nil", "none", "null", "unknown", "unavailable"}


@dataclass(slots=True)
class Fields:
    """An AML message, its numbers read; None is what is missing or cannot be read."""

    latitude: float | None = None
    longitude: float | None = None
    radius_m: float | None = None
    altitude_m: float | None = None
    vertical_m: float | None = None
    confidence: float | None = None
    method: str | None = None
    floor: str | None = None
    fix_at: datetime | None = None
    call_started_at: datetime | None = None
    emergency_number: str | None = None
    says_no_fix: bool = False
    identity: Identity = field(default_factory=Identity)
    motion: Motion | None = None
    more: dict[str, Any] = field(default_factory=dict)


def told(text: str | None) -> str | None:
    """Return what a field says; None where it is missing, or one of the words for not knowing."""
    return None if text is None or text.strip().lower() in _NOTHING else text


def to_reading(kind: str, fields: Fields, received_at: datetime, notes: Notes) -> Reading:
    """Return the reading of a message: one claim, or none and the reason."""
    position = _position(fields, notes)
    claims: tuple[Claim, ...] = ()
    if position is not None:
        radius = fields.radius_m
        if radius is not None and not 0 <= radius <= _LARGEST_M:
            notes.flag(Flag.RADIUS_UNUSABLE)
            radius = None
        if radius == 0:
            notes.flag(Flag.RADIUS_ZERO)
        if fields.fix_at is None and Flag.TIME_UNUSABLE not in notes:
            notes.flag(Flag.TIME_MISSING)
        claim = Claim(
            kind,
            received_at,
            shape=Point(position) if radius is None else Circle(position, radius),
            method=fields.method,
            confidence=fields.confidence,
            vertical_uncertainty_m=fields.vertical_m if fields.vertical_m else None,
            floor=fields.floor,
            fix_at=fields.fix_at,
            call_started_at=fields.call_started_at,
            identity=fields.identity,
            motion=fields.motion,
        )
        claims = (replace(claim, flags=notes.flags),)
    call = {
        "emergency_number": fields.emergency_number,
        "call_started_at": fields.call_started_at.isoformat() if fields.call_started_at else None,
        "identity": fields.identity.as_json() or None,
        **fields.more,
    }
    return Reading(
        kind,
        claims,
        call={name: value for name, value in call.items() if value is not None},
        flags=notes.flags,
        errors=tuple(notes.problems),
    )


def _position(fields: Fields, notes: Notes) -> Position | None:
    latitude, longitude = fields.latitude, fields.longitude
    is_zero = not latitude and not longitude
    if (is_zero and (fields.says_no_fix or latitude is not None)) or (is_zero and not notes.problems):
        notes.fault(Fault.AML_NO_FIX, "The phone says that it has no fix: there is no location in it.")
        return None
    if latitude is None or longitude is None:
        if not notes.problems:
            missing = "latitude" if latitude is None else "longitude"
            notes.fault(Fault.POSITION_UNUSABLE, f"The AML message has no {missing} that can be read.")
        return None
    if fields.says_no_fix:
        notes.flag(Flag.AML_DAMAGED)
    numbers = [latitude, longitude]
    if fields.altitude_m is not None:
        numbers.append(fields.altitude_m)
    return place(numbers, ReferenceSystem(2), notes, "AML")

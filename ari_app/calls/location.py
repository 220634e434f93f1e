"""Where the call may come from: the claims that Asterisk and the carrier's trunk bring with it.

By value, RFC 6442: Asterisk has read the PIDF-LO (RFC 4119, RFC 5491) of the INVITE into its
``GEOLOC_PROFILE``. It is kept as a claim, with its source and its uncertainty, never as a fact.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from suar.city import PresumedLocation

_FIELD = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says of the caller's place."""

    source: str
    """``pidf-lo``, ``carrier`` or ``unknown``."""
    received_at: str
    method: str | None = None
    """How the place was found, as the source says: ``GPS``, ``Cell`` ... (RFC 4119's registry)."""
    shape: str | None = None
    """``Point``, ``Circle``, ... (GML, RFC 5491), ``civic``, or None where nothing is known."""
    latitude: float | None = None
    longitude: float | None = None
    radius_m: float | None = None
    civic: dict[str, str] = field(default_factory=dict)
    label: str | None = None
    confidence: float | None = None
    fix_at: str | None = None
    flags: tuple[str, ...] = ()
    """What had to be forgiven or is missing, one short code each."""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "flags": list(self.flags)}


UNKNOWN_LABEL = "unknown: ask"


def unknown(received_at: datetime, *flags: str) -> Claim:
    """Nothing is known: the operator has to ask."""
    return Claim("unknown", received_at.isoformat(), label=UNKNOWN_LABEL, flags=flags)


def presumed(place: PresumedLocation, received_at: datetime) -> Claim:
    """What the trunk alone says."""
    return Claim(
        "carrier",
        received_at.isoformat(),
        method="Manual",
        shape="Circle",
        latitude=place.latitude,
        longitude=place.longitude,
        radius_m=place.radius_m,
        label=place.label,
    )


def from_profile(
    location: str, form: str, method: str, confidence: str, received_at: datetime
) -> Claim | None:
    """Read the fields of a ``GEOLOC_PROFILE``; None if nothing in it can be used.

    ``location`` is Asterisk's ``location_info``, such as
    ``shape="Circle",crs="2d",pos="-7.26 112.74",radius="35"``; ``form`` its ``format``; ``confidence`` is
    written ``value="95",pdf="normal"`` (RFC 7459), in percent.
    """
    fields = dict(_FIELD.findall(location))
    if form == "civicAddress":
        civic = {name: value for name, value in fields.items() if value and name not in {"pos", "radius"}}
        return (
            Claim("pidf-lo", received_at.isoformat(), method or None, "civic", civic=civic) if civic else None
        )
    if form != "GML":
        return None
    flags: list[str] = []
    position = _position(fields.get("pos", ""), flags)
    shape = fields.get("shape")
    if position is None or shape is None:
        return None
    radius = _radius(fields.get("radius"), flags) if shape in {"Circle", "Sphere"} else None
    return Claim(
        "pidf-lo",
        received_at.isoformat(),
        method or None,
        shape,
        position[0],
        position[1],
        radius,
        confidence=_number(dict(_FIELD.findall(confidence)).get("value", "")),
        flags=tuple(flags),
    )


def _position(text: str, flags: list[str]) -> tuple[float, float] | None:
    if "," in text:
        flags.append("comma-in-pos")
        text = text.replace(",", " ")
    numbers = [_number(word) for word in text.split()]
    if len(numbers) not in {2, 3} or any(number is None for number in numbers):
        return None
    latitude, longitude = numbers[0], numbers[1]
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    # A handset without a fix sends zeros; the Gulf of Guinea has no caller of ours.
    if latitude == 0 and longitude == 0:
        return None
    return latitude, longitude


def _radius(text: str | None, flags: list[str]) -> float | None:
    radius = _number(text or "")
    if radius is None or radius < 0:
        flags.append("radius-unusable")
        return None
    return radius


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

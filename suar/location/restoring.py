"""Claims and readings from their JSON again, as the journal, the database and the control interface have it.

What ``as_json`` says comes back equal. It is also a door for others, so every number is looked at: an
unusable one is refused by its name. The claims of journals from before this engine, with a ``radius_m`` and
the shape's name alone, are read as what they meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from suar.errors import Blame, SuarError
from suar.location.claim import Claim, Identity, Motion, UsageRules
from suar.location.reading import AdditionalData, Reading, Reference
from suar.location.shapes import (
    ArcBand,
    Circle,
    Ellipse,
    Ellipsoid,
    Point,
    Polygon,
    Position,
    Prism,
    Shape,
    Sphere,
)

MOST_CLAIMS = 50
_LONGEST = 4000
_FURTHEST_M = 20_000_000.0


class ClaimInvalid(SuarError):
    """A claim cannot be used; ``field`` is what is wrong in it."""

    blame = Blame.INPUT

    def __init__(self, message: str, field: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


def claim_from(data: Any) -> Claim:
    """Return the claim of ``Claim.as_json``'s data. Raises :class:`ClaimInvalid`."""
    if not isinstance(data, Mapping):
        raise ClaimInvalid("an object", "claim")
    source, received_at = _text(data, "source"), _time(data, "received_at")
    if not source:
        raise ClaimInvalid("who says so, such as aml-https", "source")
    if received_at is None:
        raise ClaimInvalid("a time with its zone (RFC 3339)", "received_at")
    shape = _shape(data)
    vertical_m = _number(data, "vertical_uncertainty_m", 0, _FURTHEST_M)
    return Claim(
        source,
        received_at,
        shape,
        civic={str(name)[:100]: str(text)[:_LONGEST] for name, text in _table(data, "civic").items()},
        civic_language=_text(data, "civic_language"),
        label=_text(data, "label"),
        method=_text(data, "method"),
        confidence=_number(data, "confidence", 0, 100),
        confidence_pdf=_text(data, "confidence_pdf"),
        # A shape's own height is its shape's, and is told with it.
        vertical_uncertainty_m=None if shape is not None and vertical_m == shape.height_m else vertical_m,
        floor=_text(data, "floor"),
        fix_at=_time(data, "fix_at"),
        identity=_identity(_table(data, "identity")),
        motion=_motion(data.get("motion")),
        rules=_rules(data.get("rules")),
        provider=_text(data, "provider"),
        call_started_at=_time(data, "call_started_at"),
        flags=_texts(data, "flags"),
    )


def reading_from(data: Any) -> Reading:
    """Return what ``Reading.as_json``'s data say, without its errors. Raises :class:`ClaimInvalid`."""
    if not isinstance(data, Mapping):
        raise ClaimInvalid('a reading: {"kind", "claims", ...}', "reading")
    claims = data.get("claims", [])
    if not isinstance(claims, list) or len(claims) > MOST_CLAIMS:
        raise ClaimInvalid(f"a list of at most {MOST_CLAIMS} claims", "claims")
    return Reading(
        _text(data, "kind") or "unknown",
        tuple(claim_from(one) for one in claims),
        tuple(_reference(one) for one in _list(data, "references")),
        tuple(
            AdditionalData(_text(one, "block") or "", _table(one, "fields"), _texts(one, "flags"))
            for one in _list(data, "additional_data")
        ),
        _table(data, "call"),
        _texts(data, "flags"),
    )


def _shape(data: Mapping[str, Any]) -> Shape | None:
    numbers = data.get("shape")
    if numbers is None or isinstance(numbers, str):
        return _old_shape(data)
    if not isinstance(numbers, Mapping):
        raise ClaimInvalid("null, or a shape with its type and numbers", "shape")
    reader = _SHAPES.get(str(numbers.get("type")))
    if reader is None:
        raise ClaimInvalid(f"one of {', '.join(_SHAPES)}", "shape.type")
    return reader(numbers)


def _old_shape(data: Mapping[str, Any]) -> Shape | None:
    """The shape of a claim that has only its middle and, perhaps, a radius."""
    if data.get("latitude") is None or data.get("longitude") is None:
        return None
    center = _position([data["latitude"], data["longitude"]], "latitude, longitude")
    radius_m = _number(data, "radius_m" if "radius_m" in data else "uncertainty_m", 0, _FURTHEST_M)
    return Point(center) if radius_m is None else Circle(center, radius_m)


def _ellipse(numbers: Mapping[str, Any]) -> Ellipse:
    major_m, minor_m = _length(numbers, "semi_major_m"), _length(numbers, "semi_minor_m")
    return Ellipse(_center(numbers), major_m, minor_m, _angle(numbers))


def _ellipsoid(numbers: Mapping[str, Any]) -> Ellipsoid:
    flat = _ellipse(numbers)
    axes = (flat.semi_major_m, flat.semi_minor_m, flat.orientation_deg)
    return Ellipsoid(flat.center, *axes, _length(numbers, "vertical_m"))


def _band(numbers: Mapping[str, Any]) -> ArcBand:
    inner_m, outer_m = _length(numbers, "inner_m"), _length(numbers, "outer_m")
    if inner_m > outer_m:
        raise ClaimInvalid("at most outer_m", "shape.inner_m")
    angles = (_angle(numbers, "start_deg"), _angle(numbers, "opening_deg"))
    return ArcBand(_center(numbers), inner_m, outer_m, *angles)


def _ring(numbers: Mapping[str, Any], name: str = "ring") -> Polygon:
    ring = numbers.get(name)
    if not isinstance(ring, list) or not 3 <= len(ring) <= 2000:
        raise ClaimInvalid("from 3 to 2000 corners", f"shape.{name}")
    return Polygon(tuple(_position(corner, f"shape.{name}") for corner in ring))


_SHAPES: dict[str, Callable[[Mapping[str, Any]], Shape]] = {
    "Point": lambda numbers: Point(_center(numbers)),
    "Circle": lambda numbers: Circle(_center(numbers), _length(numbers, "radius_m")),
    "Sphere": lambda numbers: Sphere(_center(numbers), _length(numbers, "radius_m")),
    "Ellipse": _ellipse,
    "Ellipsoid": _ellipsoid,
    "ArcBand": _band,
    "Polygon": _ring,
    "Prism": lambda numbers: Prism(_ring(numbers, "base"), _length(numbers, "rise_m")),
}


def _center(numbers: Mapping[str, Any]) -> Position:
    return _position(numbers.get("center"), "shape.center")


def _position(value: Any, field: str) -> Position:
    if not isinstance(value, list | tuple) or len(value) not in {2, 3}:
        raise ClaimInvalid("[latitude, longitude], and perhaps the altitude", field)
    numbers = [_finite(one, field) for one in value]
    if not (-90 <= numbers[0] <= 90 and -180 <= numbers[1] <= 180):
        raise ClaimInvalid("a latitude from -90 to 90, a longitude from -180 to 180", field)
    if numbers[0] == 0 and numbers[1] == 0:
        raise ClaimInvalid("0,0 is a sender without a fix, and no place", field)
    return Position(*numbers)


def _length(numbers: Mapping[str, Any], name: str) -> float:
    length = _number(numbers, name, 0, _FURTHEST_M, "shape.")
    if length is None:
        raise ClaimInvalid("metres", f"shape.{name}")
    return length


def _angle(numbers: Mapping[str, Any], name: str = "orientation_deg") -> float:
    angle = _number(numbers, name, 0, 360, "shape.")
    if angle is None:
        raise ClaimInvalid("degrees, from 0 to 360", f"shape.{name}")
    return angle


def _identity(data: Mapping[str, Any]) -> Identity:
    known = {field.name for field in fields(Identity)} - {"languages"}
    texts = {name: _text(data, name) for name in known if data.get(name) is not None}
    return Identity(**texts, languages=_texts(data, "languages"))


def _motion(data: Any) -> Motion | None:
    if not isinstance(data, Mapping):
        return None
    return Motion(**{field.name: _number(data, field.name, -1e5, 1e5) for field in fields(Motion)})


def _rules(data: Any) -> UsageRules | None:
    if not isinstance(data, Mapping):
        return None
    return UsageRules(
        data.get("retransmission_allowed") is True,
        _time(data, "retention_expires_at"),
        _text(data, "ruleset_reference"),
        _text(data, "note_well"),
    )


def _reference(data: Mapping[str, Any]) -> Reference:
    uri = _text(data, "uri")
    if not uri:
        raise ClaimInvalid("a URI", "references.uri")
    return Reference(
        uri,
        _text(data, "purpose") or "location",
        _text(data, "provider"),
        _time(data, "expires_at"),
        _texts(data, "flags"),
    )


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ClaimInvalid(f"a text of at most {_LONGEST} characters, or null", name)
    return value


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ClaimInvalid("a list of texts", name)
    return tuple(value)


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name) or {}
    if not isinstance(value, Mapping):
        raise ClaimInvalid("an object", name)
    return dict(value)


def _list(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ClaimInvalid("a list of objects", name)
    return value


def _number(data: Mapping[str, Any], name: str, least: float, most: float, inside: str = "") -> float | None:
    value = data.get(name)
    if value is None:
        return None
    number = _finite(value, inside + name)
    if not least <= number <= most:
        raise ClaimInvalid(f"from {least:g} to {most:g}", inside + name)
    return number


def _finite(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ClaimInvalid("a number", name)
    return value


def _time(data: Mapping[str, Any], name: str) -> datetime | None:
    text = data.get(name)
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        aware.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise ClaimInvalid("a time with its zone (RFC 3339)", name) from error
    return aware

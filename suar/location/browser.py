"""What a phone's browser says of its place: the W3C's Geolocation, by the page of a link by SMS. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from suar.errors import Blame, SuarError
from suar.location.claim import Claim, Motion
from suar.location.geodesy import distance_m
from suar.location.shapes import Circle, Position

SOURCE = "link"
CONFIDENCE = 95.0
"""Percent: what ``accuracy`` is for, by the W3C's Geolocation, section 6.3."""
OLDEST = timedelta(days=1)
"""An age beyond this is a clock that is wrong, and says nothing."""
_FURTHEST_M = 20_100_000.0
MOVED_M = 10.0
BETTER = 0.8
EVERY = timedelta(seconds=30)


class FixInvalid(SuarError):
    """A browser's place cannot be used; ``field`` is what is wrong in it."""

    blame = Blame.INPUT

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def read_fix(data: Mapping[str, Any], received_at: datetime) -> Claim:
    """Read a place: ``latitude longitude accuracy``, degrees and metres; and where the browser knows them
    ``altitude altitudeAccuracy heading speed``, and ``age_ms``, how old it was when it was sent.

    Raises :class:`FixInvalid`.
    """
    latitude = _needed(data, "latitude", -90, 90)
    longitude = _needed(data, "longitude", -180, 180)
    radius_m = _needed(data, "accuracy", 0, _FURTHEST_M)
    if latitude == 0 and longitude == 0:
        raise FixInvalid("0,0 is a phone that does not know where it is", "latitude")
    if radius_m == 0:
        raise FixInvalid("more than 0 metres", "accuracy")
    age_ms = _number(data, "age_ms", 0, OLDEST / timedelta(milliseconds=1))
    speed, heading = _number(data, "speed", 0, 1_000), _number(data, "heading", 0, 360)
    return Claim(
        SOURCE,
        received_at,
        shape=Circle(Position(latitude, longitude, _number(data, "altitude", -1_000, 20_000)), radius_m),
        confidence=CONFIDENCE,
        vertical_uncertainty_m=_number(data, "altitudeAccuracy", 0.1, 100_000),
        # The age, and not the time: phones' clocks are set by their owners.
        fix_at=None if age_ms is None else received_at - timedelta(milliseconds=age_ms),
        motion=None if speed is None else Motion(speed, heading),
    )


def read_words(text: str, received_at: datetime) -> Claim:
    """Read what a caller writes of her place: an address in one line (LOC of RFC 5139, section 3.1)."""
    return Claim(
        SOURCE,
        received_at,
        civic={"LOC": " ".join(text.split())},
        method="Manual",
        fix_at=received_at,
    )


def is_news(before: Claim | None, claim: Claim) -> bool:
    """Whether a place is worth keeping after the last one: another, a much better one, or a younger one."""
    if before is None or before.shape is None or claim.shape is None:
        return True
    old, new = before.shape, claim.shape
    here, there = old.representative, new.representative
    moved_m = distance_m(here.latitude, here.longitude, there.latitude, there.longitude)
    was_m, is_m = old.outer_radius_m or 0.0, new.outer_radius_m or 0.0
    # Standing still, a phone's places wander within their own circle: that is no way gone.
    if moved_m >= max(MOVED_M, min(was_m, is_m) / 2):
        return True
    return is_m <= BETTER * was_m or claim.received_at - before.received_at >= EVERY


def _needed(data: Mapping[str, Any], name: str, least: float, most: float) -> float:
    number = _number(data, name, least, most)
    if number is None:
        raise FixInvalid(f"a number from {least:g} to {most:g}", name)
    return number


def _number(data: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    """Return a number within its limits: a browser writes null, and old ones NaN, for the unknown."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and least <= number <= most else None

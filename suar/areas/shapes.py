"""Where somebody may be: a point, a circle, an ellipse or a polygon, and points spread over it.

A circle or ellipse at a confidence stands for a normal distribution of which it holds that share, 95 % if
nothing is said; a polygon, or a confidence of 100, for one that is even inside it (RFC 7459, 2 and 5.5).
The distribution is stood for by points of equal weight, so that what lies inside of an area is counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from suar.areas.errors import PlaceInvalid

METRES_PER_DEGREE = 111_320.0
DEFAULT_CONFIDENCE = 95.0
LARGEST_M = 1_000_000.0

_RINGS, _SPOKES = 12, 24
_POINTS = _RINGS * _SPOKES
_GOLDEN = math.pi * (3 - math.sqrt(5))

Points = NDArray[np.float64]
"""Longitude and latitude, a row a point."""


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Half axes in metres; ``orientation_deg`` of the first one, clockwise from north (RFC 5491, 5.2.4)."""

    semi_major_m: float
    semi_minor_m: float
    orientation_deg: float = 0.0


class Shape(Protocol):
    """Where somebody may be, in degrees (WGS 84) and metres. ``ellipse`` wins over ``radius_m``, and
    ``polygon``, a ring of (latitude, longitude), over both; with none of them it is the bare point."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def radius_m(self) -> float | None: ...
    @property
    def confidence(self) -> float | None: ...
    @property
    def ellipse(self) -> Ellipse | None: ...
    @property
    def polygon(self) -> Sequence[tuple[float, float]] | None: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """The simplest shape that has everything; ``confidence`` is in per cent."""

    lat: float
    lon: float
    radius_m: float | None = None
    confidence: float | None = None
    ellipse: Ellipse | None = None
    polygon: Sequence[tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A shape, made countable. ``mass`` is what its points stand for: the rest is anywhere."""

    points: Points
    mass: float = 1.0


def reach_m(shape: Shape) -> float | None:
    """Return how far from its middle a shape's points are at most, in metres; None for a polygon.

    Raises :class:`~suar.areas.errors.PlaceInvalid`, naming the field.
    """
    confidence = _checked(shape)
    if shape.polygon is not None:
        return None
    if shape.ellipse is not None:
        longest_m = max(shape.ellipse.semi_major_m, shape.ellipse.semi_minor_m)
    else:
        longest_m = shape.radius_m or 0.0
    return longest_m * (1.0 if confidence == 100 else _FARTHEST / _sigmas(confidence))


def spread(shape: Shape) -> Spread:
    """Return points of equal weight that stand for a shape.

    Raises :class:`~suar.areas.errors.PlaceInvalid`, naming the field.
    """
    confidence = _checked(shape)
    if shape.polygon is not None:
        return _over_polygon(shape.polygon, confidence / 100)
    ellipse = shape.ellipse
    if ellipse is None:
        radius_m = shape.radius_m or 0.0
        ellipse = Ellipse(radius_m, radius_m)
    if ellipse.semi_major_m == 0:
        return Spread(np.array([[shape.lon, shape.lat]]))
    unit = _EVEN if confidence == 100 else _NORMAL / _sigmas(confidence)
    turn = math.radians(ellipse.orientation_deg)
    along, across = unit[:, 0] * ellipse.semi_major_m, unit[:, 1] * ellipse.semi_minor_m
    north = along * math.cos(turn) - across * math.sin(turn)
    east = along * math.sin(turn) + across * math.cos(turn)
    return Spread(_offset(shape.lat, shape.lon, east, north))


def _sigmas(confidence: float) -> float:
    """Return how many sigmas from its middle a normal distribution holds this many per cent."""
    return math.sqrt(-2 * math.log1p(-confidence / 100))


def metres_apart(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return a distance in metres, good to a per cent within a region."""
    east = (lon - other_lon) * math.cos(math.radians((lat + other_lat) / 2))
    return METRES_PER_DEGREE * math.hypot(east, lat - other_lat)


def _checked(shape: Shape) -> float:
    """Return the confidence of a shape that makes sense."""
    if not -90 <= shape.lat <= 90:
        raise PlaceInvalid("degrees from -90 to 90", "lat")
    if not -180 <= shape.lon <= 180:
        raise PlaceInvalid("degrees from -180 to 180", "lon")
    if shape.radius_m is not None and not 0 <= shape.radius_m <= LARGEST_M:
        raise PlaceInvalid(f"metres from 0 to {LARGEST_M:.0f}", "radius")
    if shape.ellipse is not None:
        axes = (shape.ellipse.semi_major_m, shape.ellipse.semi_minor_m)
        if not all(0 < axis <= LARGEST_M for axis in axes) or not math.isfinite(
            shape.ellipse.orientation_deg
        ):
            raise PlaceInvalid(f"half axes in metres, above 0, at most {LARGEST_M:.0f}", "ellipse")
    confidence = DEFAULT_CONFIDENCE if shape.confidence is None else shape.confidence
    if not 0 < confidence <= 100:
        raise PlaceInvalid("per cent, above 0, at most 100", "confidence")
    return confidence


def _discs() -> tuple[Points, Points]:
    """Return unit points, along and across: of a normal distribution (sigma 1) and of an even disc."""
    share = (np.arange(_RINGS) + 0.5) / _RINGS
    turn = 2 * np.pi * np.arange(_SPOKES) / _SPOKES + _GOLDEN * np.arange(_RINGS)[:, None]
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    normal = np.sqrt(-2 * np.log1p(-share))[:, None, None] * circle
    even = np.sqrt(share)[:, None, None] * circle
    return normal.reshape(_POINTS, 2), even.reshape(_POINTS, 2)


_NORMAL, _EVEN = _discs()
_FARTHEST = float(np.linalg.norm(_NORMAL, axis=1).max())


def _offset(lat: float, lon: float, east: NDArray[np.float64], north: NDArray[np.float64]) -> Points:
    narrow = max(math.cos(math.radians(lat)), 1e-6)
    return np.column_stack([lon + east / (METRES_PER_DEGREE * narrow), lat + north / METRES_PER_DEGREE])


def _over_polygon(ring: Sequence[tuple[float, float]], mass: float) -> Spread:
    try:
        polygon = Polygon([(lon, lat) for lat, lon in ring])
    except (ValueError, TypeError) as error:
        raise PlaceInvalid("at least three corners, each a latitude and a longitude", "polygon") from error
    if not polygon.is_valid or not np.isfinite(polygon.bounds).all() or polygon.area == 0:
        raise PlaceInvalid("corners in order, without a line that crosses another", "polygon")
    west, south, east, north = polygon.bounds
    # As many points in the box as it takes to have some hundreds inside.
    steps = math.ceil(math.sqrt(_POINTS * (east - west) * (north - south) / polygon.area))
    steps = min(steps, 200)
    at = (np.arange(steps) + 0.5) / steps
    grid = np.stack(np.meshgrid(west + at * (east - west), south + at * (north - south)), -1).reshape(-1, 2)
    inside = grid[shapely.contains_xy(polygon, grid[:, 0], grid[:, 1])]
    if not len(inside):
        middle = polygon.representative_point()
        inside = np.array([[middle.x, middle.y]])
    return Spread(inside, mass)

"""The shapes of a place: RFC 5491, section 5. Degrees in WGS 84, metres, angles clockwise from north.

Every shape has one representative point and an outer radius, the distance from that point which holds
the whole shape (RFC 7459, section 5.1 and 5.2), so that whoever compares or draws need not know the shapes.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from suar.location.geodesy import destination, distance_m, from_plane, to_plane


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the Earth; the altitude is above the ellipsoid, where it is known."""

    latitude: float
    longitude: float
    altitude_m: float | None = None

    def as_json(self) -> list[float]:
        """``[latitude, longitude]``, and the altitude if there is one."""
        place = [self.latitude, self.longitude]
        return place if self.altitude_m is None else [*place, self.altitude_m]


class Shape(ABC):
    """What is common to all shapes."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name of its element: ``Circle``."""
        return type(self).__name__

    @property
    @abstractmethod
    def representative(self) -> Position:
        """The point to show: the shape's centroid."""

    @property
    @abstractmethod
    def outer_radius_m(self) -> float | None:
        """How far the shape reaches from its representative point; None where it states no uncertainty."""

    @property
    def height_m(self) -> float | None:
        """How far up or down it reaches from its representative point; None where it does not say."""
        return None

    def as_json(self) -> dict[str, Any]:
        """The shape's own numbers, under their names."""
        return {"type": self.name, **self._numbers()}

    @abstractmethod
    def _numbers(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Point(Shape):
    """A place that does not say how sure it is: not the same as a place without error."""

    center: Position

    @property
    def representative(self) -> Position:
        return self.center

    @property
    def outer_radius_m(self) -> None:
        return None

    def _numbers(self) -> dict[str, Any]:
        return {"center": self.center.as_json()}


@dataclass(frozen=True, slots=True)
class Circle(Shape):
    """Everything within ``radius_m`` of the centre."""

    center: Position
    radius_m: float

    @property
    def representative(self) -> Position:
        return self.center

    @property
    def outer_radius_m(self) -> float:
        return self.radius_m

    def _numbers(self) -> dict[str, Any]:
        return {"center": self.center.as_json(), "radius_m": self.radius_m}


@dataclass(frozen=True, slots=True)
class Sphere(Circle):
    """A circle that is as high as it is wide."""

    @property
    def height_m(self) -> float:
        return self.radius_m


@dataclass(frozen=True, slots=True)
class Ellipse(Shape):
    """``orientation_deg`` is where the longer axis points, clockwise from north, in [0, 180)."""

    center: Position
    semi_major_m: float
    semi_minor_m: float
    orientation_deg: float

    @property
    def representative(self) -> Position:
        return self.center

    @property
    def outer_radius_m(self) -> float:
        return self.semi_major_m

    def _numbers(self) -> dict[str, Any]:
        return {
            "center": self.center.as_json(),
            "semi_major_m": self.semi_major_m,
            "semi_minor_m": self.semi_minor_m,
            "orientation_deg": self.orientation_deg,
        }


@dataclass(frozen=True, slots=True)
class Ellipsoid(Ellipse):
    """An ellipse with a height: ``vertical_m`` is its semi-axis up and down."""

    vertical_m: float

    @property
    def height_m(self) -> float:
        return self.vertical_m

    def _numbers(self) -> dict[str, Any]:
        # Not super(): a dataclass with slots is a new class, which a bare super() does not know.
        return {**Ellipse._numbers(self), "vertical_m": self.vertical_m}


@dataclass(frozen=True, slots=True)
class ArcBand(Shape):
    """A sector of a ring around a mast, from ``start_deg`` and ``opening_deg`` wide, clockwise."""

    center: Position
    inner_m: float
    outer_m: float
    start_deg: float
    opening_deg: float

    @property
    def representative(self) -> Position:
        """The centroid of the sector: the mast itself is seldom inside it."""
        latitude, longitude = destination(
            self.center.latitude,
            self.center.longitude,
            self.start_deg + self.opening_deg / 2,
            self._centroid_distance_m,
        )
        return Position(latitude, longitude, self.center.altitude_m)

    @property
    def outer_radius_m(self) -> float:
        """The way to the furthest corner: seen from the axis, the corners are the furthest."""
        away, half = self._centroid_distance_m, math.radians(self.opening_deg) / 2
        return max(
            math.sqrt(max(0.0, radius**2 + away**2 - 2 * radius * away * math.cos(half)))
            for radius in (self.inner_m, self.outer_m)
        )

    @property
    def _centroid_distance_m(self) -> float:
        half = math.radians(self.opening_deg) / 2
        # sin(x)/x, which is 1 for a beam without width.
        spread = math.sin(half) / half if half > 1e-9 else 1.0
        inner, outer = self.inner_m, self.outer_m
        if outer - inner < 1e-6:
            return outer * spread
        return spread * 2 / 3 * (outer**2 + outer * inner + inner**2) / (outer + inner)

    def _numbers(self) -> dict[str, Any]:
        return {
            "center": self.center.as_json(),
            "inner_m": self.inner_m,
            "outer_m": self.outer_m,
            "start_deg": self.start_deg,
            "opening_deg": self.opening_deg,
        }


@dataclass(frozen=True, slots=True)
class Polygon(Shape):
    """``ring`` has each corner once, at least three: the way back to the first is understood."""

    ring: tuple[Position, ...]

    @property
    def representative(self) -> Position:
        """The centroid of the area; of the corners, where the area is nothing."""
        at = (self.ring[0].latitude, self.ring[0].longitude)
        plane = [to_plane(corner.latitude, corner.longitude, at) for corner in self.ring]
        latitude, longitude = from_plane(*_centroid(plane), at)
        heights = [corner.altitude_m for corner in self.ring if corner.altitude_m is not None]
        altitude = sum(heights) / len(heights) if len(heights) == len(self.ring) else None
        return Position(latitude, longitude, altitude)

    @property
    def outer_radius_m(self) -> float:
        middle = self.representative
        return max(
            distance_m(middle.latitude, middle.longitude, corner.latitude, corner.longitude)
            for corner in self.ring
        )

    def _numbers(self) -> dict[str, Any]:
        return {"ring": [corner.as_json() for corner in self.ring]}


@dataclass(frozen=True, slots=True)
class Prism(Shape):
    """A floor plan and a height: a storey, a building."""

    base: Polygon
    rise_m: float
    """From the base to the top."""

    @property
    def representative(self) -> Position:
        """In the middle, half-way up."""
        middle = self.base.representative
        altitude = None if middle.altitude_m is None else middle.altitude_m + self.rise_m / 2
        return Position(middle.latitude, middle.longitude, altitude)

    @property
    def outer_radius_m(self) -> float:
        return self.base.outer_radius_m

    @property
    def height_m(self) -> float:
        return self.rise_m / 2

    def _numbers(self) -> dict[str, Any]:
        return {"base": [corner.as_json() for corner in self.base.ring], "rise_m": self.rise_m}


def _centroid(plane: list[tuple[float, float]]) -> tuple[float, float]:
    area = east = north = 0.0
    for (x, y), (next_x, next_y) in zip(plane, plane[1:] + plane[:1], strict=True):
        cross = x * next_y - next_x * y
        area += cross
        east += (x + next_x) * cross
        north += (y + next_y) * cross
    reach = max(math.hypot(x, y) for x, y in plane)
    middle = (sum(x for x, _ in plane) / len(plane), sum(y for _, y in plane) / len(plane))
    if abs(area) <= 1e-9 * reach * reach:
        return middle
    found = (east / (3 * area), north / (3 * area))
    # A ring that crosses itself can throw its centroid far away; its corners' mean stays inside their hull.
    return found if math.hypot(*found) <= 2 * reach else middle

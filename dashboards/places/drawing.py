"""A small map of a claim, drawn as SVG from the city's own boundaries: no tiles, and no other server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from dashboards.places.tracks import tracks
from suar.areas import Atlas, Level, Spot
from suar.areas.claimed import spots_of
from suar.areas.shapes import METRES_PER_DEGREE
from suar.location import Claim

WIDTH, HEIGHT = 480, 300
_LEAST_M, _MOST_M = 400.0, 60_000.0
_MARGIN = 1.35
_MOST_OUTLINES = 60
_FINEST_PX = 1.5
_LETTER_PX, _LINE_HIGH = 6.5, 2.4


@dataclass(frozen=True, slots=True)
class Mark:
    """A claim on the map: ``path`` is its uncertainty, empty where none is stated."""

    x: float
    y: float
    path: str
    is_best: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """An area's edge."""

    name: str
    level: str
    path: str
    label: tuple[float, float] | None = None
    """Where its name is written; None where there is no room for it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map: degrees at its edges, so that a click becomes a place, and what is on it."""

    west: float
    south: float
    east: float
    north: float
    metres: float
    """How wide it is."""
    outlines: tuple[Outline, ...]
    marks: tuple[Mark, ...]
    """The best one last, so that it lies on top."""
    tracks: tuple[str, ...]
    """The ways that phones have gone, each a path."""


def draw(atlas: Atlas, best: Claim, others: Sequence[Claim]) -> Drawing | None:
    """Return a map around the best claim, wide enough for its uncertainty; None for an address alone."""
    spots = spots_of(best)
    if not spots:
        return None
    reach_m = min(max((best.uncertainty_m or 0.0) * _MARGIN, _LEAST_M), _MOST_M)
    frame = Frame(spots[0].lat, spots[0].lon, reach_m)
    marks = [frame.mark(claim, is_best=False) for claim in others]
    return Drawing(
        *frame.edges,
        round(frame.metres_wide),
        tuple(outlines(atlas, frame)),
        tuple(mark for mark in (*marks, frame.mark(best, is_best=True)) if mark is not None),
        tuple(frame.line(way) for way in tracks((*others, best))),
    )


class Frame:
    """Degrees to a map's points, x to the right and y down; ``reach_m`` from its middle to its upper edge."""

    def __init__(
        self, lat: float, lon: float, reach_m: float, width: int = WIDTH, height: int = HEIGHT
    ) -> None:
        self.width, self.height = width, height
        self.metres_wide = 2 * reach_m * width / height
        self._down = height / (2 * reach_m / METRES_PER_DEGREE)
        self._right = self._down * max(math.cos(math.radians(lat)), 1e-6)
        wide, high = width / 2 / self._right, height / 2 / self._down
        self.edges = (lon - wide, lat - high, lon + wide, lat + high)
        self.degrees_fine = _FINEST_PX / self._down

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        west, _, _, north = self.edges
        return round((lon - west) * self._right, 1), round((north - lat) * self._down, 1)

    def ring(self, corners: Sequence[tuple[float, float]]) -> str:
        """The path of corners, latitude first."""
        return self.line(corners) + "Z"

    def line(self, points: Sequence[tuple[float, float]]) -> str:
        """The path along points, latitude first."""
        return "M" + "L".join(f"{x} {y}" for x, y in (self.at(lat, lon) for lat, lon in points))

    def mark(self, claim: Claim, *, is_best: bool) -> Mark | None:
        spots = spots_of(claim)
        if not spots:
            return None
        spot = spots[0]
        return Mark(*self.at(spot.lat, spot.lon), self._path(spot), is_best)

    def _path(self, spot: Spot) -> str:
        if spot.polygon is not None:
            return self.ring(spot.polygon)
        if spot.ellipse is not None:
            axes = (spot.ellipse.semi_major_m, spot.ellipse.semi_minor_m, spot.ellipse.orientation_deg)
        elif spot.radius_m:
            axes = (spot.radius_m, spot.radius_m, 0.0)
        else:
            return ""
        along, across = (axis / METRES_PER_DEGREE * self._down for axis in axes[:2])
        turn = math.radians(axes[2])
        x, y = self.at(spot.lat, spot.lon)
        east, south = along * math.sin(turn), -along * math.cos(turn)
        # From one end of the longer axis round to the other, and back; SVG turns from the x axis.
        arc = f"A{along:.1f} {across:.1f} {axes[2] - 90:.1f} 0 1"
        return (
            f"M{x + east:.1f} {y + south:.1f}{arc} {x - east:.1f} {y - south:.1f}"
            f"{arc} {x + east:.1f} {y + south:.1f}Z"
        )


def outlines(atlas: Atlas, frame: Frame, letter_px: float = _LETTER_PX) -> list[Outline]:
    """Return the edges of the areas within a frame, and the names of the smallest that are drawn."""
    box = shapely.box(*frame.edges)
    found: list[Outline] = []
    named: Level | None = None
    names = _Names(frame, letter_px)
    for level in (Level.KELURAHAN, Level.KECAMATAN, Level.JURISDICTION):
        near = [area for area in atlas.areas.of(level) if area.shape.intersects(box)]
        if len(near) > _MOST_OUTLINES:
            continue  # So far away that only the larger areas say anything.
        # The names of what these are parts of would be written across theirs.
        named = named or level
        for area in near:
            seen = area.shape.intersection(box.buffer(frame.degrees_fine * 4)).simplify(frame.degrees_fine)
            path = "".join(
                frame.ring([(lat, lon) for lon, lat in part.exterior.coords[:-1]])
                for part in shapely.get_parts(seen)
                if isinstance(part, Polygon)
            )
            if path:
                label = names.place(area.name, seen & box) if level is named else None
                found.append(Outline(area.name, level.value, path, label))
    return found


class _Names:
    """Finds room for areas' names: inside of the area, inside of the map, and across no other name."""

    def __init__(self, frame: Frame, letter_px: float) -> None:
        self._frame, self._letter_px = frame, letter_px
        self._line_px = letter_px * _LINE_HIGH
        self._taken: list[tuple[float, float, float]] = []

    def place(self, name: str, seen: BaseGeometry) -> tuple[float, float] | None:
        """Return where a name's middle goes, in the largest part that is seen; None if there is no room."""
        if seen.is_empty:
            return None
        frame, half = self._frame, self._letter_px * len(name) / 2
        part = max(shapely.get_parts(seen), key=lambda one: one.area)
        west, south, east, north = part.bounds
        (left, top), (right, bottom) = frame.at(north, west), frame.at(south, east)
        if right - left < 2 * half or bottom - top < self._line_px:
            return None
        point = part.representative_point()
        x, y = frame.at(point.y, point.x)
        x = min(max(x, half), frame.width - half)
        y = min(max(y, self._line_px), frame.height - self._line_px / 2)
        if any(abs(x - ox) < half + wide and abs(y - oy) < self._line_px for ox, oy, wide in self._taken):
            return None
        self._taken.append((x, y, half))
        return (x, y)

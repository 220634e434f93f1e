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
_LETTER_PX, _LINE_PX = 6.5, 16.0


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
    frame = _Frame(spots[0].lat, spots[0].lon, reach_m)
    marks = [frame.mark(claim, is_best=False) for claim in others]
    return Drawing(
        *frame.edges,
        round(frame.metres_wide),
        tuple(_outlines(atlas, frame)),
        tuple(mark for mark in (*marks, frame.mark(best, is_best=True)) if mark is not None),
        tuple(frame.line(way) for way in tracks((*others, best))),
    )


class _Frame:
    """Degrees to the map's points, x to the right and y down."""

    def __init__(self, lat: float, lon: float, reach_m: float) -> None:
        self.metres_wide = 2 * reach_m * WIDTH / HEIGHT
        self._down = HEIGHT / (2 * reach_m / METRES_PER_DEGREE)
        self._right = self._down * max(math.cos(math.radians(lat)), 1e-6)
        wide, high = WIDTH / 2 / self._right, HEIGHT / 2 / self._down
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


def _outlines(atlas: Atlas, frame: _Frame) -> list[Outline]:
    box = shapely.box(*frame.edges)
    found: list[Outline] = []
    named: Level | None = None
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
                label = _label(area.name, seen & box, frame) if level is named else None
                found.append(Outline(area.name, level.value, path, label))
    return found


def _label(name: str, seen: BaseGeometry, frame: _Frame) -> tuple[float, float] | None:
    """Return where there is room for a name, in the largest part that is seen."""
    if seen.is_empty:
        return None
    part = max(shapely.get_parts(seen), key=lambda one: one.area)
    west, south, east, north = part.bounds
    (left, top), (right, bottom) = frame.at(north, west), frame.at(south, east)
    if right - left < _LETTER_PX * len(name) or bottom - top < _LINE_PX:
        return None
    point = part.representative_point()
    x, y = frame.at(point.y, point.x)
    half = _LETTER_PX * len(name) / 2
    return (min(max(x, half), WIDTH - half), min(max(y, _LINE_PX), HEIGHT - _LINE_PX / 2))

"""Where a shape lies among a city's areas, with what probability."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from suar.areas.model import Area, Areas, Level
from suar.areas.shapes import METRES_PER_DEGREE, Points, Shape, reach_m, spread

# Where areas were drawn apart, a place between them is still in the city: it belongs to the nearest.
_GAP_M = 250.0


@dataclass(frozen=True, slots=True)
class Share:
    """The probability, 0 to 1, that somebody is in an area."""

    code: str
    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a shape lies. Each level's shares have the most probable first; a level not imported has none."""

    is_known: bool = False
    """False: the city has imported no boundaries, and nothing of this means anything."""
    kelurahan: tuple[Share, ...] = ()
    kecamatan: tuple[Share, ...] = ()
    jurisdiction: tuple[Share, ...] = ()
    fire: tuple[Share, ...] = ()
    neighbour: tuple[Share, ...] = ()
    outside: float = 0.0
    """The probability that it is outside of the city."""
    unplaced: float = 0.0
    """The probability that the shape itself leaves open: nobody knows where that is."""

    @property
    def is_outside(self) -> bool:
        """Whether it is more probably outside of the city than in it."""
        return self.is_known and self.outside > 0.5


class Atlas:
    """A city's areas, ready to be asked. Safe to use from several threads; changed by building another."""

    def __init__(self, areas: Areas) -> None:
        self.areas = areas
        self._layers = {level: _Layer(areas.of(level)) for level in Level}
        self._edges = STRtree(_edges(areas.areas))

    @property
    def is_empty(self) -> bool:
        """Whether nothing says where the city ends."""
        return not self._layers[Level.JURISDICTION].areas

    def locate(self, shape: Shape) -> Placement:
        """Place a shape. Raises :class:`~suar.areas.errors.PlaceInvalid`, naming the field."""
        far_m = reach_m(shape)
        if self.is_empty:
            if far_m is None:
                spread(shape)  # A polygon that is none is refused here as well.
            return Placement()
        # Most shapes are small beside a kelurahan: one point then answers for all.
        if far_m is not None and (far_m == 0 or self._is_clear(shape, far_m)):
            return self._locate_point(shape)
        over = spread(shape)
        points, mass = over.points, over.mass
        city = self._layers[Level.JURISDICTION]
        in_city = city.which(points)
        is_in = in_city >= 0
        outside = float(1 - is_in.mean()) * mass
        gap_m = {Level.KELURAHAN: _GAP_M, Level.KECAMATAN: _GAP_M}
        shares = {
            level: self._layers[level].shares(points, mass, is_in, gap_m.get(level, 0.0))
            for level in (Level.KELURAHAN, Level.KECAMATAN, Level.FIRE)
        }
        neighbour = self._layers[Level.NEIGHBOUR].shares(points, mass, ~is_in, 0.0) if outside else ()
        return Placement(
            is_known=True,
            kelurahan=shares[Level.KELURAHAN],
            kecamatan=shares[Level.KECAMATAN],
            jurisdiction=_counted(city.areas, in_city, mass),
            fire=shares[Level.FIRE],
            neighbour=neighbour,
            outside=outside,
            unplaced=1 - mass,
        )

    def names_at(self, points: Points) -> list[tuple[str | None, str | None]]:
        """Return the names of the kelurahan and kecamatan of many points, longitude first."""
        layers = self._layers[Level.KELURAHAN], self._layers[Level.KECAMATAN]
        found = [
            [layer.areas[number].name if number >= 0 else None for number in layer.which(points)]
            for layer in layers
        ]
        return list(zip(*found, strict=True))

    def _is_clear(self, shape: Shape, far_m: float) -> bool:
        """Whether no area's edge is so near to the shape's middle."""
        high = far_m / METRES_PER_DEGREE
        wide = high / max(math.cos(math.radians(shape.lat)), 1e-6)
        box = shapely.box(shape.lon - wide, shape.lat - high, shape.lon + wide, shape.lat + high)
        return not len(self._edges.query(box))

    def _locate_point(self, shape: Shape) -> Placement:
        """Place a shape of which all lies where its middle lies."""
        point = shapely.Point(shape.lon, shape.lat)
        city = self._layers[Level.JURISDICTION].at(point)
        if not city:
            neighbour = self._layers[Level.NEIGHBOUR].at(point)
            return Placement(is_known=True, neighbour=neighbour, outside=1.0)
        return Placement(
            is_known=True,
            kelurahan=self._layers[Level.KELURAHAN].at(point, _GAP_M),
            kecamatan=self._layers[Level.KECAMATAN].at(point, _GAP_M),
            jurisdiction=city,
            fire=self._layers[Level.FIRE].at(point),
        )


def _edges(areas: tuple[Area, ...]) -> NDArray[np.object_]:
    """Return every edge of every area, as a line of two points."""
    rings = shapely.get_parts(shapely.boundary(shapely.get_parts([area.shape for area in areas])))
    lines = [shapely.get_coordinates(ring) for ring in rings]
    pairs = [np.stack([line[:-1], line[1:]], axis=1) for line in lines]
    return shapely.linestrings(np.concatenate(pairs)) if pairs else np.empty(0, dtype=object)


class _Layer:
    """One level's areas and their index. Where two overlap, the first by code has the point."""

    def __init__(self, areas: tuple[Area, ...]) -> None:
        self.areas = tuple(sorted(areas, key=lambda area: area.code))
        self._shapes = [area.shape for area in self.areas]
        for shape in self._shapes:
            shapely.prepare(shape)
        self._tree = STRtree(self._shapes)

    def at(self, point: shapely.Point, gap_m: float = 0.0) -> tuple[Share, ...]:
        """Return the area that a point is in, or is near enough to."""
        if not self.areas:
            return ()
        hits = self._tree.query(point, predicate="intersects")
        if not len(hits) and gap_m:
            hits = self._tree.query_nearest(point, max_distance=gap_m / METRES_PER_DEGREE)
        if not len(hits):
            return ()
        area = self.areas[hits.min()]
        return (Share(area.code, area.name, 1.0),)

    def which(self, points: Points) -> NDArray[np.intp]:
        """Return each point's area by its place in ``areas``; -1 where there is none."""
        found = np.full(len(points), -1, dtype=np.intp)
        if not self.areas:
            return found
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        for number in np.sort(self._tree.query(shapely.box(west, south, east, north))):
            open_ones = np.flatnonzero(found < 0)
            if not len(open_ones):
                break
            here = points[open_ones]
            found[open_ones[shapely.intersects_xy(self._shapes[number], here[:, 0], here[:, 1])]] = number
        return found

    def shares(
        self, points: Points, mass: float, counts: NDArray[np.bool_], gap_m: float
    ) -> tuple[Share, ...]:
        """Return the shares of the points that count; those in a gap go to what is near enough."""
        if not self.areas or not counts.any():
            return ()
        found = np.where(counts, self.which(points), -1)
        lost = np.flatnonzero(counts & (found < 0))
        if gap_m and len(lost):
            at, nearest = self._tree.query_nearest(
                shapely.points(points[lost]), max_distance=gap_m / METRES_PER_DEGREE, all_matches=False
            )
            found[lost[at]] = nearest
        return _counted(self.areas, found, mass)


def _counted(areas: tuple[Area, ...], found: NDArray[np.intp], mass: float) -> tuple[Share, ...]:
    numbers, counts = np.unique(found[found >= 0], return_counts=True)
    pairs: Iterable[tuple[int, int]] = sorted(
        zip(numbers.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])
    )
    return tuple(
        Share(areas[number].code, areas[number].name, mass * count / len(found)) for number, count in pairs
    )

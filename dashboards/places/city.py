"""A map of the whole city, for the wall: its areas, its posts, and where something happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import shapely

from dashboards.places.drawing import Frame, Outline, outlines
from suar.areas import Atlas, Level
from suar.areas.shapes import METRES_PER_DEGREE

WIDTH, HEIGHT = 1000, 640
_MARGIN, _WIDE_MARGIN = 1.06, 1.6
_LETTER_PX = 9.5
_LEAST_M = 4_000.0
"""From the middle to the upper edge, where nothing says how large the city is."""

Spot = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class CityMap:
    """What lies where on the map; None for what lies outside of it."""

    outlines: tuple[Outline, ...]
    spots: tuple[tuple[float, float] | None, ...]
    """Points of the map, in the order in which they were asked for."""
    posts: tuple[tuple[float, float] | None, ...]


def draw_city(atlas: Atlas, spots: Sequence[Spot | None], posts: Sequence[Spot] = ()) -> CityMap | None:
    """Return a map of the city; of what happens, where no boundaries are known; None if neither is."""
    if atlas.is_empty:
        known = [spot for spot in spots if spot is not None]
        if not known:
            return None
        frame = _around(shapely.MultiPoint([(lon, lat) for lat, lon in known]).bounds, _WIDE_MARGIN)
        drawn: tuple[Outline, ...] = ()
    else:
        frame, drawn = _ground(atlas)
    return CityMap(
        drawn,
        tuple(_within(frame, spot) if spot else None for spot in spots),
        tuple(_within(frame, post) for post in posts),
    )


@lru_cache(maxsize=2)
def _ground(atlas: Atlas) -> tuple[Frame, tuple[Outline, ...]]:
    """The frame and the edges: the same until the areas are imported anew."""
    city = shapely.unary_union([area.shape for area in atlas.areas.of(Level.JURISDICTION)])
    frame = _around(city.bounds)
    return frame, tuple(outlines(atlas, frame, _LETTER_PX))


def _around(bounds: tuple[float, float, float, float], margin: float = _MARGIN) -> Frame:
    west, south, east, north = bounds
    lat, lon = (south + north) / 2, (west + east) / 2
    frame = Frame(lat, lon, _LEAST_M, WIDTH, HEIGHT)
    (left, top), (right, bottom) = frame.at(north, west), frame.at(south, east)
    scale = max((right - left) / WIDTH, (bottom - top) / HEIGHT) * margin
    reach_m = max(_LEAST_M * scale, METRES_PER_DEGREE * 0.02 if scale == 0 else 0.0)
    return Frame(lat, lon, reach_m, WIDTH, HEIGHT)


def _within(frame: Frame, spot: Spot) -> tuple[float, float] | None:
    x, y = frame.at(*spot)
    return (x, y) if 0 <= x <= WIDTH and 0 <= y <= HEIGHT else None

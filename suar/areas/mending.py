"""Making a drawn shape one that can be asked: repaired if its meaning is clear, refused if it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape as geometry_of

from suar.areas.crs import WAY_OUT, Crs, Degrees
from suar.areas.model import Polygons

# A repair that changes the area by more than this has guessed.
_MOST_CHANGE = 0.1
_TINY = 1e-12
"""Square degrees: less than a tenth of a square metre is a slip of the pen, no polygon."""


class ShapeUnusable(ValueError):
    """This shape cannot be an area; the message says what the matter is and the way out."""


def mend(geometry: Any, crs: Crs) -> tuple[Polygons, str | None]:
    """Return a GeoJSON geometry as polygons in degrees, and what was repaired about it, if anything was.

    Raises :class:`ShapeUnusable`.
    """
    shape, notes = _read(geometry), []
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ShapeUnusable("has a coordinate that is no number; draw it again")
    shape = shapely.transform(shapely.force_2d(shape), crs.to_degrees)
    if _is_swapped(shape):
        shape = shapely.transform(shape, lambda given: given[:, ::-1])
        notes.append("had latitude before longitude")
    _check_range(shape, crs)
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape).partition("[")[0].strip().lower()
        mended = _polygons_of(shapely.make_valid(shape, method="structure", keep_collapsed=False))
        _check_change(shape, mended, reason)
        shape = mended
        notes.append(f"was repaired ({reason})")
    shape = _polygons_of(shape)
    if shape.area < _TINY:
        raise ShapeUnusable("has no area; draw it again, or leave the feature out")
    return shape, ", ".join(notes) or None


def _read(geometry: Any) -> Any:
    if not isinstance(geometry, dict) or not geometry:
        raise ShapeUnusable("has no geometry; draw it, or leave the feature out")
    kind = geometry.get("type")
    if kind not in {"Polygon", "MultiPolygon", "GeometryCollection"}:
        raise ShapeUnusable(f"is a {kind}, not a polygon; export the layer as polygons")
    try:
        return geometry_of(_closed(geometry))
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        shapely.errors.ShapelyError,
    ) as error:
        raise ShapeUnusable(f"has coordinates that cannot be read ({error}); export it again") from error


def _closed(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the geometry with each ring closed: some programs leave the last corner out."""

    def close(rings: Any) -> Any:
        return [[*ring, ring[0]] if ring and ring[0] != ring[-1] else ring for ring in rings]

    match geometry:
        case {"type": "Polygon", "coordinates": rings}:
            return {"type": "Polygon", "coordinates": close(rings)}
        case {"type": "MultiPolygon", "coordinates": polygons}:
            return {"type": "MultiPolygon", "coordinates": [close(rings) for rings in polygons]}
        case _:
            return geometry


def _is_swapped(shape: Any) -> bool:
    """Whether latitude came first: beyond 90° only a longitude can be, which is all of Indonesia."""
    first, second = shapely.get_coordinates(shape).T
    return bool(
        len(first) and (np.abs(first) <= 90).all() and (np.abs(second) > 90).all() and (second <= 180).all()
    )


def _check_range(shape: Any, crs: Crs) -> None:
    if shape.is_empty:
        raise ShapeUnusable("is empty; draw it, or leave the feature out")
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        hint = "these look like metres" if isinstance(crs, Degrees) else "another zone than the file says?"
        raise ShapeUnusable(f"lies at {west:.0f}, {south:.0f}, not on the earth: {hint}; {WAY_OUT}")


def _check_change(before: Any, after: Polygons, reason: str) -> None:
    way_out = "mend it in a map program (QGIS: Fix geometries)"
    if after.is_empty:
        raise ShapeUnusable(f"has nothing left when repaired ({reason}); {way_out}")
    # The lines of a figure of eight enclose what its area, counted with signs, does not.
    drawn = shapely.area(shapely.convex_hull(before)) or 1.0
    if abs(before.area - after.area) / drawn > _MOST_CHANGE:
        raise ShapeUnusable(f"changes its area when repaired ({reason}): its meaning is unclear; {way_out}")


def _polygons_of(shape: Any) -> Polygons:
    """Return only what has an area."""
    parts = [part for part in _flat(shape) if isinstance(part, Polygon) and part.area > _TINY]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _flat(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape)
    return (
        [shape]
        if len(parts) == 1 and parts[0] is shape
        else [piece for part in parts for piece in ([part] if not hasattr(part, "geoms") else _flat(part))]
    )

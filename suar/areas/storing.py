"""The one file that holds what a city has imported: ``areas/areas.geojson`` in its state directory.

It is plain GeoJSON (RFC 7946), so that any map program opens it; what Suar alone needs is in the member
``suar``. It is replaced whole, and the one before it is kept beside it as ``areas.before.geojson``.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape as geometry_of

from suar.areas.errors import AreasUnusable
from suar.areas.model import Area, Areas, Level, Source
from suar.disk import sync_directory

FORMAT = 1
NAME = "areas.geojson"
# A hundred-millionth of a degree is a millimetre.
_GRID = 1e-8


def save(folder: Path, areas: Areas) -> Path:
    """Write a city's areas, whole or not at all. Raises :class:`~suar.areas.errors.AreasUnusable`."""
    document = {
        "type": "FeatureCollection",
        "suar": {
            "format": FORMAT,
            "version": areas.version,
            "sources": [_source_out(source) for source in areas.sources],
        },
        "features": [_feature(area) for area in areas.areas],
    }
    path = folder / NAME
    write(path, document)
    return path


def load(folder: Path) -> Areas:
    """Read a city's areas; none where nothing was imported. Raises AreasUnusable."""
    path = folder / NAME
    document = read(path)
    if document is None:
        return Areas()
    try:
        areas = tuple(_area(feature) for feature in document["features"])
        own = document["suar"]
        return Areas(own["version"], areas, tuple(_source_in(one) for one in own["sources"]))
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def write(path: Path, document: dict[str, Any]) -> None:
    """Replace a file of ours, keeping the one before it. Raises AreasUnusable."""
    fresh, before = path.with_suffix(".new"), path.with_suffix(f".before{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            before.unlink(missing_ok=True)
            os.link(path, before)
        fresh.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise AreasUnusable(
            f"{path}: {error.strerror}; give a state directory that can be written, with --state"
        ) from error


def read(path: Path) -> dict[str, Any] | None:
    """Read a file of ours; None if there is none. Raises AreasUnusable."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _damaged(path, getattr(error, "strerror", None) or str(error)) from error
    own = document.get("suar") if isinstance(document, dict) else None
    if not isinstance(own, dict) or own.get("format") != FORMAT:
        raise _damaged(path, f"it is not of format {FORMAT}, which this Suar reads")
    found: dict[str, Any] = document
    return found


def _damaged(path: Path, reason: str) -> AreasUnusable:
    before = path.with_suffix(f".before{path.suffix}").name
    return AreasUnusable(f"{path}: {reason}; import again, or put {before} in its place")


def _feature(area: Area) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "level": area.level.value,
            "code": area.code,
            "name": area.name,
            "derived": area.is_derived,
        },
        "geometry": shapely.geometry.mapping(shapely.set_precision(area.shape, _GRID, mode="pointwise")),
    }


def _area(feature: dict[str, Any]) -> Area:
    own = feature["properties"]
    shape = geometry_of(feature["geometry"])
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shape.is_empty:
        raise ValueError(f"{own['code']}: has no polygon")
    return Area(Level(own["level"]), str(own["code"]), str(own["name"]), shape, bool(own["derived"]))


def _source_out(source: Source) -> dict[str, Any]:
    return {
        "file": source.file,
        "sha256": source.sha256,
        "imported_at": source.imported_at.isoformat(),
        "levels": [level.value for level in source.levels],
        "origin": source.origin,
        "licence": source.licence,
    }


def _source_in(one: dict[str, Any]) -> Source:
    return Source(
        file=str(one["file"]),
        sha256=str(one["sha256"]),
        imported_at=datetime.fromisoformat(one["imported_at"]),
        levels=tuple(Level(level) for level in one["levels"]),
        origin=one["origin"],
        licence=one["licence"],
    )

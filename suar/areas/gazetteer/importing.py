"""Places from a city's own lists: landmarks and streets, from CSV or GeoJSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import shape as geometry_of

from suar.areas import storing
from suar.areas.errors import AreasUnusable, ImportRefused
from suar.areas.gazetteer.coordinates import parse_coordinates
from suar.areas.gazetteer.place import Kind, Place
from suar.areas.shapes import METRES_PER_DEGREE
from suar.areas.words import words_of

NAME = "places.geojson"
_LARGEST_BYTES = 256 * 1024 * 1024
_LONGEST = 200
_SAME_STREET_M = 500.0
"""Pieces of one name that are nearer than this are one street."""
_STREET_TYPES = {"LineString", "MultiLineString"}

# What columns are called, without case and punctuation; the better first.
_COLUMNS = {
    "name": "nama name namatempat namajalan namobj tempat jalan",
    "kind": "jenis kind type tipe",
    "lat": "lat latitude lintang y",
    "lon": "lon lng long longitude bujur x",
    "both": "koordinat coordinates coordinate latlon latlong lokasi titik",
    "aliases": "alias namalain altname oldname sebutan",
    "detail": "detail keterangan alamat address kategori category amenity",
}
_STREETS = {"street", "jalan", "road", "highway", "gang"}


def load(folder: Path) -> list[Place]:
    """Return the imported places; none where nothing was. Raises AreasUnusable."""
    path = folder / NAME
    document = storing.read(path)
    if document is None:
        return []
    try:
        return [_place_in(feature) for feature in document["features"]]
    except (KeyError, TypeError, ValueError) as error:
        raise AreasUnusable(f"{path}: {type(error).__name__}: {error}; import the places again") from error


def save(folder: Path, places: Sequence[Place]) -> Path:
    """Write the places, whole or not at all. Raises AreasUnusable."""
    path = folder / NAME
    features = [_place_out(place) for place in places]
    storing.write(
        path, {"type": "FeatureCollection", "suar": {"format": storing.FORMAT}, "features": features}
    )
    return path


def import_places(
    paths: Sequence[Path], before: Sequence[Place], kind: Kind | None = None
) -> tuple[list[Place], list[str]]:
    """Return the places with those of the files in the place of the same files' before, and what to know.

    ``kind`` is what they are where the file does not say. Raises ImportRefused with everything that is wrong.
    """
    problems: list[str] = []
    notes: list[str] = []
    found: list[Place] = []
    for path in paths:
        try:
            own = _read(path, kind, problems)
        except ImportRefused as error:
            problems += error.problems
            continue
        nowhere = sum(place.lat is None for place in own)
        if nowhere:
            notes.append(f"{path.name}: {nowhere} places have a name and no coordinates")
        if not own and not problems:
            problems.append(f"{path}: it has no places")
        found += own
    if problems:
        raise ImportRefused(problems)
    names = {path.name for path in paths}
    return [*(place for place in before if place.source not in names), *found], notes


def _read(path: Path, kind: Kind | None, problems: list[str]) -> list[Place]:
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".txt", ".tsv", ".geojson", ".json"}:
        raise ImportRefused([f"{path}: not a file that is read here; give a .csv or .geojson file"])
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ImportRefused([f"{path}: larger than 256 MB; cut your city out of it"])
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ImportRefused([f"{path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ImportRefused([f"{path}: not UTF-8 text; save it as CSV UTF-8"]) from error
    if suffix in {".geojson", ".json"}:
        return _from_geojson(path, text, kind, problems)
    return _from_csv(path, text, kind, problems)


def _from_csv(path: Path, text: str, kind: Kind | None, problems: list[str]) -> list[Place]:
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = next(rows, [])
    columns = _columns(header)
    if "name" not in columns:
        raise ImportRefused(
            [f"{path}: name: no column is called nama or name; it has: {', '.join(header) or 'none at all'}"]
        )
    found: list[Place] = []
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            given = {role: row[at].strip() if at < len(row) else "" for role, at in columns.items()}
            where = f"{path.name}: line {rows.line_num}"
            name = _clean(given["name"])
            if not name:
                problems.append(
                    f"{where}: {header[columns['name']]}: is empty; fill it in, or remove the line"
                )
                continue
            point = _point(given, header, columns)
            if isinstance(point, str):
                problems.append(f"{where} ({name}): {point}")
                continue
            lat, lon = point or (None, None)
            own = _kind(given.get("kind", ""), kind)
            aliases = tuple(_clean(one) for one in re.split(r"[;|]", given.get("aliases", "")) if _clean(one))
            detail = _clean(given.get("detail", ""))
            found.append(Place(own, name, detail, lat, lon, aliases=aliases, source=path.name))
    except csv.Error as error:
        raise ImportRefused([f"{path}: line {rows.line_num}: no CSV: {error}"]) from error
    return found


def _columns(header: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in header]
    return {
        role: plain.index(next(name for name in names.split() if name in plain))
        for role, names in _COLUMNS.items()
        if set(names.split()) & set(plain)
    }


def _point(
    given: dict[str, str], header: Sequence[str], columns: dict[str, int]
) -> tuple[float, float] | str | None:
    """Return the coordinates of a line, None if it has none, or what is wrong with them."""
    if given.get("lat") or given.get("lon"):
        text, named = f"{given.get('lat', '')}; {given.get('lon', '')}", ["lat", "lon"]
    elif given.get("both"):
        text, named = given["both"], ["both"]
    else:
        return None
    point = parse_coordinates(text)
    if point is not None:
        return point
    names = ", ".join(header[columns[role]] for role in named if role in columns)
    return f"{names} = {text!r}: degrees, such as -7.2575 and 112.7521"


def _kind(text: str, otherwise: Kind | None) -> Kind:
    if text:
        return Kind.STREET if text.lower() in _STREETS else Kind.LANDMARK
    return otherwise or Kind.LANDMARK


def _from_geojson(path: Path, text: str, kind: Kind | None, problems: list[str]) -> list[Place]:
    try:
        document = json.loads(text)
        members = document["features"]
        pairs = [(dict(member["properties"] or {}), member["geometry"]) for member in members]
    except (ValueError, KeyError, TypeError) as error:
        raise ImportRefused([f"{path}: no GeoJSON with features; export it again"]) from error
    streets: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    found: list[Place] = []
    for number, (properties, geometry) in enumerate(pairs, start=1):
        columns = _columns(list(properties))
        given = {role: _clean(list(properties.values())[at]) for role, at in columns.items()}
        name = given.get("name", "")
        if not name:
            continue  # Most roads and buildings of a map have none.
        try:
            shape = geometry_of(geometry)
            is_sound = not shape.is_empty and _is_on_earth(shape)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
            is_sound = False
        if not is_sound:
            problems.append(
                f"{path.name}: feature {number} ({name}): geometry: is not in degrees, longitude first; "
                "convert it: ogr2ogr -t_srs EPSG:4326 new.geojson old"
            )
        elif geometry["type"] in _STREET_TYPES:
            streets[name].append((given.get("detail", "") if "highway" not in properties else "", shape))
        else:
            aliases = tuple(_clean(one) for one in given.get("aliases", "").split(";") if _clean(one))
            detail = given.get("detail", "").replace("_", " ")
            own = _kind("", kind)
            found.append(_at(shape, Place(own, name, detail, aliases=aliases, source=path.name)))
    for name, pieces in streets.items():
        for detail, shape in _streets(pieces):
            found.append(_at(shape, Place(Kind.STREET, name, detail, source=path.name)))
    return found


def _streets(pieces: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the pieces of one name as the streets that they make: those that are near are one."""
    shapes = [shape for _, shape in pieces]
    group = list(range(len(shapes)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    near = STRtree(shapes).query(shapes, predicate="dwithin", distance=_SAME_STREET_M / METRES_PER_DEGREE)
    for one, other in near.T.tolist():
        group[root(one)] = root(other)
    together: dict[int, list[int]] = defaultdict(list)
    for number in range(len(shapes)):
        together[root(number)].append(number)
    for numbers in together.values():
        yield pieces[numbers[0]][0], shapely.union_all([shapes[number] for number in numbers])


def _at(shape: Any, place: Place) -> Place:
    """Return a place with where it is: on a street its middle, and how far it reaches from there."""
    inside = shape.representative_point()
    if shape.geom_type in _STREET_TYPES:
        inside = shapely.get_point(shapely.shortest_line(shape, shape.centroid), 0)
    reach_m = float(np.ceil(shapely.hausdorff_distance(inside, shape) * METRES_PER_DEGREE))
    return replace(place, lat=round(inside.y, 7), lon=round(inside.x, 7), radius_m=reach_m or None)


def _is_on_earth(shape: Any) -> bool:
    west, south, east, north = shape.bounds
    return bool(
        np.isfinite(shape.bounds).all() and west >= -180 and east <= 180 and south >= -90 and north <= 90
    )


def _clean(value: object) -> str:
    text = "" if value is None else str(value)
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text[:_LONGEST] if words_of(text) else ""


def _place_out(place: Place) -> dict[str, Any]:
    point = None if place.lat is None else {"type": "Point", "coordinates": [place.lon, place.lat]}
    properties = {
        "kind": place.kind.value,
        "name": place.name,
        "detail": place.detail,
        "radius_m": place.radius_m,
        "aliases": list(place.aliases),
        "source": place.source,
    }
    return {"type": "Feature", "properties": properties, "geometry": point}


def _place_in(feature: dict[str, Any]) -> Place:
    own = feature["properties"]
    lon, lat = feature["geometry"]["coordinates"] if feature["geometry"] else (None, None)
    return Place(
        Kind(own["kind"]), own["name"], own["detail"], lat, lon, own["radius_m"], tuple(own["aliases"]),
        own["source"],
    )  # fmt: skip

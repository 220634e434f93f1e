"""Reading boundary files: GeoJSON (RFC 7946, and the older sort that names its CRS) and shapefiles."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapefile

from suar.areas import crs as crs_of
from suar.areas.crs import Crs, CrsUnknown
from suar.areas.errors import ImportRefused

_LARGEST_BYTES = 512 * 1024 * 1024
_KINDS = "a .geojson, .json, .shp or .zip file (a shapefile, zipped)"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, as it stands in a file. ``number`` counts from 1; ``geometry`` is GeoJSON's."""

    file: str
    number: int
    properties: dict[str, Any]
    geometry: Any


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """A file's features, and the coordinates that it says it is in; None if it says nothing."""

    path: Path
    sha256: str
    crs: Crs
    features: tuple[Feature, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the features' properties, in their order."""
        return tuple(dict.fromkeys(name for feature in self.features for name in feature.properties))


def read(path: Path, crs: Crs | None = None) -> BoundaryFile:
    """Read a file; ``crs`` overrules what it says of itself. Raises ImportRefused, naming the file."""
    suffix = path.suffix.lower()
    if suffix not in {".geojson", ".json", ".shp", ".zip"}:
        raise ImportRefused([f"{path}: not a file that is read here; give {_KINDS}"])
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ImportRefused([f"{path}: larger than 512 MB; cut your city and its neighbours out of it"])
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        own, features = _geojson(path) if suffix in {".geojson", ".json"} else _shapefile(path)
    except OSError as error:
        raise ImportRefused([f"{path}: {error.strerror}"]) from error
    except CrsUnknown as error:
        if crs is None:
            raise ImportRefused([f"{path}: crs: {error}"]) from error
        own, features = crs, _features_anyway(path)
    if not features:
        raise ImportRefused([f"{path}: it has no features"])
    return BoundaryFile(path, sha256, crs or own, tuple(features))


def _features_anyway(path: Path) -> list[Feature]:
    if path.suffix.lower() in {".geojson", ".json"}:
        return list(_members(path, _document(path)))
    with _opened(path) as reader:
        return list(_records(path, reader))


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise ImportRefused([f"{path}: no GeoJSON: {error}"]) from error
    if not isinstance(document, dict) or document.get("type") not in {"FeatureCollection", "Feature"}:
        raise ImportRefused([f"{path}: no GeoJSON: `type` has to be FeatureCollection; export it again"])
    return document


def _geojson(path: Path) -> tuple[Crs, list[Feature]]:
    document = _document(path)
    named = document.get("crs")
    name = named.get("properties", {}).get("name") if isinstance(named, dict) else None
    return crs_of.from_name(str(name)) if name else crs_of.Degrees(), list(_members(path, document))


def _members(path: Path, document: dict[str, Any]) -> Iterator[Feature]:
    members = [document] if document["type"] == "Feature" else document.get("features")
    if not isinstance(members, list):
        raise ImportRefused([f"{path}: no GeoJSON: `features` has to be a list; export it again"])
    for number, member in enumerate(members, start=1):
        if not isinstance(member, dict):
            raise ImportRefused([f"{path}: feature {number}: no GeoJSON feature; export it again"])
        properties = member.get("properties")
        own = dict(properties) if isinstance(properties, dict) else {}
        if "id" not in own and member.get("id") is not None:
            own["id"] = member["id"]
        yield Feature(path.name, number, own, member.get("geometry"))


def _shapefile(path: Path) -> tuple[Crs, list[Feature]]:
    wkt = _projection(path)
    crs = crs_of.from_wkt(wkt) if wkt else crs_of.Degrees()
    with _opened(path) as reader:
        return crs, list(_records(path, reader))


def _projection(path: Path) -> str | None:
    """Return what stands in the ``.prj`` beside a shapefile, or in its archive."""
    if path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                inside = [name for name in archive.namelist() if name.lower().endswith(".prj")]
                return archive.read(inside[0])[:100_000].decode("utf-8", "replace") if inside else None
        except zipfile.BadZipFile as error:
            raise ImportRefused([f"{path}: no zip archive: {error}"]) from error
    for suffix in (".prj", ".PRJ"):
        beside = path.with_suffix(suffix)
        if beside.is_file():
            return beside.read_text("utf-8", "replace")
    return None


def _opened(path: Path) -> Any:
    # UTF-8 unless a .cpg says otherwise.
    encoding = None if _says_encoding(path) else "utf-8"
    try:
        reader = shapefile.Reader(str(path), encoding=encoding, encodingErrors="replace")
    except (shapefile.ShapefileException, struct.error, zipfile.BadZipFile, ValueError) as error:
        raise ImportRefused([f"{path}: no shapefile: {error}"]) from error
    try:
        reader.dbf  # noqa: B018 - raises where there is none
    except shapefile.ShapefileException as error:
        reader.close()
        way_out = "ask for the whole set (.shp, .shx, .dbf, .prj)"
        raise ImportRefused([f"{path}: its .dbf is missing, so no feature has a name; {way_out}"]) from error
    return reader


def _says_encoding(path: Path) -> bool:
    return any(path.with_suffix(suffix).is_file() for suffix in (".cpg", ".CPG"))


def _records(path: Path, reader: Any) -> Iterator[Feature]:
    number = 0
    try:
        for number, member in enumerate(reader.iterShapeRecords(), start=1):
            geometry = None if member.shape.shapeType == 0 else member.shape.__geo_interface__
            yield Feature(path.name, number, dict(member.record.as_dict()), geometry)
    except (shapefile.ShapefileException, struct.error, ValueError, IndexError, EOFError) as error:
        raise ImportRefused([f"{path}: feature {number + 1}: cannot be read: {error}"]) from error

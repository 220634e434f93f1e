"""A small invented town, drawn in squares, under the names of four of Surabaya's kelurahan.

::

     112.74      112.75      112.76      112.77
    -7.25  ┌───────────┬───────────┬───────────┐
           │ Keputran  │  Gubeng   │           │
    -7.26  ├───────────┼───────────┤ Sidoarjo  │
           │ Tegalsari │   Mojo    │           │
    -7.27  └───────────┴───────────┴───────────┘
             kecamatan   kecamatan
             Tegalsari    Gubeng
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely import Polygon, box

from suar.areas.model import Area, Areas, Level

WEST, NORTH, SIDE = 112.74, -7.25, 0.01
KELURAHAN = {
    "35.78.05.1004": ("Keputran", 0, 0),
    "35.78.05.1001": ("Tegalsari", 0, 1),
    "35.78.08.1001": ("Gubeng", 1, 0),
    "35.78.08.1002": ("Mojo", 1, 1),
}
KECAMATAN = {"35.78.05": "Tegalsari", "35.78.08": "Gubeng"}


def square(column: float, row: float, wide: float = 1, high: float = 1) -> Polygon:
    """Return a rectangle of the grid, counted from its north-west corner."""
    west, north = WEST + column * SIDE, NORTH - row * SIDE
    return box(west, north - high * SIDE, west + wide * SIDE, north)


def middle(column: float, row: float) -> tuple[float, float]:
    """Return the latitude and longitude of a square's middle."""
    point = square(column, row).centroid
    return point.y, point.x


def areas() -> Areas:
    """Return the town, its neighbour and two fire circles, of which one leaves a corner of the town out."""
    found = [
        Area(Level.KELURAHAN, code, name, square(column, row))
        for code, (name, column, row) in KELURAHAN.items()
    ]
    found += [
        Area(Level.KECAMATAN, code, name, square(place, 0, high=2), True)
        for place, (code, name) in enumerate(KECAMATAN.items())
    ]
    found += [
        Area(Level.JURISDICTION, "35.78", "Kota Surabaya", square(0, 0, 2, 2), True),
        Area(Level.FIRE, "barat", "Rayon Barat", square(0, 0, high=2)),
        Area(Level.FIRE, "timur", "Rayon Timur", square(1, 0)),
        Area(Level.NEIGHBOUR, "35.15", "Kabupaten Sidoarjo", square(2, 0, high=2)),
    ]
    return Areas(version=1, areas=tuple(found))


def features(**renamed: str) -> list[dict[str, Any]]:
    """Return the four kelurahan as GeoJSON, their properties called as told: ``code="KDEPUM"``."""
    called = {"code": "kode", "name": "nama", "parent": "kecamatan"} | renamed
    return [
        {
            "type": "Feature",
            "properties": {
                called["code"]: code,
                called["name"]: name,
                called["parent"]: KECAMATAN[code.rpartition(".")[0]],
            },
            "geometry": json.loads(json.dumps(square(column, row).__geo_interface__)),
        }
        for code, (name, column, row) in KELURAHAN.items()
    ]


def write(path: Path, found: list[dict[str, Any]], **members: Any) -> Path:
    """Write features as a GeoJSON file."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found, **members}))
    return path

"""Which coordinates a file is in, and how they become degrees (WGS 84).

Read are degrees and transverse Mercator metres (UTM, and the TM-3 of Indonesia's land registry) on WGS 84,
DGN95 and SRGI2013, which lie within a metre of one another. Anything else is refused: another datum would
move every border by hundreds of metres without a sign of it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Coordinates = NDArray[np.float64]
"""x and y, or longitude and latitude, a row a point."""

WAY_OUT = "say --crs EPSG:<number>, or convert the file: ogr2ogr -t_srs EPSG:4326 new.geojson old"

_DATUMS = (
    "wgs1984",
    "wgs84",
    "dgn1995",
    "dgn95",
    "datumgeodesinasional1995",
    "srgi2013",
    "geospasialindonesia2013",
)
_DEGREES = {4326, 4755, 9470}
_A, _F = 6378137.0, 1 / 298.257223563
_N = _F / (2 - _F)
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_DELTA = (
    2 * _N - 2 * _N**2 / 3 - 2 * _N**3 + 116 * _N**4 / 45,
    7 * _N**2 / 3 - 8 * _N**3 / 5 - 227 * _N**4 / 45,
    56 * _N**3 / 15 - 136 * _N**4 / 35,
    4279 * _N**4 / 630,
)


@dataclass(frozen=True, slots=True)
class Degrees:
    """Longitude and latitude: nothing is to be done."""

    def to_degrees(self, given: Coordinates) -> Coordinates:
        return given


@dataclass(frozen=True, slots=True)
class TransverseMercator:
    """Metres east and north, from a meridian and the equator."""

    meridian: float
    scale: float = 0.9996
    false_easting: float = 500_000.0
    false_northing: float = 0.0

    def to_degrees(self, given: Coordinates) -> Coordinates:
        """Return longitudes and latitudes, by Krüger's series to the fourth order: good to a millimetre."""
        north = (given[:, 1] - self.false_northing) / (self.scale * _RADIUS)
        east = (given[:, 0] - self.false_easting) / (self.scale * _RADIUS)
        steps = [(beta, 2 * (place + 1)) for place, beta in enumerate(_BETA)]
        xi = north - sum(beta * np.sin(k * north) * np.cosh(k * east) for beta, k in steps)
        eta = east - sum(beta * np.cos(k * north) * np.sinh(k * east) for beta, k in steps)
        conformal = np.arcsin(np.sin(xi) / np.cosh(eta))
        terms = [(delta, 2 * (place + 1)) for place, delta in enumerate(_DELTA)]
        latitude = conformal + sum(delta * np.sin(k * conformal) for delta, k in terms)
        longitude = self.meridian + np.degrees(np.arctan2(np.sinh(eta), np.cos(xi)))
        return np.column_stack([longitude, np.degrees(latitude)])


Crs = Degrees | TransverseMercator


class CrsUnknown(ValueError):
    """These coordinates cannot be read."""


def from_name(name: str) -> Crs:
    """Read ``EPSG:32749`` or the URN of it, or of CRS84. Raises :class:`CrsUnknown`."""
    if re.search(r"CRS84$", name.strip(), re.IGNORECASE):
        return Degrees()
    found = re.fullmatch(r"\s*(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,5})\s*", name, re.IGNORECASE)
    crs = _from_epsg(int(found[1])) if found else None
    if crs is None:
        raise CrsUnknown(f"{name!r} is not read here; {WAY_OUT}")
    return crs


def _from_epsg(number: int) -> Crs | None:
    if number in _DEGREES:
        return Degrees()
    # WGS 84 / UTM north and south, then DGN95 / UTM north and south: first number, first zone, last number.
    for first, zone, last, northing in (
        (32601, 1, 32660, 0.0),
        (32701, 1, 32760, 1e7),
        (23866, 46, 23872, 0.0),
        (23877, 47, 23884, 1e7),
    ):
        if first <= number <= last:
            return TransverseMercator(6.0 * (zone + number - first) - 183, false_northing=northing)
    if 23830 <= number <= 23845:  # DGN95 / Indonesia TM-3, zones 46.2 to 54.1
        return TransverseMercator(94.5 + 3.0 * (number - 23830), 0.9999, 200_000.0, 1_500_000.0)
    return None


def from_wkt(text: str) -> Crs:
    """Read a shapefile's ``.prj``. Raises :class:`CrsUnknown`."""
    called = re.match(r'\s*(PROJCS|GEOGCS)\s*\[\s*"([^"]*)"', text)
    datum = re.search(r'\bDATUM\s*\[\s*"([^"]*)"', text)
    name = called[2] if called else text[:40]
    if called is None or datum is None:
        raise CrsUnknown(f"the .prj file says {name!r}, which is not read here; {WAY_OUT}")
    plain = re.sub(r"[^a-z0-9]", "", datum[1].lower())
    if not any(known in plain for known in _DATUMS):
        raise CrsUnknown(f"the .prj file says {name!r}, on the datum {datum[1]!r}; {WAY_OUT}")
    if called[1] == "GEOGCS":
        return Degrees()
    return _mercator(text, name)


def _mercator(text: str, name: str) -> Crs:
    projection = re.search(r'PROJECTION\s*\[\s*"([^"]*)"', text)
    given = {
        key.lower(): float(value)
        for key, value in re.findall(r'PARAMETER\s*\[\s*"([^"]*)"\s*,\s*([-+0-9.eE]+)', text)
    }
    units = re.findall(r'UNIT\s*\[\s*"[^"]*"\s*,\s*([-+0-9.eE]+)', text)
    is_mercator = projection is not None and projection[1].lower().startswith("transverse_mercator")
    if (
        not is_mercator
        or "central_meridian" not in given
        or given.get("latitude_of_origin", 0.0) != 0
        or not units
        or not math.isclose(float(units[-1]), 1.0)
    ):
        raise CrsUnknown(f"the .prj file says {name!r}, a projection that is not read here; {WAY_OUT}")
    return TransverseMercator(
        given["central_meridian"],
        given.get("scale_factor", 1.0),
        given.get("false_easting", 0.0),
        given.get("false_northing", 0.0),
    )

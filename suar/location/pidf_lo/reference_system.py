"""The coordinate reference system of a shape: which number is the latitude, and on which datum."""

from __future__ import annotations

import re
from dataclasses import dataclass

from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes

_EXACT = {"urn:ogc:def:crs:EPSG::4326": 2, "urn:ogc:def:crs:EPSG::4979": 3}
_EPSG = re.compile(r"(?:^|epsg)(?:\.xml)?[^a-z]*?(?:\d+(?:\.\d+)+)?[:/#.]*(\d{4,5})$", re.IGNORECASE)
_LONGEST = 200
"""No system's name is longer; to look for a code in one that is takes time that grows with its square."""
_WGS84 = {"4326": 2, "4979": 3, "4329": 3, "4327": 3}
_NEAR = {
    # ETRS89, NAD83, GDA94, GDA2020, and Indonesia's own: DGN95 and SRGI2013. Plate tectonics apart, the same.
    "4258": 2, "4937": 3, "4269": 2, "4283": 2, "7844": 2, "4755": 2, "4898": 3, "9470": 2, "9469": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReferenceSystem:
    """How to read the numbers of a position."""

    dimensions: int
    """2 or 3, or 0 where nothing says so."""
    is_longitude_first: bool = False


def read_system(element: Element, notes: Notes) -> ReferenceSystem | None:
    """Return the system of an element, its own or that of the elements around it; None if it is unsupported.

    A projected system, or a datum that is hundreds of metres away, is not guessed at.
    """
    around: Element | None = element
    name = ""
    while around is not None and not name:
        name = around.attributes.get("srsname", "").strip()
        around = None if around.key == "location-info" else around.parent
    if not name:
        notes.flag(Flag.SRS_MISSING)
        return ReferenceSystem(0)
    if len(name) > _LONGEST:
        return None
    if name in _EXACT:
        return ReferenceSystem(_EXACT[name])
    found = _EPSG.search(name)
    code = found[1] if found else ""
    if code in _WGS84:
        notes.flag(Flag.SRS_SPELLING)
        return ReferenceSystem(_WGS84[code])
    if code in _NEAR:
        notes.flag(Flag.SRS_NEAR_WGS84)
        return ReferenceSystem(_NEAR[code])
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if plain.endswith(("crs84", "crs84h")):
        notes.flag(Flag.LONGITUDE_FIRST)
        return ReferenceSystem(3 if plain.endswith("h") else 2, is_longitude_first=True)
    if plain in {"wgs84", "wgs1984", "2d", "3d", "worldgeodeticsystem1984"}:
        notes.flag(Flag.SRS_SPELLING)
        return ReferenceSystem({"2d": 2, "3d": 3}.get(plain, 0))
    return None

"""Positions: ``pos``, ``posList`` and the old ``coordinates`` (GML 3.1.1, RFC 5491, section 5)."""

from __future__ import annotations

from suar.location.faults import Fault
from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.numbers import read_angles, read_numbers
from suar.location.pidf_lo import namespaces as ns
from suar.location.pidf_lo.reference_system import ReferenceSystem, read_system
from suar.location.shapes import Position

MOST_CORNERS = 2_000
_LOWEST_M, _HIGHEST_M = -12_000.0, 100_000.0
_NULL_ISLAND_DEG = 1e-4
"""Eleven metres: a handset without a fix sends zeros, and the Gulf of Guinea has no caller of ours."""


def read_center(shape: Element, notes: Notes) -> Position | None:
    """Return the position of a shape that has one; None, and a problem, if it has none that can be used."""
    holder = _holder(shape)
    if holder is None or not holder.is_whole:
        notes.fault(Fault.POSITION_MISSING, f"The {shape.name} has no pos.", shape.where)
        return None
    system = _system(holder, notes)
    return None if system is None else _one(holder, system, notes)


def read_corners(ring: Element, notes: Notes) -> list[Position] | None:
    """Return a ring's positions as they stand: of its ``posList``, or of its many ``pos``."""
    listed = ring.first("poslist")
    if listed is None:
        listed = ring.first("coordinates")
    if listed is not None:
        system = _system(listed, notes)
        if system is None or not listed.is_whole:
            return None
        ns.check(listed, "posList" if listed.key == "poslist" else "coordinates", ns.GML, notes=notes)
        return _list(listed, system, notes)
    holders = [holder for child in ring.children if (holder := _of_corner(child)) is not None]
    if len(holders) > MOST_CORNERS:
        notes.fault(Fault.RING_TOO_LONG, f"The ring has more than {MOST_CORNERS} points.", ring.where)
        return None
    corners = []
    for holder in holders:
        system = _system(holder, notes)
        corner = None if system is None else _one(holder, system, notes)
        if corner is None:
            # A polygon that misses a corner is another polygon.
            return None
        corners.append(corner)
    return corners


def place(numbers: list[float], system: ReferenceSystem, notes: Notes, where: str) -> Position | None:
    """Return the position of two or three numbers, or None and the problem that they have."""
    first, second = numbers[0], numbers[1]
    latitude, longitude = (second, first) if system.is_longitude_first else (first, second)
    if abs(latitude) > 90 and abs(latitude) <= 180 and abs(longitude) <= 90:
        notes.flag(Flag.LAT_LON_SWAPPED)
        latitude, longitude = longitude, latitude
    if 180 < longitude <= 360 and abs(latitude) <= 90:
        notes.flag(Flag.LONGITUDE_WRAPPED)
        longitude -= 360
    if abs(latitude) > 90 or abs(longitude) > 180:
        notes.fault(
            Fault.POSITION_OUT_OF_RANGE,
            "The latitude is beyond 90 degrees or the longitude beyond 180, in either order.",
            where,
        )
        return None
    if abs(latitude) < _NULL_ISLAND_DEG and abs(longitude) < _NULL_ISLAND_DEG:
        notes.fault(Fault.POSITION_ZERO, "The position is 0,0: that is a sender without a fix.", where)
        return None
    if latitude.is_integer() and longitude.is_integer():
        notes.flag(Flag.WHOLE_DEGREES)
    altitude = numbers[2] if len(numbers) > 2 else None
    if altitude is not None and not _LOWEST_M <= altitude <= _HIGHEST_M:
        notes.flag(Flag.ALTITUDE_UNUSABLE)
        altitude = None
    return Position(latitude, longitude, altitude)


def _holder(shape: Element) -> Element | None:
    found = shape.first("pos", "coordinates")
    for wrapper in ("center", "centre", "point", "pointproperty", "location"):
        if found is None and (inner := shape.first(wrapper)) is not None:
            found = _holder(inner) if inner.children else inner
    return found


def _of_corner(child: Element) -> Element | None:
    if child.key == "pos":
        return child
    return _holder(child) if child.key in {"pointproperty", "pointrep", "point"} else None


def _system(holder: Element, notes: Notes) -> ReferenceSystem | None:
    system = read_system(holder, notes)
    if system is None:
        notes.fault(
            Fault.SRS_UNSUPPORTED,
            "The reference system of the coordinates is not WGS 84 in degrees "
            "(urn:ogc:def:crs:EPSG::4326 or ::4979), nor one near it.",
            holder.where,
        )
    return system


def _one(holder: Element, system: ReferenceSystem, notes: Notes) -> Position | None:
    if holder.key == "coordinates":
        notes.flag(Flag.GML_COORDINATES)
        ns.check(holder, "coordinates", ns.GML, notes=notes)
    else:
        ns.check(holder, "pos", ns.GML, notes=notes)
    text = holder.text
    mine = Notes()
    numbers = read_numbers(text[:200], mine) if len(text.strip()) <= 200 else None
    if numbers is None:
        mine = Notes()
        angles = read_angles(text, mine)
        numbers = None if angles is None else list(angles)
        # Letters have said which is which.
        system = ReferenceSystem(2) if angles is not None else system
    elif holder.key == "coordinates":
        # There the comma is the rule, and what stands between the numbers of one position.
        mine = Notes()
    notes.merge(mine)
    if numbers is None or not 2 <= len(numbers) <= 3:
        notes.fault(
            Fault.POSITION_UNUSABLE,
            "The pos is not two or three numbers: latitude, longitude and perhaps altitude.",
            holder.where,
        )
        return None
    _note_dimensions(len(numbers), system, notes)
    return place(numbers, system, notes, holder.where)


def _list(holder: Element, system: ReferenceSystem, notes: Notes) -> list[Position] | None:
    numbers: list[float] | None = None
    if len(holder.text) <= MOST_CORNERS * 60:
        numbers = read_numbers(holder.text, notes)
        if holder.key == "coordinates":
            notes.flag(Flag.GML_COORDINATES)
    if numbers is None:
        notes.fault(Fault.POSITION_UNUSABLE, "The posList is not a list of numbers.", holder.where)
        return None
    size = _size(numbers, holder, system)
    if size is None:
        notes.fault(
            Fault.POSITION_UNUSABLE,
            "The posList's numbers do not make whole positions of two or three.",
            holder.where,
        )
        return None
    if len(numbers) > size * MOST_CORNERS:
        notes.fault(Fault.RING_TOO_LONG, f"The ring has more than {MOST_CORNERS} points.", holder.where)
        return None
    _note_dimensions(size, system, notes)
    corners = []
    for start in range(0, len(numbers), size):
        corner = place(numbers[start : start + size], system, notes, holder.where)
        if corner is None:
            return None
        corners.append(corner)
    return corners


def _size(numbers: list[float], holder: Element, system: ReferenceSystem) -> int | None:
    """How many numbers make one position: what is said, unless the numbers show that it cannot be so."""
    stated = {"2": 2, "3": 3}.get(holder.attributes.get("srsdimension", "").strip(), system.dimensions or 2)
    other = 5 - stated
    if len(numbers) % stated:
        return other if len(numbers) % other == 0 else None
    if len(numbers) % other == 0 and not _closes(numbers, stated) and _closes(numbers, other):
        return other
    return stated


def _closes(numbers: list[float], size: int) -> bool:
    return len(numbers) >= 4 * size and numbers[:2] == numbers[-size : len(numbers) - size + 2]


def _note_dimensions(count: int, system: ReferenceSystem, notes: Notes) -> None:
    if system.dimensions and count != system.dimensions:
        notes.flag(Flag.SRS_DIMENSION)

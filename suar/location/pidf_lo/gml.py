"""The shapes of RFC 5491, section 5.2, from their elements."""

from __future__ import annotations

from collections.abc import Callable

from suar.location.faults import Fault
from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.pidf_lo import namespaces as ns
from suar.location.pidf_lo.positions import MOST_CORNERS, read_center, read_corners
from suar.location.pidf_lo.units import read_angle, read_length
from suar.location.shapes import (
    ArcBand,
    Circle,
    Ellipse,
    Ellipsoid,
    Point,
    Polygon,
    Position,
    Prism,
    Shape,
    Sphere,
)

UNSUPPORTED = {
    "multipoint", "linestring", "curve", "surface", "envelope", "box", "solid", "multipolygon",
    "multisurface", "multicurve", "relative-location",
}  # fmt: skip
"""Shapes that some send and RFC 5491 does not have: said to be so, rather than passed over."""


def is_shape(element: Element) -> bool:
    """Whether it is one of the eight shapes."""
    return element.key in _READERS


def read_shape(element: Element, notes: Notes) -> Shape | None:
    """Return the shape of an element, or None with the problem in ``notes``.

    What is not whole is not used: a shape that breaks off has lost what bounds it.
    """
    if not element.is_whole:
        notes.fault(Fault.SHAPE_BROKEN_OFF, f"The {element.name} breaks off.", element.where)
        return None
    name, namespace, reader = _READERS[element.key]
    ns.check(element, name, namespace, notes=notes)
    return reader(element, notes)


def _point(element: Element, notes: Notes) -> Shape | None:
    center = read_center(element, notes)
    return None if center is None else Point(center)


def _circle(element: Element, notes: Notes) -> Shape | None:
    center = read_center(element, notes)
    if center is None:
        return None
    radius = read_length(element.first("radius"), notes)
    if radius is None:
        notes.flag(Flag.RADIUS_UNUSABLE)
        return Point(center)
    if radius == 0:
        notes.flag(Flag.RADIUS_ZERO)
    return Sphere(center, radius) if element.key == "sphere" else Circle(center, radius)


def _ellipse(element: Element, notes: Notes) -> Shape | None:
    center = read_center(element, notes)
    if center is None:
        return None
    major, minor = (read_length(element.first(name), notes) for name in ("semimajoraxis", "semiminoraxis"))
    vertical = read_length(element.first("verticalaxis"), notes) if element.key == "ellipsoid" else None
    orientation = read_angle(element.first("orientation"), notes)
    if element.key == "ellipsoid" and vertical is None:
        notes.flag(Flag.HEIGHT_UNUSABLE)
    if major is None and minor is None:
        notes.flag(Flag.RADIUS_UNUSABLE)
        return Point(center)
    if major is None:
        # The minor axis alone does not bound it.
        notes.flag(Flag.AXIS_MISSING, Flag.RADIUS_UNUSABLE)
        return Point(center)
    if major == 0 and not minor:
        notes.flag(Flag.RADIUS_ZERO)
    if minor is None or (orientation is None and minor != major):
        notes.flag(Flag.AXIS_MISSING if minor is None else Flag.ANGLE_MISSING)
        return Circle(center, max(major, minor or 0.0))
    turned = _wrap(orientation or 0.0, notes)
    if minor > major:
        notes.flag(Flag.AXES_SWAPPED)
        major, minor, turned = minor, major, turned + 90
    turned %= 180
    if vertical is None:
        return Ellipse(center, major, minor, turned)
    return Ellipsoid(center, major, minor, turned, vertical)


def _arc_band(element: Element, notes: Notes) -> Shape | None:
    center = read_center(element, notes)
    if center is None:
        return None
    inner, outer = (read_length(element.first(name), notes) for name in ("innerradius", "outerradius"))
    start, opening = (read_angle(element.first(name), notes) for name in ("startangle", "openingangle"))
    if outer is None:
        notes.flag(Flag.RADIUS_UNUSABLE)
        return Point(center)
    if inner is None:
        notes.flag(Flag.AXIS_MISSING)
        inner = 0.0
    if inner > outer:
        notes.flag(Flag.AXES_SWAPPED)
        inner, outer = outer, inner
    if outer == 0:
        notes.flag(Flag.RADIUS_ZERO)
    if start is None or opening is None or opening < 0 or opening > 360:
        notes.flag(Flag.ANGLE_MISSING, Flag.BAND_SIMPLIFIED)
        return Circle(center, outer)
    return ArcBand(center, inner, outer, _wrap(start, notes), opening)


def _polygon(element: Element, notes: Notes) -> Polygon | None:
    if element.first("interior", "innerboundaryis") is not None:
        notes.flag(Flag.INTERIOR_IGNORED)
    outside = element.first("exterior", "outerboundaryis")
    ring = (outside or element).first("linearring", "ring")
    if outside is None or ring is None:
        notes.flag(Flag.STRUCTURE_UNUSUAL)
        ring = ring or outside or element
    corners = read_corners(ring, notes)
    if corners is None:
        if not notes.problems:
            notes.fault(Fault.POSITION_MISSING, "The ring has no points that can be used.", element.where)
        return None
    return _close(corners, element, notes)


def _close(corners: list[Position], element: Element, notes: Notes) -> Polygon | None:
    ring: list[Position] = []
    for corner in corners:
        if ring and corner == ring[-1]:
            notes.flag(Flag.RING_POINT_REPEATED)
        else:
            ring.append(corner)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    elif len(ring) > 1:
        notes.flag(Flag.RING_OPEN)
    if len(set(ring)) < 3:
        notes.fault(
            Fault.RING_TOO_SHORT, "A polygon has at least three different points, and the first again.",
            element.where,
        )  # fmt: skip
        return None
    if len(ring) > MOST_CORNERS:
        notes.fault(Fault.RING_TOO_LONG, f"The ring has more than {MOST_CORNERS} points.", element.where)
        return None
    if _is_clockwise(ring):
        notes.flag(Flag.RING_CLOCKWISE)
    if len({corner.altitude_m for corner in ring}) > 1:
        notes.flag(Flag.RING_UNLEVEL)
    return Polygon(tuple(ring))


def _prism(element: Element, notes: Notes) -> Shape | None:
    base = element.first("base")
    if base is None:
        notes.flag(Flag.STRUCTURE_UNUSUAL)
    inner = (base or element).first("polygon")
    if inner is None:
        notes.fault(Fault.POSITION_MISSING, "The Prism has no Polygon for its base.", element.where)
        return None
    ns.check(inner, "Polygon", ns.GML, notes=notes)
    polygon = _polygon(inner, notes)
    if polygon is None:
        return None
    rise = read_length(element.first("height"), notes)
    if rise is None:
        notes.flag(Flag.HEIGHT_UNUSABLE)
        return polygon
    return Prism(polygon, rise)


def _wrap(angle: float, notes: Notes) -> float:
    if not 0 <= angle <= 360:
        notes.flag(Flag.ANGLE_WRAPPED)
    return angle % 360


def _is_clockwise(ring: list[Position]) -> bool:
    twice = 0.0
    for corner, after in zip(ring, ring[1:] + ring[:1], strict=True):
        # Longitudes from the first, so that the date line is nothing special.
        east = (corner.longitude - ring[0].longitude + 180) % 360 - 180
        after_east = (after.longitude - ring[0].longitude + 180) % 360 - 180
        twice += east * after.latitude - after_east * corner.latitude
    return twice < 0


_READERS: dict[str, tuple[str, str, Callable[[Element, Notes], Shape | None]]] = {
    "point": ("Point", ns.GML, _point),
    "circle": ("Circle", ns.SHAPES, _circle),
    "ellipse": ("Ellipse", ns.SHAPES, _ellipse),
    "arcband": ("ArcBand", ns.SHAPES, _arc_band),
    "polygon": ("Polygon", ns.GML, _polygon),
    "sphere": ("Sphere", ns.SHAPES, _circle),
    "ellipsoid": ("Ellipsoid", ns.SHAPES, _ellipse),
    "prism": ("Prism", ns.SHAPES, _prism),
}

"""What is odd about the areas that a city has imported: told, and for the administrator to judge."""

from __future__ import annotations

import math
from collections.abc import Iterator

import shapely
from shapely import STRtree

from suar.areas.model import Area, Areas, Level, Polygons
from suar.areas.registry import registry_of
from suar.areas.shapes import METRES_PER_DEGREE
from suar.city import City

_MUCH = 0.03
"""The share of an area that may lie where it should not, since nobody draws a line twice alike."""
_MOST_NAMED = 5


def area_km2(shape: Polygons) -> float:
    """Return an area in square kilometres, good to a per cent."""
    middle = math.radians(shape.centroid.y)
    return float(shape.area) * (METRES_PER_DEGREE / 1000) ** 2 * math.cos(middle)


def complaints(areas: Areas, city: City) -> Iterator[str]:
    """Yield what does not fit together, a sentence each."""
    jurisdiction = areas.of(Level.JURISDICTION)
    if not jurisdiction:
        yield "no boundary of the city is imported: every place is `unknown`"
        return
    whole = shapely.union_all([area.shape for area in jurisdiction])
    yield from _missing(areas, city)
    yield from _overlaps(areas.of(Level.KELURAHAN))
    yield from _strays(areas)
    for level in (Level.KELURAHAN, Level.KECAMATAN, Level.FIRE):
        yield from _cover(areas.of(level), level, whole)
    for area in areas.of(Level.NEIGHBOUR):
        shared = area.shape.intersection(whole).area / min(area.shape.area, whole.area)
        if shared > _MUCH:
            yield f"neighbour {area.name} ({area.code}): {shared:.0%} of it lies in the city"
    drawn = {area.code for area in areas.of(Level.NEIGHBOUR)}
    for neighbour in city.neighbours:
        if neighbour.code not in drawn:
            yield f"neighbours ({neighbour.id}): no boundary is imported; a caller there is only `outside`"
    for post in city.posts:
        if post.latitude is not None and not whole.intersects(shapely.Point(post.longitude, post.latitude)):
            yield f"posts ({post.id}): latitude, longitude: it stands outside of the city"


def _missing(areas: Areas, city: City) -> Iterator[str]:
    """What Kemendagri's list has and the map has not, and the other way round."""
    if city.areas.code is None:
        return
    registry = registry_of(city.areas.code)
    for level in (Level.KECAMATAN, Level.KELURAHAN):
        drawn = {area.code: area.name for area in areas.of(level)}
        official = {entry.code: entry.name for entry in registry.of(level)}
        if not drawn:
            continue
        missing = [f"{name} ({code})" for code, name in official.items() if code not in drawn]
        unknown = [f"{name} ({code})" for code, name in drawn.items() if code not in official]
        if missing:
            yield f"{level}: {len(missing)} of {len(official)} are not drawn: {_listed(missing)}"
        if unknown:
            yield f"{level}: {len(unknown)} are not in Kemendagri's list: {_listed(unknown)}"


def _overlaps(kelurahan: tuple[Area, ...]) -> Iterator[str]:
    shapes = [area.shape for area in kelurahan]
    tree = STRtree(shapes)
    for first, second in zip(*tree.query(shapes, predicate="intersects"), strict=True):
        if first < second:
            one, other = kelurahan[first], kelurahan[second]
            shared = one.shape.intersection(other.shape).area / min(one.shape.area, other.shape.area)
            if shared > _MUCH:
                yield f"kelurahan {one.name} and {other.name} overlap by {shared:.0%} of the smaller"


def _strays(areas: Areas) -> Iterator[str]:
    """Kelurahan that lie outside of the kecamatan that their code names."""
    kecamatan = {area.code: area for area in areas.of(Level.KECAMATAN) if not area.is_derived}
    strays: list[str] = []
    for area in areas.of(Level.KELURAHAN):
        parent = kecamatan.get(area.code.rpartition(".")[0])
        if parent is not None:
            outside = area.shape.difference(parent.shape).area / area.shape.area
            if outside > _MUCH:
                strays.append(f"{area.name} ({outside:.0%})")
    if strays:
        yield (
            f"kelurahan: {len(strays)} lie partly outside of their kecamatan, so one of the two drawings "
            f"is coarse: {_listed(strays)}"
        )


def _cover(areas: tuple[Area, ...], level: Level, whole: Polygons) -> Iterator[str]:
    if not areas:
        return
    covered = shapely.union_all([area.shape for area in areas])
    bare = whole.difference(covered).area / whole.area
    beyond = covered.difference(whole).area / whole.area
    if bare > _MUCH:
        yield f"{level}: {bare:.0%} of the city is in none"
    if beyond > _MUCH and level is not Level.FIRE:
        yield f"{level}: they reach beyond the city's boundary by {beyond:.0%} of its area"


def _listed(names: list[str]) -> str:
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + rest

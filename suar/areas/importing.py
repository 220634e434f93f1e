"""Importing boundary files: read, recognised, mended, joined, and put in the place of what they renew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import shapely

from suar.areas import reading
from suar.areas.columns import Chosen, recognise
from suar.areas.crs import Crs
from suar.areas.errors import ImportRefused
from suar.areas.mending import ShapeUnusable, mend
from suar.areas.model import Area, Areas, Level, Polygons, Source
from suar.areas.naming import Named, describe, name_all
from suar.areas.registry import city_name, registry_of
from suar.areas.shapes import METRES_PER_DEGREE
from suar.city import City

# Gaps that are closed where areas are joined: narrower than a river, smaller than a block of houses.
_SEAM_M = 10.0
_HOLE_M2 = 100_000.0


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import makes of the areas, and what the administrator should know of it."""

    areas: Areas
    notes: tuple[str, ...]


def import_files(
    paths: Sequence[Path],
    city: City,
    before: Areas,
    now: datetime,
    chosen: Chosen,
    *,
    crs: Crs | None = None,
    origin: str | None = None,
    licence: str | None = None,
) -> Imported:
    """Return the areas with those of the files in the place of the same levels' before.

    Raises :class:`~suar.areas.errors.ImportRefused` with everything that is wrong.
    """
    problems: list[str] = []
    notes: list[str] = []
    found: list[Area] = []
    parents: dict[str, str] = {}
    sources: list[Source] = []
    for path in paths:
        try:
            file = reading.read(path, crs)
            columns = recognise(file, chosen)
        except ImportRefused as error:
            problems += error.problems
            continue
        naming = name_all(file.features, columns, city)
        problems += naming.problems
        notes += naming.notes
        if naming.elsewhere:
            notes.append(f"{path.name}: {naming.elsewhere} features of other cities were left out")
        own = _shaped(naming.named, file.crs, problems, notes)
        if not own and not naming.problems:
            problems.append(f"{path}: nothing in it is of {city.name} or a neighbour; is it the right file?")
        found += own
        parents |= {named.code: named.parent for named in naming.named if named.parent}
        levels = tuple(sorted({area.level for area in own}))
        sources.append(Source(path.name, file.sha256, now, levels, origin, licence))
    if problems:
        raise ImportRefused(problems)
    return Imported(_renewed(before, found, parents, sources, city), tuple(notes))


def _shaped(named: Iterable[Named], crs: Crs, problems: list[str], notes: list[str]) -> list[Area]:
    """Mend each feature's shape, and join those that are parts of one area."""
    pieces: dict[tuple[Level, str], list[Polygons]] = defaultdict(list)
    names: dict[tuple[Level, str], str] = {}
    for one in named:
        try:
            shape, repaired = mend(one.feature.geometry, crs)
        except ShapeUnusable as error:
            problems.append(f"{describe(one.feature, one.name)}: geometry: {error}")
            continue
        if repaired:
            notes.append(f"{describe(one.feature, one.name)}: {repaired}")
        key = (one.level, one.code)
        if names.setdefault(key, one.name) != one.name:
            problems.append(
                f"{describe(one.feature, one.name)}: code: {one.code} is {names[key]}'s too; "
                "give each a code of its own"
            )
        pieces[key].append(shape)
    return [
        Area(level, code, names[level, code], shapely.union_all(shapes) if len(shapes) > 1 else shapes[0])
        for (level, code), shapes in sorted(pieces.items())
    ]


def _renewed(
    before: Areas, found: list[Area], parents: dict[str, str], sources: list[Source], city: City
) -> Areas:
    new_levels = {area.level for area in found}
    # Neighbours come one by one; any other level comes whole.
    new_neighbours = {area.code for area in found if area.level is Level.NEIGHBOUR}
    kept = [
        area
        for area in before.areas
        if not area.is_derived
        and (area.level not in new_levels or area.level is Level.NEIGHBOUR)
        and not (area.level is Level.NEIGHBOUR and area.code in new_neighbours)
    ]
    known = {area.code: area.name for area in before.areas}
    areas = _derive([*kept, *found], known, parents, city)
    old_sources = [
        replace(source, levels=tuple(level for level in source.levels if _still(level, new_levels)))
        for source in before.sources
        if source.file not in {new.file for new in sources}
    ]
    return Areas(
        before.version + 1,
        tuple(sorted(areas, key=lambda area: (area.level, area.code))),
        (*(source for source in old_sources if source.levels), *sources),
    )


def _still(level: Level, new_levels: set[Level]) -> bool:
    return level is Level.NEIGHBOUR or level not in new_levels


def _derive(areas: list[Area], known: dict[str, str], parents: dict[str, str], city: City) -> list[Area]:
    """Add the levels that the city has no drawing of, joined from the next finer one."""
    registry = registry_of(city.areas.code) if city.areas.code else None
    kelurahan = [area for area in areas if area.level is Level.KELURAHAN]
    if kelurahan and not any(area.level is Level.KECAMATAN for area in areas):
        groups: dict[str, list[Area]] = defaultdict(list)
        for area in kelurahan:
            if area.code.count(".") == 3:
                groups[area.code.rpartition(".")[0]].append(area)
        for code, group in groups.items():
            entry = registry.by_code(code) if registry else None
            name = entry.name if entry else parents.get(group[0].code) or known.get(code) or code
            shape = shapely.union_all([area.shape for area in group])
            areas.append(Area(Level.KECAMATAN, code, name, shape, is_derived=True))
    if not any(area.level is Level.JURISDICTION for area in areas):
        finest = kelurahan or [area for area in areas if area.level is Level.KECAMATAN]
        if finest:
            own = city.areas.code
            name = (city_name(own) if own else None) or city.name
            shape = _joined([area.shape for area in finest])
            areas.append(Area(Level.JURISDICTION, own or city.node, name, shape, is_derived=True))
    return areas


def _joined(shapes: Sequence[Polygons]) -> Polygons:
    """Return one area of several, with the seams between them closed."""
    whole = shapely.union_all(shapes)
    seam = _SEAM_M / METRES_PER_DEGREE
    closed = whole.buffer(seam, join_style="mitre").buffer(-seam, join_style="mitre")
    whole = shapely.union_all([whole, closed])
    polygons = [_filled(part) for part in shapely.get_parts(whole) if isinstance(part, shapely.Polygon)]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _filled(polygon: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon without the holes that are slips of the pen; an enclave is larger."""
    smallest = _HOLE_M2 / METRES_PER_DEGREE**2
    holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area > smallest]
    return shapely.Polygon(polygon.exterior, holes)

"""One question for all: what may these letters mean?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from suar.areas.gazetteer.coordinates import Point, parse_coordinates, parse_plus_code, plus_code_of
from suar.areas.gazetteer.place import Kind, Place
from suar.areas.gazetteer.search import Found, Index
from suar.areas.model import Area, Level
from suar.areas.placement import Atlas
from suar.areas.registry import Entry, registry_of
from suar.areas.shapes import metres_apart
from suar.areas.words import words_of
from suar.city import City

LONGEST = 200
"""Letters of a question that are looked at."""
_HOUSE = re.compile(r"\s(?:(?:no|nomor)\.?\s*)?(\d{1,4}\s?[a-z]?(?:[-/]\d{1,4})?)\s*$", re.IGNORECASE)
_KINDS = {Level.KECAMATAN: Kind.KECAMATAN, Level.KELURAHAN: Kind.KELURAHAN}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place, and the words for it that go into the incident."""

    place: Place
    words: str
    score: float


class Finder:
    """What a city knows of its places: Kemendagri's names, what was imported, and any coordinates."""

    def __init__(self, city: City, atlas: Atlas, imported: Sequence[Place] = ()) -> None:
        self.near = _middle_of(city, atlas)
        """What short plus codes and coordinates without a sign are near to."""
        self.index = Index([*_official(city, atlas), *_placed(imported, atlas)])

    def find(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Return what the text may mean, the most likely first."""
        text = text[:LONGEST]
        exact = self._exact(text)
        if exact is not None:
            return [exact]
        return [_worded(found, text) for found in self.index.search(text, limit)]

    def _exact(self, text: str) -> Suggestion | None:
        point = parse_coordinates(text, self.near)
        if point is not None:
            lat, lon = point
            name = f"{lat:.6f}, {lon:.6f}"
            place = Place(Kind.COORDINATES, name, plus_code_of(lat, lon), lat, lon, 10.0)
            return Suggestion(place, name, 2.0)
        code = parse_plus_code(text, self.near)
        if code is not None:
            detail = f"{code.lat:.6f}, {code.lon:.6f}"
            place = Place(Kind.PLUS_CODE, code.code, detail, code.lat, code.lon, code.radius_m)
            return Suggestion(place, f"{code.code} ({detail})", 2.0)
        return None


def _worded(found: Found, text: str) -> Suggestion:
    """Keep the house's number, which no index has, where a street is meant."""
    place = found.place
    house = _HOUSE.search(text) if place.kind is Kind.STREET else None
    name = place.name
    if house and house[1].split()[0].lower() not in words_of(name):
        name = f"{name} {house[1].strip()}"
    titles = {Kind.KECAMATAN: "Kec. ", Kind.KELURAHAN: "Kel. "}
    words = f"{titles.get(place.kind, '')}{name}"
    return Suggestion(place, f"{words}, {place.detail}" if place.detail else words, found.score)


def _middle_of(city: City, atlas: Atlas) -> Point | None:
    if city.areas.latitude is not None and city.areas.longitude is not None:
        return city.areas.latitude, city.areas.longitude
    drawn = atlas.areas.of(Level.JURISDICTION)
    if drawn:
        point = drawn[0].shape.representative_point()
        return point.y, point.x
    for post in city.posts:
        if post.latitude is not None and post.longitude is not None:
            return post.latitude, post.longitude
    return None


def _official(city: City, atlas: Atlas) -> list[Place]:
    """Return the city's kecamatan and kelurahan, with a place on the map where one was imported."""
    drawn = {area.code: area for level in _KINDS for area in atlas.areas.of(level)}
    registry = registry_of(city.areas.code) if city.areas.code else None
    found = [_official_place(entry, drawn.get(entry.code)) for entry in registry.entries] if registry else []
    known = {entry.code for entry in registry.entries} if registry else set()
    names = {code: area.name for code, area in drawn.items()}
    for code, area in drawn.items():
        if code not in known:
            parent = names.get(code.rpartition(".")[0])
            found.append(_official_place(Entry(area.level, code, area.name, parent), area))
    return found


def _official_place(entry: Entry, area: Area | None) -> Place:
    detail = ", ".join(
        part for part in (f"Kec. {entry.parent}" if entry.parent else "", entry.postal_code or "") if part
    )
    aliases = tuple(alias for alias in (entry.code, entry.postal_code) if alias)
    place = Place(_KINDS[entry.level], entry.name, detail, aliases=aliases)
    if area is None:
        return place
    inside = area.shape.representative_point()
    west, south, east, north = area.shape.bounds
    radius_m = metres_apart(south, west, north, east) / 2
    return replace(place, lat=inside.y, lon=inside.x, radius_m=math.ceil(radius_m))


def _placed(imported: Sequence[Place], atlas: Atlas) -> list[Place]:
    """Say of each imported place in which kelurahan and kecamatan it is, where that is known."""
    known = [number for number, place in enumerate(imported) if place.lat is not None]
    points = np.array([(imported[number].lon, imported[number].lat) for number in known], dtype=np.float64)
    details = [place.detail for place in imported]
    if known and not atlas.is_empty:
        for number, (kelurahan, kecamatan) in zip(known, atlas.names_at(points), strict=True):
            where = [f"Kel. {kelurahan}" if kelurahan else "", f"Kec. {kecamatan}" if kecamatan else ""]
            details[number] = ", ".join(part for part in (details[number], *where) if part)
    return [replace(place, detail=detail) for place, detail in zip(imported, details, strict=True)]

"""What is imported: areas of five levels, each with a code, a name and its polygons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from shapely import MultiPolygon, Polygon

Polygons: TypeAlias = Polygon | MultiPolygon


class Level(StrEnum):
    """What an area is to the city."""

    KELURAHAN = "kelurahan"
    """A kelurahan or desa, the smallest unit."""
    KECAMATAN = "kecamatan"
    JURISDICTION = "jurisdiction"
    """The city itself: where its 112 has to help."""
    FIRE = "fire"
    """A fire service's circle, or what one of its posts covers."""
    NEIGHBOUR = "neighbour"
    """A city or regency next door."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area. ``shape`` is in degrees, longitude first (WGS 84)."""

    level: Level
    code: str
    """Kemendagri's, such as 35.78.08.1001, for what has one."""
    name: str
    shape: Polygons
    is_derived: bool = False
    """Made by joining smaller areas, since the city has imported none of its own."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that areas came from."""

    file: str
    sha256: str
    imported_at: datetime
    levels: tuple[Level, ...]
    origin: str | None = None
    """Who made it, in the administrator's words."""
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Areas:
    """All that a city has imported. ``version`` counts its imports."""

    version: int = 0
    areas: tuple[Area, ...] = ()
    sources: tuple[Source, ...] = ()

    def of(self, level: Level) -> tuple[Area, ...]:
        """Return a level's areas, by code."""
        return tuple(area for area in self.areas if area.level is level)

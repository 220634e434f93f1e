"""A place with a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a place is. The order is that of the ranking, where all else is equal."""

    KECAMATAN = "kecamatan"
    KELURAHAN = "kelurahan"
    LANDMARK = "landmark"
    STREET = "street"
    COORDINATES = "coordinates"
    PLUS_CODE = "plus_code"


@dataclass(frozen=True, slots=True)
class Place:
    """A place. ``lat`` and ``lon`` are None where only its name is known."""

    kind: Kind
    name: str
    detail: str = ""
    """What tells it from others of its name: where it is, its postal code."""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    """How far it reaches from there."""
    aliases: tuple[str, ...] = ()
    """Other names, and codes, by which it is found too."""
    source: str = ""
    """The file that it came from."""

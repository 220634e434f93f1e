"""Which of a file's properties is the name and which the code, for those who draw Indonesia's boundaries.

Known are the columns of BIG (the geospatial agency), Kemendagri's civil registry, BPS (statistics), OCHA and
GADM, and what cities call them themselves. An administrator's choice comes before all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from suar.areas.errors import ImportRefused
from suar.areas.model import Level
from suar.areas.reading import BoundaryFile
from suar.areas.registry import dotted, level_of

# Compared without case and punctuation. The better comes first.
_CODES = {
    Level.KELURAHAN: "kdepum kodekd kodekel kodekelurahan kodedesa iddesa idkel kdebps adm4pcode cc4",
    Level.KECAMATAN: "kdcpum kodekec kodekecamatan idkec kdcbps adm3pcode cc3",
    Level.JURISDICTION: "kdpkab kdbpum kodekab kodekota kodekabkota idkab kdbbps adm2pcode cc2",
}
_NAMES = {
    Level.KELURAHAN: (
        "wadmkd desakelur keldesa kelurahan namakel namakelurahan nmkel nmdesa namadesa desa adm4en name4"
    ),
    Level.KECAMATAN: "wadmkc kecamatan namakec namakecamatan nmkec adm3en name3",
    Level.JURISDICTION: "wadmkk kabkota kabkot kabupaten kota namakab namakota nmkab adm2en name2",
}
_ANY_CODE = "kode code kodewilayah kdwilayah kodewil kdppum id"
_ANY_NAME = "nama name namobj nmobj namawilayah nm"
_FIRE_NAME = "rayon wmk pos pospemadam namapos sektor wilayah"


@dataclass(frozen=True, slots=True)
class Columns:
    """What each property is called; None where the file has none."""

    level: Level
    name: str | None
    code: str | None
    parent: str | None
    """The kecamatan's name, in a file of kelurahan."""
    city: str | None
    """The city's name."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the administrator said; None where the file is to be believed."""

    level: Level | None = None
    name: str | None = None
    code: str | None = None
    parent: str | None = None


def recognise(file: BoundaryFile, chosen: Chosen) -> Columns:
    """Find out what a file is of. Raises ImportRefused, naming the option that would tell."""
    given = _Given(file)
    for option, column in (("name", chosen.name), ("code", chosen.code), ("parent", chosen.parent)):
        if column is not None and column not in file.columns:
            raise ImportRefused(
                [f"{file.path}: --{option} {column}: no such property; it has: {', '.join(file.columns)}"]
            )
    level = chosen.level or _level(given, chosen)
    if level is None:
        raise ImportRefused(
            [
                f"{file.path}: level: no property tells what its areas are; say --level, "
                f"and --name and --code if need be; it has: {', '.join(file.columns) or 'none at all'}"
            ]
        )
    at = Level.JURISDICTION if level is Level.NEIGHBOUR else level
    names = f"{_NAMES.get(at, _FIRE_NAME)} {_ANY_NAME}"
    code = chosen.code or given.find(f"{_CODES.get(at, '')} {_ANY_CODE}", is_code=at is not Level.FIRE)
    name = chosen.name or given.find(names)
    if level is Level.NEIGHBOUR and code is None:
        code = given.find(" ".join(_CODES.values()), is_code=True)
    if name is None and code is None:
        raise ImportRefused(
            [
                f"{file.path}: name: no property has the areas' names or codes; say --name; "
                f"it has: {', '.join(file.columns) or 'none at all'}"
            ]
        )
    parent = chosen.parent or (given.find(_NAMES[Level.KECAMATAN]) if level is Level.KELURAHAN else None)
    city = given.find(_NAMES[Level.JURISDICTION])
    return Columns(level, name, code, parent, city)


def _level(given: _Given, chosen: Chosen) -> Level | None:
    """Return the finest level that the properties are of."""
    for level in (Level.KELURAHAN, Level.KECAMATAN, Level.JURISDICTION):
        if given.find(f"{_CODES[level]} {_NAMES[level]}"):
            found: Level | None = level
            break
    else:
        found = None
    generic = chosen.code or given.find(_ANY_CODE, is_code=True)
    own = given.level_of_codes(generic) if generic else None
    order = [Level.KELURAHAN, Level.KECAMATAN, Level.JURISDICTION]
    known = [level for level in (found, own) if level is not None]
    return min(known, key=order.index, default=None)


class _Given:
    """A file's properties, and whether they are filled in."""

    def __init__(self, file: BoundaryFile) -> None:
        self._features = file.features
        self._columns = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(file.columns)}

    def find(self, names: str, *, is_code: bool = False) -> str | None:
        """Return the first of these columns that most features have something in."""
        for name in names.split():
            column = self._columns.get(name)
            if column is None:
                continue
            values = self._values(column)
            filled = [value for value in values if (dotted(value) if is_code else str(value or "").strip())]
            if len(filled) >= 0.9 * len(values):
                return column
        return None

    def level_of_codes(self, column: str) -> Level | None:
        codes = [dotted(value) for value in self._values(column)]
        levels = {level_of(code) for code in codes if code}
        return levels.pop() if len(levels) == 1 else None

    def _values(self, column: str) -> Sequence[object]:
        return [feature.properties.get(column) for feature in self._features]

"""What a feature is of: a level, Kemendagri's code and its name, whatever the file calls it.

BPS counts kecamatan otherwise than Kemendagri, in codes that look the same. So a code is believed only where
the name agrees with it; otherwise the name and the kecamatan's name decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from suar.areas.columns import Columns
from suar.areas.model import Level
from suar.areas.reading import Feature
from suar.areas.registry import Registry, city_name, dotted, level_of, registry_of
from suar.areas.words import same_name, words_of
from suar.city import City

_PARTS = (Level.KELURAHAN, Level.KECAMATAN)


@dataclass(frozen=True, slots=True)
class Named:
    """A feature, recognised."""

    feature: Feature
    level: Level
    code: str
    name: str
    parent: str | None = None


@dataclass(slots=True)
class Naming:
    """What a file's features are."""

    named: list[Named] = field(default_factory=list)
    elsewhere: int = 0
    """Features of cities that are neither this one nor a neighbour."""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def describe(feature: Feature, name: object = None) -> str:
    """Return how a feature is called in a message."""
    return f"{feature.file}: feature {feature.number}" + (f" ({name})" if name else "")


def name_all(features: Sequence[Feature], columns: Columns, city: City) -> Naming:
    """Recognise a file's features."""
    found = Naming()
    registry = registry_of(city.areas.code) if city.areas.code else None
    for feature in features:
        name = _text(feature, columns.name)
        raw = feature.properties.get(columns.code) if columns.code else None
        code = dotted(raw)
        if columns.code and _text(feature, columns.code) and code is None and columns.level in _PARTS:
            found.problems.append(
                f"{describe(feature, name)}: {columns.code} = {raw!r}: a code of 4, 6, 7 or 10 digits"
            )
        elif not name and not code:
            wanted = " or ".join(column for column in (columns.name, columns.code) if column)
            found.problems.append(f"{describe(feature)}: {wanted}: is empty; fill it in, or leave it out")
        elif columns.level is Level.FIRE:
            own = _text(feature, columns.code) or "-".join(words_of(name))
            found.named.append(Named(feature, Level.FIRE, own, name or own))
        elif columns.level is Level.NEIGHBOUR:
            _neighbour(feature, columns, name, code, city, found)
        elif columns.level is Level.JURISDICTION:
            _jurisdiction(feature, name, code, city, found)
        else:
            _part(feature, columns, name, code, city, registry, found)
    return found


def _text(feature: Feature, column: str | None) -> str:
    value = feature.properties.get(column) if column else None
    return " ".join(str("" if value is None else value).split())


def _neighbour(
    feature: Feature, columns: Columns, name: str, code: str | None, city: City, found: Naming
) -> None:
    """A neighbour may come whole, or in parts that are joined later: they have its code."""
    region = ".".join(code.split(".")[:2]) if code else None
    called = _text(feature, columns.city) or name
    for one in city.neighbours:
        if region == one.code or (region is None and same_name(one.name) == same_name(called)):
            found.named.append(Named(feature, Level.NEIGHBOUR, one.code, one.name))
            return
    if region and region == city.areas.code:
        found.elsewhere += 1
    elif region:
        known = city_name(region) or called
        found.named.append(Named(feature, Level.NEIGHBOUR, region, known))
    else:
        found.named.append(Named(feature, Level.NEIGHBOUR, "-".join(words_of(called)), called))


def _jurisdiction(feature: Feature, name: str, code: str | None, city: City, found: Naming) -> None:
    own = city.areas.code
    region = ".".join(code.split(".")[:2]) if code else None
    if own is None or region == own or (region is None and same_name(name) == same_name(city.name)):
        found.named.append(Named(feature, Level.JURISDICTION, own or region or city.node, name or city.name))
    elif region and (neighbour := city.neighbour(region)):
        found.named.append(Named(feature, Level.NEIGHBOUR, neighbour.code, neighbour.name))
    else:
        found.elsewhere += 1


def _part(
    feature: Feature, columns: Columns, name: str, code: str | None, city: City, registry: Registry | None,
    found: Naming,
) -> None:  # fmt: skip
    parent = _text(feature, columns.parent) or None
    if registry is None:
        own = code or "-".join(words_of(f"{parent or ''} {name}"))
        found.named.append(Named(feature, columns.level, own, name or own, parent))
        return
    if not _is_in_city(feature, columns, code, registry):
        neighbour = city.neighbour(code) if code else None
        if neighbour:
            found.named.append(Named(feature, Level.NEIGHBOUR, neighbour.code, neighbour.name))
        else:
            found.elsewhere += 1
        return
    by_code = registry.by_code(code) if code else None
    if (
        by_code
        and by_code.level is columns.level
        and (not name or same_name(by_code.name) == same_name(name))
    ):
        found.named.append(Named(feature, by_code.level, by_code.code, by_code.name, by_code.parent))
        return
    by_name = registry.by_name(columns.level, name, parent) if name else []
    if len(by_name) == 1:
        one = by_name[0]
        found.named.append(Named(feature, one.level, one.code, one.name, one.parent))
    elif len(by_name) > 1:
        where = ", ".join(entry.code for entry in by_name)
        found.problems.append(
            f"{describe(feature, name)}: name: there are {len(by_name)} of this name ({where}); "
            "say which property has the kecamatan's name with --parent"
        )
    elif by_code and by_code.level is columns.level and "." in _text(feature, columns.code):
        found.notes.append(f"{describe(feature, name)}: {code} is officially called {by_code.name}")
        found.named.append(Named(feature, by_code.level, by_code.code, by_code.name, by_code.parent))
    elif code and "." in _text(feature, columns.code) and level_of(code) is columns.level and name:
        found.notes.append(f"{describe(feature, name)}: {code} is not in Kemendagri's list; taken as it is")
        found.named.append(Named(feature, columns.level, code, name, parent))
    else:
        found.problems.append(
            f"{describe(feature, name)}: {columns.code or columns.name} = "
            f"{_text(feature, columns.code) or name!r}: no {columns.level} of {city.name} has this code or "
            "name; correct it, or name the right properties with --code and --name"
        )


def _is_in_city(feature: Feature, columns: Columns, code: str | None, registry: Registry) -> bool:
    if code:
        return code.startswith(registry.city_code)
    called = _text(feature, columns.city)
    official = city_name(registry.city_code) or ""
    return not called or same_name(called) == same_name(official)

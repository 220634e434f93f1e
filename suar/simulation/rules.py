"""With which operators and by which rules: those of the city, with what a policy file changes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from enum import Enum
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from queues.policy import AcdPolicy, QueuePolicy
from queues.vocabulary import OperatorSignedOn
from suar.city import City, policy_of
from suar.simulation.errors import SimulationRefused

__all__ = ["policy_of", "read_policy", "staff_of"]

_P = TypeVar("_P", AcdPolicy, QueuePolicy)


def read_policy(path: Path, policy: AcdPolicy) -> AcdPolicy:
    """Return ``policy`` with what a TOML file changes: its rules, and a queue's in ``[queues.<id>]``.

    Raises :class:`~suar.simulation.errors.SimulationRefused`, naming the file and the field.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SimulationRefused(f"--policy: {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SimulationRefused(f"--policy: {path}: {error}") from error
    tables = told.pop("queues", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise SimulationRefused(f"{path.name}: queues: tables such as [queues.{next(iter(policy.queues))}]")
    if unknown := set(tables) - set(policy.queues):
        raise SimulationRefused(
            f"{path.name}: queues.{min(unknown)}: no such queue; there are {', '.join(policy.queues)}"
        )
    queues = {
        name: _changed(rules, tables.get(name, {}), f"{path.name}: queues.{name}")
        for name, rules in policy.queues.items()
    }
    return replace(_changed(policy, told, path.name), queues=queues)


def staff_of(city: City, number: int | None) -> list[OperatorSignedOn]:
    """Return operators: the city's, or ``number`` of them, with the next like the first where it has fewer.

    Raises :class:`~suar.simulation.errors.SimulationRefused` if the city has none to be like.
    """
    if not city.operators:
        raise SimulationRefused("operators: the city file has none; add one, with her queues and languages")
    found = []
    for index in range(len(city.operators) if number is None else number):
        like = city.operators[index % len(city.operators)]
        name = like.id if index < len(city.operators) else f"{like.id}-{index // len(city.operators) + 1}"
        found.append(
            OperatorSignedOn(name, tuple(like.queues), frozenset(like.skills), frozenset(like.languages))
        )
    return found


def _changed(rules: _P, told: Mapping[str, Any], where: str) -> _P:
    # Only what a number or a word can say; the rest of the rules stays as it is.
    known = {one.name: getattr(rules, one.name) for one in fields(rules)}
    known = {name: value for name, value in known.items() if _is_plain(value)}
    changes: dict[str, Any] = {}
    for name, value in told.items():
        if name not in known:
            raise SimulationRefused(f"{where}: {name}: no such rule; there are {', '.join(sorted(known))}")
        changes[name] = _value(known[name], value, f"{where}: {name}")
    return replace(rules, **changes)


def _value(before: object, value: object, where: str) -> object:
    if isinstance(before, Enum):
        try:
            return type(before)(value)
        except ValueError as error:
            words = ", ".join(str(one.value) for one in type(before))
            raise SimulationRefused(f"{where}: {value!r}: one of {words}") from error
    if isinstance(before, str):
        if not isinstance(value, str):
            raise SimulationRefused(f"{where}: {value!r}: a word in quotation marks")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
        raise SimulationRefused(f"{where}: {value!r}: a number, not below 0")
    return float(value) if isinstance(before, float) else value


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)

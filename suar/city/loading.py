"""Reading a city file, and saying what is wrong with it so that a person can mend it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from suar.city.model import City
from suar.city.references import dangling
from suar.errors import Blame, SuarError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the key, what stands there, what would be right."""

    key: str
    value: object
    expected: str

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.key}: {self.expected}"
        shown = repr(self.value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        return f"{self.key} = {shown}: {self.expected}"


class CityFileInvalid(SuarError):
    """The city file cannot be used."""

    blame = Blame.INPUT

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source} cannot be used:\n{lines}")


def load(path: Path) -> City:
    """Read and validate the city file at ``path``.

    Raises :class:`CityFileInvalid` with every problem found.
    """
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CityFileInvalid(str(path), (Problem("file", None, f"cannot be read: {reason}"),)) from error
    return parse(text, str(path))


def parse(text: str, source: str = "the city file") -> City:
    """Validate the text of a city file. Raises :class:`CityFileInvalid`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CityFileInvalid(source, (Problem("TOML", None, str(error)),)) from error
    try:
        city = City.model_validate(document)
    except ValidationError as error:
        found = tuple(_problem(detail, document) for detail in error.errors())
        raise CityFileInvalid(source, found) from error
    unresolved = tuple(Problem(key, value, expected) for key, value, expected in dangling(city))
    if unresolved:
        raise CityFileInvalid(source, unresolved)
    return city


def _problem(detail: ErrorDetails, document: Mapping[str, Any]) -> Problem:
    key = _spell(detail["loc"], document)
    match detail["type"]:
        case "extra_forbidden":
            return Problem(key, None, "no such key; look for a slip of the pen, or remove it")
        case "missing":
            return Problem(key, None, "is missing; cities/surabaya.toml shows what it takes")
        case "value_error":
            return Problem(key, _shown(detail["input"]), str(detail["ctx"]["error"]))
        case _:
            return Problem(key, _shown(detail["input"]), detail["msg"][:1].lower() + detail["msg"][1:])


def _shown(value: object) -> object:
    return None if isinstance(value, Mapping) else value


def _spell(location: tuple[int | str, ...], document: Mapping[str, Any]) -> str:
    """Write a place the way a person finds it: ``carriers[2] (telkom).addresses[1]``, counted from 1."""
    words: list[str] = []
    here: Any = document
    for step in location:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            name = here.get("id") if isinstance(here, Mapping) else None
            words[-1] += f"[{step + 1}]" + (f" ({name})" if isinstance(name, str) else "")
        elif step == "[key]":
            continue
        elif words and not (isinstance(here, Mapping) or here is None):
            continue  # pydantic's own name for a branch of a union, not a key of the file
        else:
            words.append(step)
            here = here.get(step) if isinstance(here, Mapping) else None
    return ".".join(words)

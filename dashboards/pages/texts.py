"""The words of the pages, in each language: one TOML catalogue a language, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "locale"
DEFAULT = "id"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return a language's words by key: the tables of its file, joined with dots."""
    table = tomllib.loads((_FOLDER / f"{language}.toml").read_text())
    return {f"{group}.{key}": text for group, words in table.items() for key, text in words.items()}


def languages() -> list[str]:
    """Return the languages that the pages speak, the default first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return sorted(found, key=lambda language: language != DEFAULT)


def translator(language: str) -> Callable[..., str]:
    """Return a function from a key, and values for its placeholders, to words.

    A key that no catalogue has comes back as itself: a page is shown all the same.
    """
    words = catalogue(language if language in languages() else DEFAULT)

    def translate(key: str, **values: object) -> str:
        text = words.get(key) or catalogue(DEFAULT).get(key)
        if text is None:
            return key.rpartition(".")[2]
        return text.format(**values) if values else text

    return translate

"""The table of prompts: read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from suar.errors import Blame, SuarError

Texts = Mapping[str, Mapping[str, str]]
"""Prompt, language, text."""


class TextsInvalid(SuarError):
    """The table of prompts cannot be used."""

    blame = Blame.INPUT


def load(path: Path) -> Texts:
    """Read the table. Raises :class:`TextsInvalid`, naming every key that is wrong."""
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TextsInvalid(f"{path}: {error}") from error
    if problems := [
        problem for prompt, texts in table.items() for problem in _problems(prompt, texts, table)
    ]:
        raise TextsInvalid(f"{path}:\n" + "\n".join(f"  {problem}" for problem in problems))
    return table


def _problems(prompt: str, texts: object, table: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong with one prompt: the key, what stands there, what would be right."""
    if not isinstance(texts, dict) or not texts:
        yield f"{prompt} = {texts!r}: a table with one text for each language"
        return
    languages = {language for other in table.values() if isinstance(other, dict) for language in other}
    for language in sorted(languages - texts.keys()):
        yield f"{prompt}.{language}: is missing; every prompt has every language"
    for language, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            yield f"{prompt}.{language} = {text!r}: a text"
        elif re.search(r"\d", text):
            yield f"{prompt}.{language} = {text!r}: write numbers as they are spoken"
        elif re.search(r"[{}]", text.replace("{city}", "")):
            yield f"{prompt}.{language} = {text!r}: {{city}} is the only placeholder"


def names_the_city(texts: Mapping[str, str]) -> bool:
    """Whether a prompt is another one in another city."""
    return any("{city}" in text for text in texts.values())


def spoken(text: str, city: str) -> str:
    """Return a text with the city's name in it."""
    return text.replace("{city}", city)

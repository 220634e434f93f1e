"""The table of prompts: read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
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
    problems = []
    for prompt, texts in table.items():
        if not isinstance(texts, dict) or not texts:
            problems.append(f"{prompt}: a table with one text for each language")
            continue
        for language, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                problems.append(f"{prompt}.{language} = {text!r}: a text")
            elif re.search(r"\d", text):
                problems.append(f"{prompt}.{language} = {text!r}: write numbers as they are spoken")
    if problems:
        raise TextsInvalid(f"{path}:\n" + "\n".join(f"  {problem}" for problem in problems))
    return table


def spoken(text: str, city: str) -> str:
    """Return a text with the city's name in it."""
    return text.replace("{city}", city)

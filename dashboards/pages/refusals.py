"""What is refused, in the language of whoever asked.

Every process refuses in an English sentence. What people meet on the pages has the words of other languages
here, one file a language; a sentence that has none is shown as it came, which is better than nothing.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "locale" / "refusals"
GAP = "{}"
"""Stands for what differs from one refusal to the next."""


@cache
def refusals(language: str) -> dict[str, str]:
    """Return a language's words by the English sentence; none for a language without a file."""
    path = _FOLDER / f"{language}.toml"
    return tomllib.loads(path.read_text()) if path.exists() else {}


def translate(sentence: str, language: str) -> str:
    """Return a refusal in a language."""
    for pattern, words in _patterns(language):
        if found := pattern.fullmatch(sentence):
            return words.format(*(part.strip("'") for part in found.groups()))
    return sentence


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """The sentences with the longest fixed text first: what fits several is the most exact of them."""
    known = sorted(refusals(language).items(), key=lambda one: -len(one[0].replace(GAP, "")))
    return [
        (re.compile("(.+?)".join(re.escape(part) for part in key.split(GAP))), text) for key, text in known
    ]

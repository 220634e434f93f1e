"""What the pages refuse, in Indonesian: held to the sentences that the programs really say."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from dashboards.pages.refusals import GAP, refusals, translate

ROOT = Path(__file__).parents[2]


@cache
def sentences() -> set[str]:
    """Return every text in the sources, with a gap for what is put in, and every class's first words."""
    found = set()
    for folder in ("suar", "queues", "ari_app", "dashboards"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Constant(value=str(text)):
                        found.add(text)
                    case ast.JoinedStr(values=parts):
                        texts = [one.value if isinstance(one, ast.Constant) else GAP for one in parts]
                        found.add("".join(map(str, texts)))
                    case ast.ClassDef() if words := ast.get_docstring(node):
                        found.add(words.splitlines()[0])
    return found


@pytest.mark.parametrize("sentence", refusals("id"))
def test_each_sentence_is_one_that_is_said(sentence: str) -> None:
    """Else it was changed there, and comes in English again."""
    assert sentence in sentences()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the caller has hung up", "Penelepon sudah menutup telepon."),
        ("your phone (sv-sari) is not registered", "Telepon Anda (sv-sari) tidak terhubung."),
        ("sby1-1.1: there is no such call now", "Panggilan itu sudah tidak ada."),
        ("operator siti has had the 300 s that a wrap-up may last",
         "Waktu merapikan catatan sudah sampai batasnya, 300 detik."),
        ("there is a user 'sari' already", "Sudah ada pengguna sari."),
        ("something that nobody has words for", "something that nobody has words for"),
        ("braces {0} of {a} program", "braces {0} of {a} program"),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_indonesian(said: str, shown: str) -> None:
    """With what differs in its place; what has no words yet comes as it is, and English always does."""
    assert translate(said, "id") == shown
    assert translate(said, "en") == said

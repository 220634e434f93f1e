"""docs/measures.md says of every figure what it is, and of no other."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from queues.measures.definitions import ANSWERING, FIGURES, Definition, table
from queues.measures.figures import Answering, Clock, Figures

PAGE = (Path(__file__).parents[2] / "docs" / "measures.md").read_text()


@pytest.mark.parametrize(
    ("definitions", "shape", "besides"),
    [(ANSWERING, Answering, set[str]()), (FIGURES, Figures, {clock.value for clock in Clock})],
)
def test_every_figure_has_one_definition_and_the_page_shows_it(
    definitions: tuple[Definition, ...], shape: type, besides: set[str]
) -> None:
    """Names as in the code, rows as the code prints them."""
    names = [one.name for one in definitions]
    assert sorted({*names, *besides}) == sorted(one.name for one in fields(shape))
    assert len(set(names)) == len(names)
    assert table(definitions) in PAGE


def test_the_page_has_no_row_that_is_not_a_definition() -> None:
    """Beside the three clocks."""
    rows = [line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted([*(one.name for one in (*ANSWERING, *FIGURES)), *Clock])

"""The flags' table in docs/location.md is complete and says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from suar.location import Fault, Flag, meaning
from suar.location.meanings import MEANINGS

PAGE = (Path(__file__).parents[3] / "docs" / "location.md").read_text("utf-8")


@pytest.mark.parametrize("flag", list(Flag))
def test_every_flag_is_in_the_table_with_its_weight_and_its_sentence(flag: Flag) -> None:
    """Word for word."""
    told = meaning(flag)
    row = f"| `{flag}` | {told.weight.value} | {told.english} |"
    assert row in PAGE, row
    assert told.indonesian
    assert told.text("id") != told.text("en")


def test_the_table_has_no_flag_that_is_gone() -> None:
    """A page that promises what no reader sets is worse than none."""
    told = PAGE.partition("## Flags")[2].partition("## The order of claims")[0]
    rows = [line.split("`")[1] for line in told.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted([*Flag, *Fault])
    assert set(MEANINGS) == set(Flag)

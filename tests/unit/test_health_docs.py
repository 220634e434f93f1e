"""docs/health.md has every figure of every process, and every alarm, in the program's own words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.pages.texts import catalogue
from tests.unit.test_alarm_texts import raised

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "health.md").read_text()
PROCESSES = {"The call controller": "ari_app", "The rescuer": "agi", "The dashboards": "dashboards"}
TABLES = ("alarm", "alarm_means", "alarm_do")
COUNTS = {"Counter", "CounterMetricFamily", "_counter"}


def figures(folder: str) -> Iterator[str]:
    """Yield the row of each figure that a process's code makes."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if '"suar_' in text else ():
            match node:
                case ast.Call(
                    func=func, args=[ast.Constant(value=str(name)), ast.Constant(value=str(means)), *_]
                ) if name.startswith("suar_"):
                    made_by = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                    total = "_total" if made_by in COUNTS else ""
                    yield f"| `{name}{total}` | {means} |"


def section(title: str) -> list[str]:
    """Return the rows of the page's table under a title."""
    text = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(("title", "folder"), PROCESSES.items())
def test_every_figure_of_a_process_is_on_the_page(title: str, folder: str) -> None:
    """With what it means, in the words that Prometheus shows."""
    rows = sorted(figures(folder))
    assert len(rows) >= 6
    assert sorted(section(title)) == rows


def test_every_alarm_is_on_the_page_with_what_to_do() -> None:
    """In the words of the health page."""
    words = catalogue("en")
    rows = [
        f"| `{code}` | " + " | ".join(words[f"{table}.{code}"] for table in TABLES) + " |"
        for code in sorted(raised())
    ]
    assert section("Alarms") == rows

"""The city's tables, by their meaning: imported from CSV, looked up by number and by cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from suar.lookups import cells, lines, rows, store
from suar.lookups.cells import Cell
from suar.lookups.errors import RowsInvalid
from suar.lookups.lines import Line
from suar.telephone import NumberPlan

T = TypeVar("T", Line, Cell)


class Tables:
    """The tables of a city, in ``folder``: ``lines.sqlite`` and ``cells.sqlite``."""

    def __init__(self, folder: Path) -> None:
        self._lines, self._cells = folder / "lines.sqlite", folder / "cells.sqlite"

    def import_lines(self, path: Path, plan: NumberPlan) -> int:
        """Replace the lines by a file's. Raises RowsInvalid with every problem, TableUnusable."""
        found = _read(path, lines.COLUMNS, lambda row: lines.read_line(row, plan), lambda one: (one.number,))
        return store.save(self._lines, ((one.number, asdict(one)) for one in found))

    def import_cells(self, path: Path, carriers: Collection[str] = ()) -> int:
        """Replace the cells by a file's; ``carriers`` are those that a row may name.

        Raises RowsInvalid with every problem, TableUnusable.
        """
        found = _read(path, cells.COLUMNS, lambda row: cells.read_cell(row, carriers), lambda one: one.keys)
        store.save(self._cells, ((key, asdict(one)) for one in found for key in one.keys))
        return len(found)

    def line(self, number: str) -> Line | None:
        """Return the line of a number in E.164. Raises TableUnusable."""
        found = store.find(self._lines, [number])
        if found is None:
            return None
        place = found["place"]
        return Line(found["number"], found["civic"], (place[0], place[1]) if place else None)

    def cell(self, access: Mapping[str, Any]) -> Cell | None:
        """Return the cell of an access network. Raises TableUnusable."""
        found = store.find(self._cells, cells.keys_of(access))
        return None if found is None else Cell(**found)


def _read(
    path: Path, columns: Mapping[str, str], read: Callable[[rows.Row], T], keys: Callable[[T], Iterable[str]]
) -> list[T]:
    found: list[T] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for row in rows.read(path, columns):
        try:
            one = read(row)
        except rows.CellInvalid as error:
            title = columns[error.column].split()[0]
            problems.append(f"line {row.line}, {title}: {error}")
            continue
        firsts = [seen.setdefault(key, row.line) for key in keys(one)]
        if (first := min(firsts)) != row.line:
            problems.append(f"line {row.line}: the same as line {first}; each may be there once")
            continue
        found.append(one)
    if not found and not problems:
        problems.append("has no rows")
    if problems:
        raise RowsInvalid(path.name, problems)
    return found

"""Operators by the clock: the plan that ``suar staff --format csv`` writes, as shifts of a simulation.

``start,operators`` are read, other columns passed over. A number of operators holds until the next line's
start. A start without a day (``18:30``) is one of every day; all lines have a day, or none has.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from queues.staffing.demand import seconds_of
from queues.staffing.errors import StaffingInvalid
from suar.simulation.engine import Shift
from suar.simulation.errors import SimulationRefused

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Roster:
    """How many operators are at their desks from when on, in the order of time."""

    name: str
    every_day: tuple[tuple[int, int], ...] = ()
    """Seconds after midnight, and operators."""
    on_days: tuple[tuple[datetime, int], ...] = ()
    """Local time without a zone, and operators; empty where every day is the same."""

    @property
    def most(self) -> int:
        return max(number for _, number in (*self.every_day, *self.on_days))

    def shifts(self, operators: Sequence[str], period: tuple[int, int], zone: tzinfo) -> list[Shift]:
        """Return who comes and goes when, the first operators first, in a period of Unix milliseconds."""
        began_s, ended_s = period[0] / 1000, period[1] / 1000
        steps = sorted(self._steps(began_s, ended_s, zone))
        times = [at_s for at_s, _ in steps]
        # What holds when the period begins: the last step before, or, before all, the first.
        first = max(bisect_right(times, began_s) - 1, 0)
        found: list[Shift] = []
        here = len(operators)
        for at_s, number in [(began_s, steps[first][1]), *steps[first + 1 :]]:
            if at_s >= ended_s:
                break
            found += [Shift(at_s, one, begins=False) for one in operators[number:here]]
            found += [Shift(at_s, one, begins=True) for one in operators[here:number]]
            here = number
        return found

    def _steps(self, began_s: float, ended_s: float, zone: tzinfo) -> Iterator[tuple[float, int]]:
        for at, number in self.on_days:
            yield at.replace(tzinfo=zone).timestamp(), number
        if not self.every_day:
            return
        day = datetime.fromtimestamp(began_s, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        day -= timedelta(days=1)
        while day.timestamp() < ended_s:
            for second, number in self.every_day:
                yield day.replace(hour=second // 3600, minute=second % 3600 // 60).timestamp(), number
            day += timedelta(days=1)


def read_roster(path: Path) -> Roster:
    """Return a file's plan. Raises :class:`~suar.simulation.errors.SimulationRefused`, naming the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return parse_roster(file, path.name)
    except OSError as error:
        raise SimulationRefused(f"--staff: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SimulationRefused(f"--staff: {path}: no text in UTF-8; save it as CSV") from error


def parse_roster(lines: Iterable[str], name: str) -> Roster:
    """Return the plan of a file's lines; see :func:`read_roster`."""
    reader = csv.DictReader(lines)
    if missing := {"start", "operators"} - set(reader.fieldnames or ()):
        raise SimulationRefused(
            f"{name}: no column {', '.join(sorted(missing))}; it takes what suar staff --format csv writes"
        )
    found: dict[str, int] = {}
    for row in reader:
        where = f"{name}, line {reader.line_num}"
        start = (row["start"] or "").strip().replace(" ", "T")
        try:
            seconds_of(start)
            if "T" in start:
                datetime.fromisoformat(start)
        except (StaffingInvalid, ValueError) as error:
            raise SimulationRefused(f"{where}: {error}") from error
        if start in found:
            raise SimulationRefused(f"{where}: start: {start} stands twice")
        found[start] = _number(row["operators"], where)
    if not found:
        raise SimulationRefused(f"{name}: no line with operators, such as 18:00,4")
    if len({"T" in start for start in found}) == 2:
        raise SimulationRefused(f"{name}: start: give every line a day, or none")
    if not max(found.values()):
        raise SimulationRefused(f"{name}: operators: nobody at any time")
    if "T" in next(iter(found)):
        days = sorted((datetime.fromisoformat(start), number) for start, number in found.items())
        return Roster(Path(name).stem, on_days=tuple(days))
    hours = sorted((seconds_of(start), number) for start, number in found.items())
    return Roster(Path(name).stem, every_day=tuple(hours))


def _number(text: str | None, where: str) -> int:
    told = (text or "").strip()
    if not told.isascii() or not told.isdigit() or int(told) > _MOST:
        raise SimulationRefused(f"{where}: operators: {told!r}: a whole number, 0 to {_MOST}")
    return int(told)

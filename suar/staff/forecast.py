"""A forecast as a CSV file: ``start,calls`` and, as the case may be, ``aht_s`` and ``kind``.

Lines that begin with ``#`` are remarks. Several lines of one start, such as one of each kind, are added up.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import inf
from pathlib import Path

from queues.staffing.demand import Interval, seconds_of, together
from queues.staffing.errors import StaffingInvalid
from suar.staff.errors import PlanRefused

_DAY_S = 86_400
_HALF_HOUR_S = 1800
_REQUIRED = {"start", "calls"}
_KNOWN = _REQUIRED | {"aht_s", "kind"}


def read_forecast(path: Path, aht_s: float | None) -> list[Interval]:
    """Return the intervals of a file, in its order. ``aht_s`` stands where a line says none.

    Raises :class:`~suar.staff.errors.PlanRefused`, naming the line and the field.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return parse_forecast(file, aht_s, path.name)
    except OSError as error:
        raise PlanRefused(f"--forecast: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlanRefused(f"--forecast: {path}: no text in UTF-8; save it as CSV") from error


def parse_forecast(lines: Iterable[str], aht_s: float | None, name: str) -> list[Interval]:
    """Return the intervals of a file's lines; see :func:`read_forecast`."""
    numbers: list[int] = []
    reader = csv.DictReader(_without_remarks(lines, numbers), restkey="too many")
    columns = set(reader.fieldnames or ())
    if missing := _REQUIRED - columns:
        raise PlanRefused(f"{name}: no column {', '.join(sorted(missing))}; it takes start,kind,calls,aht_s")
    if unknown := columns - _KNOWN:
        raise PlanRefused(
            f"{name}: unknown column {', '.join(sorted(unknown))}; it takes start,kind,calls,aht_s"
        )
    found = []
    for row in reader:
        where = f"{name}, line {numbers[reader.line_num - 1]}"
        if "too many" in row:
            raise PlanRefused(f"{where}: more fields than columns")
        found.append(_interval(row, aht_s, where))
    if not found:
        raise PlanRefused(f"{name}: no line with calls; it takes start,calls, such as 18:00,12")
    length_s = _spacing(found)
    return together(Interval(one.start, length_s, one.calls, one.aht_s) for one in found)


def _without_remarks(lines: Iterable[str], numbers: list[int]) -> Iterator[str]:
    """Yield what is to be read, and note which line of the file each was."""
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            numbers.append(number)
            yield line


def _interval(row: dict[str, str | None], aht_s: float | None, where: str) -> Interval:
    start = (row.get("start") or "").strip()
    try:
        seconds_of(start)
    except StaffingInvalid as error:
        raise PlanRefused(f"{where}: {error}") from error
    calls = _number(row, "calls", where)
    told = _number(row, "aht_s", where) if (row.get("aht_s") or "").strip() else aht_s
    if told is None:
        raise PlanRefused(f"{where}: aht_s: none is given; add the column, or --aht")
    if told <= 0:
        raise PlanRefused(f"{where}: aht_s: {told:g}: seconds above 0")
    return Interval(start, _HALF_HOUR_S, calls, told)


def _number(row: dict[str, str | None], field: str, where: str) -> float:
    text = (row.get(field) or "").strip()
    try:
        value = float(text)
    except ValueError as error:
        raise PlanRefused(f"{where}: {field}: {text!r} is no number") from error
    if not 0 <= value < inf:
        raise PlanRefused(f"{where}: {field}: {text}: a number, not below 0")
    return value


def _spacing(intervals: list[Interval]) -> float:
    """Return how long an interval is: the smallest step from one start to the next."""
    starts = sorted({seconds_of(one.start) for one in intervals})
    return min((after - before for before, after in pairwise(starts)), default=_HALF_HOUR_S)

"""Rows of a CSV file, by what their columns mean. Every problem has its line and its column."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from suar.lookups.errors import RowsInvalid

_LONGEST = 200


class CellInvalid(ValueError):
    """A field of a row cannot be used; ``column`` is its meaning."""

    def __init__(self, column: str, message: str) -> None:
        self.column = column
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, counted from 1, and its fields by meaning; empty ones are left out."""

    line: int
    fields: dict[str, str]

    def number(self, column: str, least: float, most: float) -> float | None:
        """Return a field as a number; None where it is empty. Raises CellInvalid."""
        text = self.fields.get(column)
        if text is None:
            return None
        try:
            number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise CellInvalid(column, f"{text!r} is no number from {least:g} to {most:g}")
        return number

    def place(self) -> tuple[float, float] | None:
        """Return ``lat`` and ``lon``; None where both are empty. Raises CellInvalid."""
        latitude, longitude = self.number("lat", -90, 90), self.number("lon", -180, 180)
        if latitude is None and longitude is None:
            return None
        if latitude is None or longitude is None:
            raise CellInvalid("lat" if latitude is None else "lon", "is missing: both, or neither")
        if latitude == 0 and longitude == 0:
            raise CellInvalid("lat", "0,0 is no place; leave both empty where it is not known")
        return latitude, longitude


def read(path: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of a file in UTF-8, separated by commas, semicolons or tabs.

    ``columns`` has for each meaning the names that its column may have, without case and punctuation.
    Raises RowsInvalid if the file cannot be read, or no column is known.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            separator = max(",;\t", key=first.count)
            meanings = _meanings(next(csv.reader([first], delimiter=separator), []), columns)
            if not meanings:
                wanted = ", ".join(names.split()[0] for names in columns.values())
                raise RowsInvalid(path.name, [f"line 1: no column is known; there may be: {wanted}"])
            reader = csv.reader(file, delimiter=separator)
            for values in reader:
                fields = {
                    meanings[place]: " ".join(value.split())[:_LONGEST]
                    for place, value in enumerate(values)
                    if place in meanings and value.strip()
                }
                if fields:
                    yield Row(reader.line_num + 1, fields)
    except OSError as error:
        raise RowsInvalid(path.name, [f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise RowsInvalid(path.name, ["is not UTF-8 text; save it as CSV UTF-8"]) from error
    except csv.Error as error:
        raise RowsInvalid(path.name, [f"is no CSV: {error}"]) from error


def _meanings(header: list[str], columns: Mapping[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for place, title in enumerate(header):
        name = re.sub(r"[^a-z0-9]", "", title.lower())
        meaning = next((one for one, names in columns.items() if name in names.split()), None)
        if meaning is not None and meaning not in found.values():
            found[place] = meaning
    return found

"""Tables of plain text, and numbers in them."""

from __future__ import annotations

from collections.abc import Iterable

NONE = "-"
"""What stands where there is no figure."""


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """Return lines with their columns aligned: the first to the left, the others to the right."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return [
        "  ".join(
            text.ljust(width) if column == 0 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def percent(value: float | None) -> str:
    """Return a share between 0 and 1 in words."""
    return NONE if value is None else f"{100 * value:.1f} %"


def seconds(value: float | None) -> str:
    """Return a length of time in words."""
    return NONE if value is None else f"{value:.1f} s"

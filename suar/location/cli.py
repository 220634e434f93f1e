"""``suar location``: what a caller's document says of her place, without a call."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from suar.errors import Blame, SuarError
from suar.location.detection import MOST_BYTES, read

app = typer.Typer(help="Where a caller is: what documents say.", no_args_is_help=True)


class DocumentUnreadable(SuarError):
    """The file cannot be read."""

    blame = Blame.INPUT


@app.callback()
def options() -> None:
    """Where a caller is: what documents say."""


@app.command()
def parse(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A SIP message, PIDF-LO, HELD or AML; - for standard input.")
    ],
) -> None:
    """Print what a document says as JSON; exit 0 with a usable claim, 3 with none."""
    reading = read(_contents(file), datetime.now(UTC))
    typer.echo(json.dumps(reading.as_json(), ensure_ascii=False, indent=2, allow_nan=False))
    if not reading.is_usable:
        raise typer.Exit(3)


def _contents(file: str) -> bytes:
    # One byte more than is read, so that what is too large is told so, however large it is.
    try:
        if file == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with open(file, "rb") as opened:  # noqa: PTH123 - a device or a pipe is as good as a file.
            return opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentUnreadable(
            f"{file}: {reason}. Give a file that can be read, or - for standard input."
        ) from error

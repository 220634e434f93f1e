"""``suar ali`` and ``suar cells``: tables that a city is given, imported once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suar.lookups.imported import Tables
from suar.workplace import Workplace

ali = typer.Typer(help="Fixed lines and their addresses.", no_args_is_help=True)
cells = typer.Typer(help="Mobile cells and where they serve.", no_args_is_help=True)

_File = Annotated[Path, typer.Argument(help="A CSV file in UTF-8; it takes the place of what was there.")]


@ali.callback()
def _ali() -> None:
    """Keep `import` a sub-command."""


@cells.callback()
def _cells() -> None:
    """Keep `import` a sub-command."""


@ali.command("import")
def import_lines(ctx: typer.Context, file: _File) -> None:
    """Import lines: a number, the parts of its address, coordinates if known."""
    work: Workplace = ctx.obj
    count = Tables(work.state.lookups).import_lines(file, work.city.telephone.plan)
    typer.echo(f"{count} lines imported")


@cells.command("import")
def import_cells(ctx: typer.Context, file: _File) -> None:
    """Import cells: cgi, ecgi or the carrier's own code, lat, lon, radius, and azimuth and beam if known."""
    work: Workplace = ctx.obj
    carriers = [carrier.id for carrier in work.city.carriers]
    typer.echo(f"{Tables(work.state.lookups).import_cells(file, carriers)} cells imported")

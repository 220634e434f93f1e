"""``suar systemd``: the units of this node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suar.systemd.place import Place
from suar.systemd.render import render as render_units
from suar.systemd.render import write
from suar.workplace import Workplace

app = typer.Typer(help="Suar under systemd.", no_args_is_help=True)


@app.callback()
def systemd() -> None:
    """Run Suar under systemd."""


@app.command()
def render(
    ctx: typer.Context,
    into: Annotated[Path, typer.Option(help="The folder to write to, such as /etc/systemd/system.")],
    user: Annotated[str, typer.Option(help="Who the processes run as.")] = "suar",
    prefix: Annotated[Path, typer.Option(help="Where Suar is installed, with its .venv.")] = Path(
        "/opt/suar"
    ),
) -> None:
    """Write the units of this city and state directory."""
    work: Workplace = ctx.obj
    units = render_units(work.city, Place.of(work, user, prefix))
    write(units, into)
    for name in sorted(units):
        typer.echo(into / name)

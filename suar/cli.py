"""The command ``suar``: each capability brings its own sub-command; this module only mounts them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from suar import __version__
from suar.city import City
from suar.errors import Blame, SuarError
from suar.paths import shipped
from suar.workplace import Workplace

app = typer.Typer(
    name="suar",
    help="An emergency call centre for the number 112.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_SUB_COMMANDS = {
    "asterisk": ("suar.asterisk.cli", "app"),
    "prompts": ("suar.prompts.cli", "app"),
    "location": ("suar.location.cli", "app"),
    "journal": ("ari_app.outbox.cli", "app"),
    "recordings": ("suar.recordings.cli", "app"),
    "areas": ("suar.areas.cli", "app"),
    "ali": ("suar.lookups.cli", "ali"),
    "cells": ("suar.lookups.cli", "cells"),
    "systemd": ("suar.systemd.cli", "app"),
    "user": ("dashboards.cli", "user_app"),
    "incident": ("dashboards.cli", "incident_app"),
}

_COMMANDS = {
    "report": ("suar.report.cli", "report"),
    "simulate": ("suar.simulation.cli", "simulate"),
    "staff": ("suar.staff.cli", "staff"),
}


def _mount() -> None:
    """Mount the commands whose extra is installed: a host carries only what it runs."""
    for name, (module, function) in _COMMANDS.items():
        app.command(name=name)(getattr(importlib.import_module(module), function))
    for name, (module, attribute) in _SUB_COMMANDS.items():
        try:
            sub_command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] in {"suar", "ari_app", "dashboards"}:
                raise
            continue
        app.add_typer(sub_command, name=name)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"suar {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    city: Annotated[
        Path | None, typer.Option(envvar="SUAR_CITY", help="The city file; the example city if not given.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(envvar="SUAR_STATE", help="Where state is kept; var/<node> if not given.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Choose the city to work on."""
    ctx.obj = Workplace(city or shipped("cities") / "surabaya.toml", state)


@app.command()
def check(ctx: typer.Context) -> None:
    """Validate the city file and everything that it points to."""
    from suar.checks import complaints

    work: Workplace = ctx.obj
    city = work.city
    found = list(complaints(city))
    for complaint in found:
        typer.echo(complaint, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo(_summary(work.city_file, city))


@app.command()
def up(ctx: typer.Context) -> None:
    """Run a whole city on this machine: Asterisk, the call controller and the dashboards."""
    from suar.up import run

    raise typer.Exit(run(ctx.obj))


@app.command()
def drain(
    ctx: typer.Context,
    wait_s: Annotated[float, typer.Option(help="How long to wait for the last call.")] = 900.0,
) -> None:
    """Stop the call controller after its last call; Asterisk alone, or a standby, takes the new ones."""
    from ari_app.cli import drain as run

    run(ctx.obj, wait_s)


@app.command()
def reload(ctx: typer.Context) -> None:
    """Have the call controller take up changed rules of distribution, while people wait and talk."""
    from ari_app.cli import reload as run

    run(ctx.obj)


@app.command()
def demo(
    ctx: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Stop after the stories; exit 0 only if all went as told.")
    ] = False,
) -> None:
    """Run a city with automated callers and operators, and tell each call's story."""
    from suar.demo.run import run

    raise typer.Exit(run(ctx.obj, once=once))


@app.command()
def backup(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to; it must not be there yet.")],
    recordings: Annotated[bool, typer.Option("--recordings", help="The recordings too.")] = False,
) -> None:
    """Copy the database, the secrets, the journal and the recordings' chain, while everything runs."""
    from suar.backup.cli import backup

    backup(ctx.obj, folder, with_recordings=recordings)


@app.command()
def restore(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="What `suar backup` made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Even if there is a state already: put aside what is replaced.")
    ] = False,
) -> None:
    """Check a backup and put it back. Stop Suar first."""
    from suar.backup.cli import restore

    restore(ctx.obj, folder, force=force)


def _summary(path: Path, city: City) -> str:
    return (
        f"{path}: {city.name} is in order: {len(city.carriers)} carriers, {len(city.operators)} operators, "
        f"{len(city.queues)} queues, {len(city.kinds)} kinds, {len(city.agencies)} agencies, "
        f"{len(city.posts)} posts"
    )


def main() -> None:
    """Run the command; an error of ours is told in words, not as a traceback."""
    _mount()
    try:
        app()
    except SuarError as error:
        typer.echo(f"suar: {error}", err=True)
        sys.exit(2 if error.blame is Blame.INPUT else 1)

"""The command ``suar``: each capability brings its own sub-command; this module only mounts them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from suar import __version__
from suar.city import City
from suar.errors import Blame, SuarError
from suar.paths import shipped
from suar.workplace import Workplace

_SUB_COMMANDS = {
    "report": ("suar.report.cli", "report"),
    "simulate": ("suar.simulation.cli", "simulate"),
    "staff": ("suar.staff.cli", "staff"),
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
"""Where each is: a function is a command, a Typer a group of them."""


class _Suar(TyperGroup):
    """Imports a sub-command when it is asked for: `suar check` need not know what a database is."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, if its extra is installed: a host carries only what it runs."""
        if cmd_name in _SUB_COMMANDS and cmd_name not in self.commands:
            try:
                self.commands[cmd_name] = _bring(cmd_name, *_SUB_COMMANDS[cmd_name])
            except ModuleNotFoundError as error:
                if error.name and error.name.split(".")[0] in {"suar", "ari_app", "dashboards"}:
                    raise
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return every command's name, its own first."""
        for name in _SUB_COMMANDS:
            self.get_command(ctx, name)
        return super().list_commands(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is named; of a wrong name, what may have been meant is said."""
        if self.get_command(ctx, args[0]) is None:
            self.list_commands(ctx)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="suar",
    cls=_Suar,
    help="An emergency call centre for the number 112.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _bring(name: str, module: str, attribute: str) -> Any:
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        holder = typer.Typer(add_completion=False)
        holder.command(name)(found)
        return get_command(holder)
    group = get_group(found)
    group.name = name
    return group


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
    try:
        app()
    except SuarError as error:
        typer.echo(f"suar: {error}", err=True)
        sys.exit(2 if error.blame is Blame.INPUT else 1)

"""``suar asterisk``: install, render, start, stop, and ask a running one."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import Annotated

import typer

from suar.asterisk.errors import NotRunning, StopFailed
from suar.asterisk.install import install as install_build
from suar.asterisk.install import install_sipp
from suar.asterisk.process import Asterisk
from suar.workplace import Workplace

_PATIENCE_S = 10.0

app = typer.Typer(help="Asterisk, brought, configured and run without root.", no_args_is_help=True)


@app.command()
def install(
    phones: Annotated[bool, typer.Option("--phones", help="Bring SIPp too, for robot phones.")] = False,
) -> None:
    """Bring an Asterisk that is new enough, unless this host has one."""
    build = install_build()
    typer.echo(f"Asterisk {build.version}: {build.command[-1]}")
    if phones:
        typer.echo(f"SIPp: {install_sipp()[-1]}")


@app.command()
def render(ctx: typer.Context) -> None:
    """Write Asterisk's configuration from the city file."""
    work: Workplace = ctx.obj
    asterisk = Asterisk.prepare(work.city, work.state, work.secrets)
    typer.echo(f"{asterisk.paths.etc}: {len(list(asterisk.paths.etc.iterdir()))} files")


@app.command()
def start(ctx: typer.Context) -> None:
    """Start Asterisk in the background."""
    work: Workplace = ctx.obj
    asterisk = Asterisk.prepare(work.city, work.state, work.secrets)
    process = asterisk.start()
    typer.echo(
        f"Asterisk {asterisk.build.version} runs, process {process.pid}; `suar asterisk stop` stops it"
    )


@app.command()
def run(ctx: typer.Context) -> None:
    """Run Asterisk in the foreground, as systemd wants it."""
    work: Workplace = ctx.obj
    # Its own log is a file; of ours, systemd takes what is written here.
    Asterisk.prepare(work.city, work.state, work.secrets).become()


@app.command()
def stop(ctx: typer.Context) -> None:
    """Stop the Asterisk of this state directory."""
    asterisk = _here(ctx)
    if not asterisk.is_running():
        raise NotRunning
    pid = int(asterisk.pid_file.read_text())
    with suppress(NotRunning):
        asterisk.cli("core stop now")
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if _ends(pid):
            typer.echo("Asterisk has stopped")
            return
    raise StopFailed(f"process {pid} does not end, not even when killed; look at it with ps")


@app.command(context_settings={"ignore_unknown_options": True})
def cli(ctx: typer.Context, words: Annotated[list[str], typer.Argument(help="The console command.")]) -> None:
    """Run a command of Asterisk's console, such as `suar asterisk cli core show channels`."""
    typer.echo(_here(ctx).cli(" ".join(words)), nl=False)


def _here(ctx: typer.Context) -> Asterisk:
    work: Workplace = ctx.obj
    return Asterisk(work.state, install_build())


def _ends(pid: int) -> bool:
    """Whether the process ends within a few seconds."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False

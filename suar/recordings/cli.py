"""``suar recordings``: prove that they are as they were sealed, and put right what a crash left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from suar.errors import Blame, StateDirUnusable, SuarError
from suar.recordings import audit
from suar.recordings.chain import Finding
from suar.recordings.ledger import Ledger
from suar.workplace import Workplace

_HASH = re.compile(r"[0-9a-f]{64}")

app = typer.Typer(help="Recordings, and the chain that vouches for them.", no_args_is_help=True)


class HeadInvalid(SuarError):
    """This is not the head of a chain."""

    blame = Blame.INPUT


@app.command()
def verify(
    ctx: typer.Context,
    head: Annotated[
        str | None, typer.Option(help="A head that `suar recordings head` once printed, kept elsewhere.")
    ] = None,
) -> None:
    """Check every recording and the chain; print a line per finding, and exit 1 if there is one."""
    if head is not None and not _HASH.fullmatch(head):
        raise HeadInvalid(f"--head = {head!r}: 64 hex digits, as `suar recordings head` prints them")
    good = bad = 0
    with _directory(ctx) as directory:
        for found in audit.verify(directory, head):
            if isinstance(found, Finding):
                bad += 1
                typer.echo(found.what)
            else:
                good += 1
    if bad:
        raise typer.Exit(1)
    typer.echo(f"{good} recordings are as they were sealed")


@app.command()
def head(ctx: typer.Context) -> None:
    """Print the head of the chain: note it where this machine cannot write."""
    with _directory(ctx) as directory:
        typer.echo(Ledger(directory).head())


@app.command()
def reconcile(ctx: typer.Context) -> None:
    """Seal recordings that were left behind, and chain what is not in the chain."""
    left_alone = False
    with _directory(ctx) as directory:
        for found in audit.reconcile(directory):
            if isinstance(found, Finding):
                left_alone = True
                typer.echo(found.what)
            else:
                typer.echo(audit.describe(directory, found))
    if left_alone:
        raise typer.Exit(1)


@contextmanager
def _directory(ctx: typer.Context) -> Iterator[Path]:
    work: Workplace = ctx.obj
    directory = work.state.recordings
    if not directory.is_dir():
        raise StateDirUnusable(
            f"{directory}: there are no recordings; name the right state directory with --state"
        )
    try:
        yield directory
    except OSError as error:
        raise StateDirUnusable(f"{error.filename or directory}: {error.strerror}") from error

"""``suar journal``: what the controller's journal holds, for a person with a shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ari_app.outbox.journal import JournalUnusable
from suar.errors import Blame, SuarError
from suar.journal import Missing, Segment, examine, mark_resend, records, segments
from suar.record import decode_all
from suar.workplace import Workplace

app = typer.Typer(help="The call controller's journal.", no_args_is_help=True)


class CallUnknown(SuarError):
    """The journal has nothing of this call."""

    blame = Blame.INPUT


class JournalMissing(SuarError):
    """There is no journal here."""

    blame = Blame.INPUT


@app.command()
def verify(ctx: typer.Context) -> None:
    """Check every line; exit 1 if one is damaged, or an event is missing between two others."""
    directory = _directory(ctx)
    is_damaged, missing = False, Missing()
    for _, path in segments(directory):
        with path.open("rb") as file:
            segment = examine(path.name, file)
        typer.echo(_describe(segment))
        is_damaged = is_damaged or bool(segment.damaged)
        for complaint in _gaps(path, missing):
            typer.echo(complaint)
            is_damaged = True
    if is_damaged:
        raise typer.Exit(1)


@app.command()
def replay(
    ctx: typer.Context,
    call: Annotated[str | None, typer.Option(help="Only this call's events.")] = None,
) -> None:
    """Print the calls' events, a JSON line each, in the order in which they were written."""
    found = False
    for record in records(_directory(ctx)):
        if "call" in record and call in {None, record["call"]}:
            found = True
            typer.echo(json.dumps(record, ensure_ascii=False))
    if call is not None and not found:
        raise CallUnknown(
            f"the journal has nothing of call {call!r}: it keeps a call until the dashboards have all of it; "
            "`suar journal replay` shows every call that it has"
        )


@app.command()
def resend(ctx: typer.Context) -> None:
    """Have the controller send all that the journal has again, at its next start.

    For when the database was restored by other means than `suar restore`, such as pg_restore. An event
    that the dashboards have is stored once, however often it is sent.
    """
    directory = _directory(ctx)
    try:
        path = mark_resend(directory)
    except OSError as error:
        raise JournalUnusable(f"{directory}: {error.strerror}") from error
    typer.echo(f"{path}: written; restart the call controller")


def _directory(ctx: typer.Context) -> Path:
    work: Workplace = ctx.obj
    directory = work.state.journal
    if not directory.is_dir():
        raise JournalMissing(f"{directory}: there is no journal; name the right state directory with --state")
    return directory


def _describe(segment: Segment) -> str:
    text = f"{segment.name}: {segment.whole} whole"
    if segment.damaged:
        text += f", {len(segment.damaged)} damaged (line {', '.join(map(str, segment.damaged))})"
    if segment.torn_bytes:
        text += f", a torn tail of {segment.torn_bytes} bytes"
    return text


def _gaps(path: Path, missing: Missing) -> Iterator[str]:
    with path.open("rb") as file:
        for record in decode_all(file):
            if record is not None:
                yield from (
                    f"{path.name}: event {seq} of call {record['call']} is missing"
                    for seq in missing.note(record)
                )

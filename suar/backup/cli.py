"""What `suar backup` and `suar restore` do, and what they tell."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from dashboards.app import database_url
from dashboards.db import known_revisions
from suar.backup.restoring import check
from suar.backup.restoring import restore as put_back
from suar.backup.saving import save
from suar.workplace import Workplace

_ELSEWHERE = (
    "The database is NOT in this backup: SUAR_DATABASE_URL names another than SQLite. Use its own tools: "
    "`pg_dump --format=custom` before each `suar backup`, so that the journal is the newer of the two."
)


def backup(work: Workplace, folder: Path, *, with_recordings: bool) -> None:
    """Make a backup and say what is in it."""
    url = database_url(work.state)
    manifest = save(
        work.city.node, work.state, url, folder, datetime.now(UTC), with_recordings=with_recordings
    )
    size = sum(facts.bytes for facts in manifest.files.values())
    typer.echo(
        f"{folder}: {len(manifest.files)} files, {size / 1e6:.1f} MB, schema {manifest.schema_revision}"
    )
    if manifest.database == "elsewhere":
        typer.echo(_ELSEWHERE, err=True)
    if manifest.database == "none":
        typer.echo("There is no database yet: the dashboards have not run here.", err=True)
    if not with_recordings:
        typer.echo("Recordings are not in it; --recordings takes them too.", err=True)


def restore(work: Workplace, folder: Path, *, force: bool) -> None:
    """Put a backup back and say what became of what was there."""
    url, network = database_url(work.state), work.city.network
    manifest = check(folder, work.city.node, known_revisions(), url)
    restored = put_back(
        folder,
        manifest,
        work.state,
        url,
        datetime.now(UTC),
        force=force,
        binds=(network.control_bind, network.web_bind),
    )
    typer.echo(f"{work.state.root}: as {work.city.node} was at {manifest.made_at:%F %T %Z}")
    for path in restored.kept:
        typer.echo(f"kept       {path}: it has grown since")
    for path in restored.aside:
        typer.echo(f"put aside  {path}")
    if manifest.database == "elsewhere":
        typer.echo("The database was not in the backup: put it back with `pg_restore`.", err=True)
    typer.echo("Start Suar: the call controller sends again all that its journal has.")

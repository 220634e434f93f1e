"""``suar user`` and ``suar incident``: the same services as the pages, from a shell on the machine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from sqlmodel import Session

from dashboards.app import database_url
from dashboards.db import Database
from dashboards.incidents import listing, views
from dashboards.state import utc_now
from dashboards.users import service as users
from dashboards.users.passwords import generate, hash_password
from suar.workplace import Workplace

user_app = typer.Typer(help="Who may sign in.", no_args_is_help=True)
incident_app = typer.Typer(help="Incidents.", no_args_is_help=True)

T = TypeVar("T")


@user_app.command()
def add(
    ctx: typer.Context,
    name: str,
    role: Annotated[str, typer.Option(help="operator, supervisor, admin, agency or wall.")],
    agency: Annotated[str | None, typer.Option(help="The agency of an agency's desk.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password.")] = False,
) -> None:
    """Add a user and print what she signs in with; it is shown this once."""
    work: Workplace = ctx.obj
    password = sys.stdin.readline().rstrip("\n") if password_stdin else generate()
    users.check_password(password)
    hashed = hash_password(password)
    _run(
        work,
        lambda session: users.add(session, work.city, name, role, agency, hashed, utc_now()),
        writes=True,
    )
    typer.echo(f"page      http://{work.city.network.web_bind}/")
    typer.echo(f"user      {name}")
    if not password_stdin:
        typer.echo(f"password  {password}")
    operator = work.city.operator(name)
    if role == users.Role.OPERATOR and operator:
        typer.echo(f"phone     sip:{operator.endpoint}@{work.city.network.sip_bind} (UDP)")
        typer.echo(f"phone-password  {work.secrets.operator_sip_passwords[operator.id]}")
    supervisor = work.city.supervisor(name)
    if role == users.Role.SUPERVISOR and supervisor:
        typer.echo(f"phone     sip:{supervisor.endpoint}@{work.city.network.sip_bind} (UDP)")
        typer.echo(f"phone-password  {work.secrets.supervisor_sip_passwords[supervisor.id]}")


@user_app.command(name="list")
def list_users(ctx: typer.Context) -> None:
    """List the users."""
    for user in _run(ctx.obj, users.list_users):
        state = "" if user.is_enabled else "  (disabled)"
        typer.echo(f"{user.name:20} {user.role:10} {user.agency or ''}{state}")


@incident_app.command(name="list")
def list_incidents(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
) -> None:
    """List incidents, the newest first."""
    work: Workplace = ctx.obj
    found = _run(work, lambda session: listing.list_incidents(session, utc_now(), limit=limit))
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    for one in found:
        at = one.created_at.astimezone(work.city.zone)
        columns = [
            one.id,
            f"{at:%F %T}",
            f"{one.kind:9}",
            f"{one.state:11}",
            f"{one.disposition or '-':9}",
            f"{one.location.get('source', '-'):8}",
            one.carrier or "-",
        ]
        typer.echo("  ".join(columns))


@incident_app.command()
def show(ctx: typer.Context, incident_id: str) -> None:
    """Show one incident, as JSON."""
    found = _run(ctx.obj, lambda session: views.show(session, incident_id, utc_now()))
    typer.echo(found.model_dump_json(indent=2))


def _run(work: Workplace, act: Callable[[Session], T], *, writes: bool = False) -> T:
    async def run() -> T:
        work.state.create()
        db = Database(database_url(work.state))
        try:
            await db.open()
            return await (db.write(act) if writes else db.read(act))
        finally:
            await db.close()

    return asyncio.run(run())

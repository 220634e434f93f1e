"""Whether the dashboards can serve: their database answers and takes writes, the call controller is heard."""

from __future__ import annotations

from dashboards.controller import ControllerLink
from dashboards.db import Database
from dashboards.errors import DatabaseUnavailable
from dashboards.health.database import DatabaseWatch
from suar.watching import Readiness


async def find_readiness(db: Database, watch: DatabaseWatch, controller: ControllerLink) -> Readiness:
    """Ask the database, and say what is missing."""
    why = []
    database = watch.trouble or "ok"
    try:
        await db.read(lambda session: session.connection())
    except DatabaseUnavailable as error:
        database = watch.trouble or error.code
        # In general words: strangers may ask, and a database names its host and its user.
        why.append(str(type(error).__doc__))
    else:
        if watch.trouble:
            why.append("the database takes no writes; the health page and the alarm say more")
    if controller.stale_since is not None:
        why.append("the call controller is not heard; calls go on without it")
    parts = {"database": database, "controller": "lost" if controller.stale_since else "heard"}
    return Readiness(parts, why)

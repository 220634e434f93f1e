"""What a person said that a call was goes into the controller's journal, too."""

from __future__ import annotations

import asyncio

from sqlmodel import col, select

from dashboards.models import Call
from dashboards.state import Services

_tasks: set[asyncio.Task[None]] = set()


def journal(services: Services, incident_id: str, disposition: object, by: str) -> None:
    """Tell the controller of each of the incident's calls, beside what goes on; None tells nothing."""
    if isinstance(disposition, str) and disposition:
        task = asyncio.create_task(_tell(services, incident_id, disposition, by))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)


async def _tell(services: Services, incident_id: str, disposition: str, by: str) -> None:
    calls = await services.db.read(
        lambda session: session.exec(
            select(Call.id).where(Call.incident_id == incident_id, col(Call.wrap_up_s).is_(None))
        ).all()
    )
    for call_id in calls:
        await services.controller.dispose(call_id, disposition, by)

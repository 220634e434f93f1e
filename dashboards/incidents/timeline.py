"""The timeline as the journal's records again, for calls that the journal has long let go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from dashboards.models import Incident, IncidentEvent
from suar.record import Record, stamp

_SAYS_WHAT_IT_WAS = {"closed", "described"}
_AT_A_TIME = 1000


def call_records(session: Session, since: datetime, until: datetime) -> Iterator[Record]:
    """Yield the records of the calls of incidents that began in ``[since, until)``, each call's together.

    ``{"call", "type", "at", ...}`` as the controller journalled it, without the caller's number; then
    ``{"disposed": call, "disposition"}``, where a person has said what it was; then ``{"finished": call}``
    where its end was told.
    """
    query = (
        select(IncidentEvent)
        .join(Incident, col(Incident.id) == col(IncidentEvent.incident_id))
        .where(col(Incident.created_at) >= since, col(Incident.created_at) < until)
        .order_by(col(IncidentEvent.incident_id), col(IncidentEvent.id))
        .execution_options(yield_per=_AT_A_TIME)
    )
    for _, events in groupby(session.exec(query), lambda event: event.incident_id):
        yield from _of_incident(events)


def _of_incident(events: Iterable[IncidentEvent]) -> Iterator[Record]:
    disposition: str | None = None
    calls: dict[str, bool] = {}
    for event in events:
        data: dict[str, Any] = event.data
        call_id = data.get("call")
        if event.what in _SAYS_WHAT_IT_WAS:
            disposition = data.get("disposition") or disposition
        elif isinstance(call_id, str):
            calls[call_id] = calls.get(call_id, False) or event.what == "ended"
            yield {**data, "call": call_id, "type": event.what, "at": stamp(event.at)}
    for call_id, is_over in calls.items():
        if disposition is not None:
            yield {"disposed": call_id, "disposition": disposition}
        if is_over:
            yield {"finished": call_id}

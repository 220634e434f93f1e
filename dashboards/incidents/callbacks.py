"""The callback list: whose call was lost under her, and whom nobody has called back yet."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel
from sqlmodel import Session, col, select

from dashboards.errors import NotFound
from dashboards.models import Call, Incident, IncidentEvent

_LOST, _CALLED_BACK = "lost", "called_back"


class Callback(BaseModel):
    """One caller to be called back. ``number`` is null where none came."""

    incident_id: str
    call_id: str
    number: str | None
    rang_at: datetime
    lost_at: datetime


def list_callbacks(session: Session) -> list[Callback]:
    """Return whom to call back, the first who was lost first."""
    settled = select(IncidentEvent.incident_id).where(col(IncidentEvent.what) == _CALLED_BACK)
    found = session.exec(
        select(IncidentEvent, Incident, Call)
        .join(Incident, col(Incident.id) == col(IncidentEvent.incident_id))
        .join(Call, col(Call.incident_id) == col(Incident.id))
        .where(col(IncidentEvent.what) == _LOST, col(IncidentEvent.incident_id).not_in(settled))
        .order_by(col(IncidentEvent.id))
    ).all()
    seen: dict[str, Callback] = {}
    for event, incident, call in found:
        seen.setdefault(
            incident.id,
            Callback(
                incident_id=incident.id,
                call_id=call.id,
                number=call.number,
                rang_at=incident.ring_at,
                lost_at=event.at,
            ),
        )
    return list(seen.values())


def note_called_back(session: Session, incident_id: str, who: str, now: datetime) -> None:
    """Take a caller off the list: somebody has called her. Raises NotFound if she is not on it."""
    if all(one.incident_id != incident_id for one in list_callbacks(session)):
        raise NotFound(f"{incident_id} is not on the callback list")
    session.add(IncidentEvent(incident_id=incident_id, at=now, who=who, what=_CALLED_BACK, data={}))

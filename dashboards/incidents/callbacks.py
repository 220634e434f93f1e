"""The callback list: who was cut off by a failure, or hung up before an operator answered, and has not been
reached since. It clears itself when she rings again or is reached.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, or_, select

from dashboards.errors import NotFound
from dashboards.incidents.listing import is_no_test
from dashboards.incidents.workflow import State
from dashboards.models import Call, Incident, IncidentEvent

_LOST, _CALLED_BACK, _RANG_AGAIN = "lost", "called_back", "rang_again"
_ENDED = "ended"
_SETTLED = (_CALLED_BACK, _RANG_AGAIN)
_DIALLED, _NOT_REACHED = "dialled_out", "not_reached"
_POCKET = timedelta(seconds=5)
"""Who hangs up so soon has mostly rung by mistake: she is called back after the others."""
_REMEMBERED = timedelta(hours=24)
"""An abandoned call is of yesterday then: who still needs help has rung again."""


class Callback(BaseModel):
    """One caller to be called back. ``number`` is null where none came."""

    incident_id: str
    call_id: str
    number: str | None
    carrier: str | None
    why: str
    """``lost`` by a failure, or ``abandoned`` by the caller before an operator answered."""
    rang_at: datetime
    lost_at: datetime
    attempts: int
    """How often she was called in vain."""
    attempted_at: datetime | None


def list_callbacks(session: Session, now: datetime) -> list[Callback]:
    """Return whom to call back, in the order of need.

    Those whom a failure cut off come first, those who hung up at once come last; of each, who was lost first.
    """
    return _listed(session, _abandoned(IncidentEvent.at > now - _REMEMBERED))


def _listed_of(session: Session, *hers: ColumnElement[bool] | bool) -> list[Callback]:
    """Return whom of some incidents or calls one has to call back, however long ago she was lost."""
    return _listed(session, _abandoned(), col(IncidentEvent.what).in_((_LOST, _ENDED)), *hers)


def _abandoned(*conditions: ColumnElement[bool] | bool) -> ColumnElement[bool]:
    told = col(IncidentEvent.data)
    return and_(
        IncidentEvent.what == _ENDED,
        told["disposition"].as_string() == "terputus",
        told["by"].as_string() == "caller",
        Incident.state != State.CLOSED,
        *conditions,
    )


def _listed(
    session: Session, abandoned: ColumnElement[bool], *conditions: ColumnElement[bool] | bool
) -> list[Callback]:
    later = aliased(IncidentEvent)
    is_settled = (
        select(later.id)
        .where(later.incident_id == IncidentEvent.incident_id, col(later.what).in_(_SETTLED))
        .exists()
    )
    found = session.exec(
        select(IncidentEvent, Incident, Call)
        .join(Incident, col(Incident.id) == col(IncidentEvent.incident_id))
        .join(Call, col(Call.incident_id) == col(Incident.id))
        .where(
            or_(IncidentEvent.what == _LOST, abandoned),
            ~is_settled,
            Call.presentation != "dialled",
            is_no_test(),
            *conditions,
        )
        .order_by(col(IncidentEvent.id))
    ).all()
    attempts = _attempts(session, {incident.id for _, incident, _ in found})
    seen: dict[str, Callback] = {}
    for event, incident, call in found:
        tried = attempts.get(incident.id, [])
        seen.setdefault(
            incident.id,
            Callback(
                incident_id=incident.id,
                call_id=call.id,
                number=call.number,
                carrier=call.carrier,
                why=_LOST if event.what == _LOST else "abandoned",
                rang_at=incident.ring_at,
                lost_at=event.at,
                attempts=len(tried),
                attempted_at=max(tried, default=None),
            ),
        )
    return sorted(seen.values(), key=_need)


def _need(one: Callback) -> tuple[bool, bool, datetime]:
    return (one.why != _LOST, one.lost_at - one.rang_at < _POCKET, one.lost_at)


def note_called_back(session: Session, incident_id: str, who: str, now: datetime) -> None:
    """Take a caller off the list: somebody has called her. Raises NotFound if she is not on it."""
    find_callback(session, incident_id)
    _settle(session, incident_id, who, _CALLED_BACK, now, {})


def find_callback(session: Session, incident_id: str) -> Callback:
    """Return who is to be called back for an incident. Raises NotFound."""
    found = _listed_of(session, Incident.id == incident_id)
    if not found:
        raise NotFound(f"{incident_id} is not on the callback list")
    return found[0]


def note_reached(session: Session, call: Call, who: str, at: datetime) -> None:
    """A call that we made was answered: whoever of its incident was to be called back has been."""
    for one in _listed_of(session, Incident.id == call.incident_id):
        if one.number == call.number:
            _settle(session, one.incident_id, who, _CALLED_BACK, at, {"call": call.id})


def note_rang_again(session: Session, call: Call, at: datetime) -> None:
    """She has rung herself: this call is the one that counts from here on."""
    if not call.number:
        return
    for one in _listed_of(session, Call.number == call.number, Incident.id != call.incident_id):
        data = {"call": call.id, "incident": call.incident_id}
        _settle(session, one.incident_id, "suar", _RANG_AGAIN, at, data)


def _settle(
    session: Session, incident_id: str, who: str, what: str, at: datetime, data: dict[str, str]
) -> None:
    session.add(IncidentEvent(incident_id=incident_id, at=at, who=who, what=what, data=data))


def _attempts(session: Session, incident_ids: Collection[str]) -> dict[str, list[datetime]]:
    """Return when callers were rung in vain. Where the operator herself did not answer, nobody was rung."""
    if not incident_ids:
        return {}
    events = session.exec(
        select(IncidentEvent).where(
            col(IncidentEvent.what).in_((_DIALLED, _NOT_REACHED)),
            col(IncidentEvent.incident_id).in_(incident_ids),
        )
    ).all()
    in_vain = {
        event.data.get("call")
        for event in events
        if event.what == _NOT_REACHED and event.data.get("who") == "operator"
    }
    found: dict[str, list[datetime]] = {}
    for event in events:
        if event.what == _DIALLED and event.data.get("call") not in in_vain:
            found.setdefault(event.incident_id, []).append(event.at)
    return found

"""What is claimed of a caller's place, as the incident keeps it: all claims, the best, the last change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dashboards.errors import NotFound
from dashboards.models import Call, Claim, Incident, IncidentEvent
from suar.location import Book, ClaimInvalid, Reading, claim_from
from suar.location import Claim as Claimed
from suar.log import get_logger

log = get_logger()


def keep_claim(
    session: Session, incident: Incident, call_id: str, at: datetime, data: Any, is_best: bool | None
) -> None:
    """Keep a claim as it was told; ``is_best`` is None in journals from before that was told.

    One that cannot be read is kept all the same, and never gone by.
    """
    if not isinstance(data, dict):
        return
    claim = _read({"received_at": at.isoformat(), **data})
    source = str(data.get("source", "unknown"))[:100]
    kept = data if claim is None else claim.as_json()
    session.add(Claim(incident_id=incident.id, call_id=call_id, source=source, data=kept))
    has_none = not incident.location
    if claim is not None and claim.is_usable and (has_none if is_best is None else is_best):
        incident.location = claim.as_json()


def change_place(incident: Incident, change: Any, at: datetime) -> None:
    """Go by another claim than before, and show it as a change until somebody has seen it."""
    claim = _read(change.get("new")) if isinstance(change, dict) else None
    if claim is None:
        return
    incident.location = claim.as_json()
    incident.location_change = {**change, "at": at.isoformat()}


def keep_data(call: Call, data: dict[str, Any]) -> None:
    """Keep what a document says of the caller besides her place.

    Not its references: who knows a location URI can follow the caller (RFC 6753, section 4).
    """
    kept = {name: value for name, value in data.items() if name not in {"references", "errors"}}
    call.caller_data = [*call.caller_data, kept]


def add_claims(session: Session, incident_id: str, call_id: str, reading: Reading, now: datetime) -> int:
    """Add claims to an incident whose call is over; return how many were not known yet.

    Raises :class:`~dashboards.errors.NotFound`.
    """
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    kept = session.exec(select(Claim).where(Claim.incident_id == incident_id).order_by(col(Claim.id))).all()
    known = [claim for one in kept if (claim := _read(one.data)) is not None]
    best = _read(incident.location) if incident.location else None
    same = next((claim for claim in known if claim == best), best)
    news = Book(tuple(known), same).add(reading.claims, now)

    def note(what: str, data: dict[str, Any]) -> None:
        session.add(
            IncidentEvent(
                incident_id=incident_id, at=now, who="suar", what=what, data={**data, "call": call_id}
            )
        )

    if news.change is not None:
        change_place(incident, news.change.as_json(), now)
        note("location_changed", {"change": news.change.as_json()})
    for claim in news.fresh:
        is_best = claim is news.book.best
        keep_claim(session, incident, call_id, now, claim.as_json(), is_best)
        note("located", {"claim": claim.as_json(), "best": is_best})
    return len(news.fresh)


def note_seen(session: Session, incident_id: str, who: str, now: datetime) -> None:
    """Somebody has seen that the place changed. Raises :class:`~dashboards.errors.NotFound`."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    if incident.location_change is not None:
        incident.location_change = None
        session.add(IncidentEvent(incident_id=incident_id, at=now, who=who, what="location_seen", data={}))


def _read(data: Any) -> Claimed | None:
    try:
        return claim_from(data)
    except ClaimInvalid as error:
        log.warning("claim_unusable", field=error.field)
        return None

"""A text message to every operator: shown on their pages for a while, kept for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlmodel import Session, col, select

from dashboards.errors import BodyInvalid
from dashboards.models import StaffEvent
from dashboards.supervision.audit import note

LONGEST = 500
_SHOWN_FOR = timedelta(minutes=30)
_SHOWN_AT_ONCE = 5
_WHAT = "broadcast"


class Broadcast(BaseModel):
    """A message, as it is shown."""

    id: int
    at: datetime
    who: str
    text: str


def send(session: Session, who: str, text: str, now: datetime) -> None:
    """Send a message. Raises BodyInvalid for one that says nothing, or too much."""
    text = " ".join(text.split())
    if not 0 < len(text) <= LONGEST:
        raise BodyInvalid(f"1 to {LONGEST} characters", "text")
    note(session, who, _WHAT, "operators", now, text=text)


def list_shown(session: Session, now: datetime) -> list[Broadcast]:
    """Return the messages of the last half hour, the newest first, at most five."""
    found = session.exec(
        select(StaffEvent)
        .where(StaffEvent.what == _WHAT, col(StaffEvent.at) > now - _SHOWN_FOR)
        .order_by(col(StaffEvent.id).desc())
        .limit(_SHOWN_AT_ONCE)
    ).all()
    return [Broadcast(id=one.id or 0, at=one.at, who=one.who, text=one.data["text"]) for one in found]

"""Who among the staff did what, to whom or what, and when. Only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from dashboards.models import StaffEvent


class StaffEventView(BaseModel):
    """One act, as the API and the page show it."""

    id: int
    at: datetime
    who: str
    what: str
    about: str
    data: dict[str, Any]


def note(session: Session, who: str, what: str, about: str, now: datetime, **data: Any) -> None:
    """Write an act down: ``about`` is a call's or an operator's id, or ``operators`` for all of them."""
    session.add(StaffEvent(at=now, who=who, what=what, about=about, data=data))


def list_acts(session: Session, limit: int) -> list[StaffEventView]:
    """Return the last acts, the newest first."""
    found = session.exec(select(StaffEvent).order_by(col(StaffEvent.id).desc()).limit(limit)).all()
    return [StaffEventView.model_validate(one, from_attributes=True) for one in found]

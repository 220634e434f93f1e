"""The links that were sent. Only a hash of a link's token, and of its browser's, is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from dashboards.errors import NotFound, TooManyAttempts
from dashboards.incidents.workflow import State
from dashboards.models import Call, Incident, IncidentEvent, LocationLink

MOST_FOR_ONE = 5
"""Links for one incident within ``_LATELY``."""
_LATELY = timedelta(minutes=10)


class LinkState(StrEnum):
    """How far a link is."""

    SENT = "sent"
    OPENED = "opened"
    SHARING = "sharing"
    CANNOT = "cannot"
    STOPPED = "stopped"
    OVER = "over"


class LinkView(BaseModel):
    """A link, as the API and the pages show it."""

    state: LinkState
    number: str
    """To whom it was sent: its last three digits."""
    sent_at: datetime
    expires_at: datetime
    last_at: datetime | None
    """When the phone was last heard."""
    reason: str | None
    """Why it cannot share."""


def create(
    session: Session, incident_id: str, number: str, who: str, now: datetime, valid_s: float
) -> tuple[str, int]:
    """Make a link for the incident's last call; return its token and its row's id.

    Raises NotFound, TooManyAttempts.
    """
    call = session.exec(
        select(Call).where(Call.incident_id == incident_id).order_by(col(Call.id).desc())
    ).first()
    if call is None:
        raise NotFound(f"there is no call of incident {incident_id}")
    lately = session.exec(
        select(LocationLink.id).where(
            LocationLink.incident_id == incident_id, col(LocationLink.sent_at) > now - _LATELY
        )
    ).all()
    if len(lately) >= MOST_FOR_ONE:
        raise TooManyAttempts(f"{MOST_FOR_ONE} links were sent for this incident; wait ten minutes")
    token = secrets.token_urlsafe(12)
    link = LocationLink(
        token_hash=_hash(token),
        incident_id=incident_id,
        call_id=call.id,
        number=number,
        sent_by=who,
        sent_at=now,
        expires_at=now + timedelta(seconds=valid_s),
    )
    session.add(link)
    session.flush()
    _note(session, link, who, "link_sent", now, text=f"…{number[-3:]}")
    return token, link.id or 0


def forget(session: Session, link_id: int, who: str, now: datetime) -> None:
    """Take back a link whose SMS was not sent."""
    link = session.get_one(LocationLink, link_id)
    _note(session, link, who, "link_failed", now)
    session.delete(link)


def find(session: Session, token: str, now: datetime) -> LocationLink | None:
    """Return the link of a token, if it can still be used: not after its time, nor of a closed incident."""
    link = session.exec(select(LocationLink).where(LocationLink.token_hash == _hash(token))).first()
    if link is None or link.expires_at <= now:
        return None
    incident = session.get(Incident, link.incident_id)
    return None if incident is None or incident.state == State.CLOSED else link


def note_opened(session: Session, token: str, now: datetime) -> LocationLink | None:
    """Note that somebody looks at a link's page; what previews links for people does so, too."""
    link = find(session, token, now)
    if link is not None and link.opened_at is None:
        link.opened_at = now
        _note(session, link, "suar", "link_opened", now)
    return link


def begin(
    session: Session, token: str, browser: str | None, now: datetime
) -> tuple[LocationLink, str] | None:
    """Let the first browser that agrees have the link, for good; return the link and the browser's secret.

    None if there is no such link, or another browser has it.
    """
    link = find(session, token, now)
    if link is None:
        return None
    if link.browser_hash is not None:
        return (link, browser) if browser and link.browser_hash == _hash(browser) else None
    browser = secrets.token_urlsafe(24)
    link.browser_hash, link.opened_at = _hash(browser), link.opened_at or now
    return link, browser


def of_browser(session: Session, token: str, browser: str | None, now: datetime) -> LocationLink | None:
    """Return the link that this browser has; None for any other."""
    link = find(session, token, now)
    has_it = link is not None and browser is not None and link.browser_hash == _hash(browser)
    return link if has_it else None


def note_state(
    session: Session, token: str, browser: str | None, what: str, now: datetime, reason: str | None = None
) -> LocationLink | None:
    """Note what the browser tells: ``sharing``, ``cannot`` with a reason, or ``stopped``."""
    link = of_browser(session, token, browser, now)
    if link is None:
        return None
    if (link.told, link.reason) != (what, reason):
        link.told, link.reason = what, reason
        data = {"text": reason} if reason else {}
        _note(session, link, "suar", f"link_{what}", now, **data)
    link.last_at = now
    return link


def show(session: Session, incident_id: str, now: datetime) -> LinkView | None:
    """Return the last link of an incident, if there is one."""
    link = session.exec(
        select(LocationLink)
        .where(LocationLink.incident_id == incident_id)
        .order_by(col(LocationLink.id).desc())
    ).first()
    if link is None:
        return None
    state = LinkState(link.told) if link.told else LinkState.OPENED if link.opened_at else LinkState.SENT
    if link.expires_at <= now:
        state = LinkState.OVER
    return LinkView(
        state=state,
        number=link.number[-3:],
        sent_at=link.sent_at,
        expires_at=link.expires_at,
        last_at=link.last_at,
        reason=link.reason,
    )


def _note(session: Session, link: LocationLink, who: str, what: str, now: datetime, **data: Any) -> None:
    session.add(
        IncidentEvent(
            incident_id=link.incident_id, at=now, who=who, what=what, data={**data, "call": link.call_id}
        )
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""The tables. Times are UTC; what a person did and when is in `IncidentEvent`, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, Index, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Utc(TypeDecorator[datetime]):
    """A time that comes back with its zone, from a database that keeps none (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _time(*, nullable: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Utc, nullable=nullable, index=index))


class User(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, index=True)
    role: str
    agency: str | None = None
    """The agency of an agency's desk."""
    password_hash: str
    is_enabled: bool = True
    created_at: datetime = _time(nullable=False)


class Session(SQLModel, table=True):
    """One who is signed in, on one browser. Only a hash of the token is kept."""

    token_hash: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    language: str
    created_at: datetime = _time(nullable=False)
    seen_at: datetime = _time(nullable=False)


class Incident(SQLModel, table=True):
    """Something that happened in the city and that somebody has to see to."""

    __table_args__ = (Index("ix_incident_operator_created_at", "operator", "created_at"),)

    id: str = Field(primary_key=True)
    state: str = Field(index=True)
    kind: str
    kind_is_confirmed: bool = False
    priority: int
    target_s: float
    language: str
    disposition: str | None = None
    operator: str | None = None
    place: str = ""
    notes: str = ""
    location: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """The best claim of the caller's place."""
    location_change: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """The last change of the place, until somebody has said that she has seen it."""
    created_at: datetime = _time(nullable=False, index=True)
    ring_at: datetime | None = _time()
    answered_at: datetime | None = _time()
    classified_at: datetime | None = _time()
    sent_at: datetime | None = _time()
    acknowledged_at: datetime | None = _time()
    start_at: datetime | None = _time()
    on_scene_at: datetime | None = _time()
    closed_at: datetime | None = _time()


class Call(SQLModel, table=True):
    """One call, as the call controller told it. ``applied`` is the number of its last event."""

    id: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    applied: int = 0
    carrier: str | None = None
    number: str | None = Field(default=None, index=True)
    presentation: str = "missing"
    dialled: str = ""
    sip_call_id: str | None = None
    ended_by: str | None = None
    ring_s: float | None = None
    triage_s: float | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    wrap_up_s: float | None = None
    recording: str | None = None
    recording_sha256: str | None = None
    recording_s: float | None = None
    recording_bytes: int | None = None
    recording_problem: str | None = None
    caller_data: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """What documents say of the caller besides her place (RFC 7852), one object each."""


class Claim(SQLModel, table=True):
    """What one source said of the caller's place; all are kept."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    call_id: str
    source: str
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Task(SQLModel, table=True):
    """One agency's part in one incident."""

    __table_args__ = (UniqueConstraint("incident_id", "agency"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    agency: str = Field(index=True)
    sent_at: datetime | None = _time()
    acknowledged_at: datetime | None = _time()
    start_at: datetime | None = _time()
    on_scene_at: datetime | None = _time()


class IncidentEvent(SQLModel, table=True):
    """Who did what, and when. Only ever added to."""

    __table_args__ = (
        Index("ix_incidentevent_incident_id_what", "incident_id", "what"),
        Index("ix_incidentevent_what_at", "what", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key="incident.id")
    at: datetime = _time(nullable=False)
    who: str
    what: str
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class LocationLink(SQLModel, table=True):
    """A link by SMS that shares a phone's place. The token itself is only in the SMS."""

    __tablename__ = "location_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, index=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
    call_id: str
    number: str
    sent_by: str
    sent_at: datetime = _time(nullable=False)
    expires_at: datetime = _time(nullable=False)
    opened_at: datetime | None = _time()
    browser_hash: str | None = None
    """Of the secret that the first browser got which agreed."""
    told: str | None = None
    """What that browser said last: ``sharing``, ``cannot`` or ``stopped``."""
    reason: str | None = None
    last_at: datetime | None = _time()


class StaffEvent(SQLModel, table=True):
    """What the staff did that is no incident's: who listened, who sent whom home, what was told."""

    __tablename__ = "staff_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _time(nullable=False)
    who: str
    what: str = Field(index=True)
    about: str
    """A call's or an operator's id, or ``operators``."""
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

"""An incident as the API and the pages show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from dashboards.errors import NotFound
from dashboards.incidents.workflow import MARKS, Stage, clock
from dashboards.models import Call, Claim, Incident, IncidentEvent, Task


class ClockView(BaseModel):
    """The seven-minute clock, when this was made."""

    elapsed_s: float
    target_s: float
    is_running: bool
    stage: Stage


class TaskView(BaseModel):
    """One agency's part."""

    agency: str
    sent_at: datetime | None
    acknowledged_at: datetime | None
    start_at: datetime | None
    on_scene_at: datetime | None


class CallView(BaseModel):
    """A call of the incident."""

    call_id: str
    carrier: str | None
    number: str | None
    presentation: str
    ended_by: str | None
    ring_s: float | None
    triage_s: float | None
    wait_s: float | None
    talk_s: float | None
    wrap_up_s: float | None
    has_recording: bool
    recording_sha256: str | None
    recording_s: float | None
    recording_bytes: int | None
    recording_problem: str | None
    caller_data: list[dict[str, Any]]


class EventView(BaseModel):
    """Who did what, and when."""

    id: int
    at: datetime
    who: str
    what: str
    data: dict[str, Any]


class IncidentSummary(BaseModel):
    """An incident in a list."""

    id: str
    state: str
    kind: str
    kind_is_confirmed: bool
    priority: int
    language: str
    disposition: str | None
    operator: str | None
    place: str
    location: dict[str, Any]
    location_change: dict[str, Any] | None
    created_at: datetime
    marks: dict[str, datetime | None]
    clock: ClockView | None
    carrier: str | None = None
    call_id: str | None = None
    agencies: list[str] = Field(default_factory=list)


class IncidentView(IncidentSummary):
    """One incident, whole."""

    notes: str
    calls: list[CallView]
    claims: list[dict[str, Any]]
    tasks: list[TaskView]
    events: list[EventView]


def marks_of(incident: Incident) -> dict[str, datetime | None]:
    """Return the marks by name."""
    return {mark: getattr(incident, f"{mark}_at") for mark in MARKS}


def summarise(incident: Incident, calls: list[Call], tasks: list[Task], now: datetime) -> IncidentSummary:
    """Return an incident as a list shows it."""
    marks = marks_of(incident)
    running = clock(marks, incident.target_s, now)
    first = calls[0] if calls else None
    return IncidentSummary(
        id=incident.id,
        state=incident.state,
        kind=incident.kind,
        kind_is_confirmed=incident.kind_is_confirmed,
        priority=incident.priority,
        language=incident.language,
        disposition=incident.disposition,
        operator=incident.operator,
        place=incident.place,
        location=incident.location,
        location_change=incident.location_change,
        created_at=incident.created_at,
        marks=marks,
        clock=ClockView(
            elapsed_s=running.elapsed_s,
            target_s=running.target_s,
            is_running=running.is_running,
            stage=running.stage,
        )
        if running
        else None,
        carrier=first.carrier if first else None,
        call_id=first.id if first else None,
        agencies=[task.agency for task in tasks],
    )


def show(session: Session, incident_id: str, now: datetime) -> IncidentView:
    """Return one incident whole. Raises :class:`~dashboards.errors.NotFound`."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    calls = list(session.exec(select(Call).where(Call.incident_id == incident_id).order_by(Call.id)).all())
    tasks = list(
        session.exec(select(Task).where(Task.incident_id == incident_id).order_by(col(Task.id))).all()
    )
    claims = session.exec(select(Claim).where(Claim.incident_id == incident_id).order_by(col(Claim.id))).all()
    events = session.exec(
        select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(col(IncidentEvent.id))
    ).all()
    return IncidentView(
        **summarise(incident, calls, tasks, now).model_dump(),
        notes=incident.notes,
        calls=[_call(call) for call in calls],
        claims=[claim.data for claim in claims],
        tasks=[TaskView.model_validate(task, from_attributes=True) for task in tasks],
        events=[EventView.model_validate(event, from_attributes=True) for event in events],
    )


def _call(call: Call) -> CallView:
    values = call.model_dump(exclude={"id"})
    return CallView(call_id=call.id, has_recording=call.recording is not None, **values)

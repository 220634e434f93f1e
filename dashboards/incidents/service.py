"""What people do to incidents. Every function runs in one transaction and writes who did what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, select

from dashboards.errors import BodyInvalid, NotFound
from dashboards.incidents.workflow import TASK_STEPS, State, Step, advance
from dashboards.models import Call, Incident, IncidentEvent, Task
from queues.dispositions import Disposition
from suar.city import City

_TEXT_LIMIT = 4000


class CallShown(BaseModel):
    """How much of a call has come: the end of the chain, for whoever tests the chain."""

    call_id: str
    incident_id: str
    has_ended: bool
    has_recording: bool
    recording_problem: str | None


def show_call(session: Session, call_id: str) -> CallShown:
    """Return what is stored of a call. Raises :class:`~dashboards.errors.NotFound`."""
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound(f"{call_id}: no event of such a call has come")
    return CallShown(
        call_id=call.id,
        incident_id=call.incident_id,
        has_ended=call.ended_by is not None,
        has_recording=call.recording is not None,
        recording_problem=call.recording_problem,
    )


def find_by_call(session: Session, call_id: str) -> str | None:
    """Return the incident of a call, if its first event has come."""
    call = session.get(Call, call_id)
    return call.incident_id if call else None


def describe(
    session: Session, city: City, incident_id: str, who: str, now: datetime, changes: dict[str, Any]
) -> None:
    """Change what is known: ``kind``, ``place``, ``notes``, ``disposition``. Only what is given changes."""
    incident = _get(session, incident_id)
    changed: dict[str, Any] = {}
    for name in ("place", "notes"):
        text = changes.get(name)
        if text is not None and text != getattr(incident, name):
            if len(text) > _TEXT_LIMIT:
                raise BodyInvalid(f"at most {_TEXT_LIMIT} characters", name)
            setattr(incident, name, text)
            changed[name] = text
    if (disposition := changes.get("disposition")) is not None:
        if disposition not in set(Disposition):
            raise BodyInvalid(f"one of {', '.join(Disposition)}", "disposition")
        if disposition != incident.disposition:
            incident.disposition = changed["disposition"] = disposition
    if (kind_id := changes.get("kind")) is not None:
        changed |= _classify(city, incident, kind_id, now)
    if changed:
        _note(session, incident, who, "described", now, changed)


def _classify(city: City, incident: Incident, kind_id: str, now: datetime) -> dict[str, Any]:
    kind = city.kind(kind_id)
    if kind is None:
        raise BodyInvalid(f"one of {', '.join(known.id for known in city.kinds)}", "kind")
    if incident.kind == kind.id and incident.kind_is_confirmed:
        return {}
    incident.state = advance(State(incident.state), Step.CLASSIFY)
    incident.kind, incident.priority, incident.target_s = kind.id, kind.priority, kind.target_s
    incident.kind_is_confirmed = True
    incident.classified_at = incident.classified_at or now
    return {"kind": kind.id}


def proposed_agencies(city: City, kind_id: str) -> list[str]:
    """Return the agencies that a kind asks for."""
    kind = city.kind(kind_id)
    return list(kind.agencies) if kind else []


def kind_of(session: Session, incident_id: str) -> str:
    """Return an incident's kind. Raises NotFound."""
    return _get(session, incident_id).kind


def send(
    session: Session, city: City, incident_id: str, who: str, now: datetime, agencies: Iterable[str]
) -> None:
    """Send an incident to agencies; one that has it already is passed over."""
    incident = _get(session, incident_id)
    wanted = list(dict.fromkeys(agencies))
    if not wanted:
        raise BodyInvalid("at least one agency", "agencies")
    for agency in wanted:
        if city.agency(agency) is None:
            known = ", ".join(one.id for one in city.agencies)
            raise BodyInvalid(f"{agency!r} is no agency; there are: {known}", "agencies")
    incident.state = advance(State(incident.state), Step.SEND)
    has = set(session.exec(select(Task.agency).where(Task.incident_id == incident_id)).all())
    fresh = [agency for agency in wanted if agency not in has]
    for agency in fresh:
        session.add(Task(incident_id=incident_id, agency=agency, sent_at=now))
    incident.sent_at = incident.sent_at or now
    incident.classified_at = incident.classified_at or now
    if fresh:
        _note(session, incident, who, "sent", now, {"agencies": fresh})


def step_task(session: Session, incident_id: str, agency: str, step: Step, who: str, now: datetime) -> None:
    """An agency acknowledges, sets out or arrives. A key that was forgotten is set to the same moment."""
    incident = _get(session, incident_id)
    task = session.exec(select(Task).where(Task.incident_id == incident_id, Task.agency == agency)).first()
    if task is None:
        raise NotFound(f"incident {incident_id} was not sent to {agency}")
    *_, last = TASK_STEPS[step]
    if getattr(task, f"{last}_at") is not None:
        return  # Pressed twice.
    incident.state = advance(State(incident.state), step)
    for mark in TASK_STEPS[step]:
        for row in (task, incident):
            if getattr(row, f"{mark}_at") is None:
                setattr(row, f"{mark}_at", now)
    _note(session, incident, who, step.value, now, {"agency": agency})


def close(session: Session, incident_id: str, who: str, now: datetime, disposition: str | None) -> str:
    """Close an incident; return what it is taken for: what is said now, was said before, or a normal call."""
    incident = _get(session, incident_id)
    if disposition is not None and disposition not in set(Disposition):
        raise BodyInvalid(f"one of {', '.join(Disposition)}", "disposition")
    incident.state = advance(State(incident.state), Step.CLOSE)
    incident.disposition = disposition or incident.disposition or Disposition.NORMAL
    incident.closed_at = now
    _note(session, incident, who, "closed", now, {"disposition": incident.disposition})
    return incident.disposition


def reopen(session: Session, incident_id: str, who: str, now: datetime, reason: str) -> None:
    """Open a closed incident again; it takes a reason."""
    if not reason.strip():
        raise BodyInvalid("say why it is opened again", "reason")
    incident = _get(session, incident_id)
    state = advance(State(incident.state), Step.REOPEN)
    incident.state = State.ON_SCENE if incident.on_scene_at else State.SENT if incident.sent_at else state
    incident.closed_at = None
    _note(session, incident, who, "reopened", now, {"reason": reason[:_TEXT_LIMIT]})


def add_note(session: Session, incident_id: str, who: str, now: datetime, text: str) -> None:
    """Add a line to the timeline."""
    if not text.strip():
        raise BodyInvalid("a text", "text")
    _note(session, _get(session, incident_id), who, "note", now, {"text": text[:_TEXT_LIMIT]})


def recorded_call(session: Session, call_id: str) -> Call:
    """Return a call that has a recording. Raises NotFound."""
    call = session.get(Call, call_id)
    if call is None or call.recording is None:
        raise NotFound(f"there is no recording of {call_id}")
    return call


def recorded_part(session: Session, call_id: str, part: str) -> str:
    """Return the file of what was recorded of somebody who was called into a call. Raises NotFound."""
    call = session.get(Call, call_id)
    if call is not None:
        events = session.exec(
            select(IncidentEvent).where(
                IncidentEvent.incident_id == call.incident_id, IncidentEvent.what == "part_sealed"
            )
        )
        for event in events:
            if event.data.get("part") == part:
                return str(event.data.get("file"))
    raise NotFound(f"there is no recording of {part}")


def note_listening(session: Session, call_id: str, who: str, now: datetime, part: str | None = None) -> str:
    """Write down that somebody listens to a recording; return its file. Raises NotFound."""
    file = recording_of(session, call_id, part)
    call = session.get_one(Call, call_id)
    heard = {"call": call_id, **({"part": part} if part else {})}
    _note(session, _get(session, call.incident_id), who, "listened", now, heard)
    return file


def recording_of(session: Session, call_id: str, part: str | None = None) -> str:
    """Return the file of a call's recording, or of a part of it. Raises NotFound."""
    if part is not None:
        return recorded_part(session, call_id, part)
    return recorded_call(session, call_id).recording or ""


def _get(session: Session, incident_id: str) -> Incident:
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}")
    return incident


def _note(
    session: Session, incident: Incident, who: str, what: str, now: datetime, data: dict[str, Any]
) -> None:
    session.add(IncidentEvent(incident_id=incident.id, at=now, who=who, what=what, data=data))

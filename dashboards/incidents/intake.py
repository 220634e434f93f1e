"""Call events in: each is applied once, in order, and makes or changes the call's incident."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from dashboards.errors import EventsMissing
from dashboards.incidents.callbacks import note_rang_again, note_reached
from dashboards.incidents.places import change_place, keep_claim, keep_data
from dashboards.incidents.workflow import State, Step, advance
from dashboards.models import Call, Incident, IncidentEvent
from queues.dispositions import Disposition
from suar.city import City

_A_DAY = timedelta(days=1)
_SPANS = ("ring_s", "triage_s", "wait_s", "talk_s")
# What stays out of the timeline: it has a place of its own in the call's record.
_PRIVATE = {"number", "references", "additional_data", "facts"}


class CallEventIn(BaseModel):
    """One event of a call. Further keys are the event's own data."""

    model_config = ConfigDict(extra="allow")

    seq: int = Field(ge=1)
    type: str = Field(min_length=1, max_length=40)
    at: datetime

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class CallEventsIn(BaseModel):
    """The body of ``PUT /api/v1/calls/{call_id}``."""

    events: list[CallEventIn] = Field(min_length=1, max_length=1000)
    lost: list[int] = []
    """Numbers of events that will never come: whoever had them has lost them."""


class CallEventsApplied(BaseModel):
    """What was stored."""

    call_id: str
    applied: int
    incident_id: str


class ManyCallsIn(BaseModel):
    """The body of ``POST /api/v1/calls``: of each call what ``PUT /api/v1/calls/{call_id}`` takes."""

    calls: dict[str, CallEventsIn] = Field(min_length=1, max_length=1000)


class CallEventsMissing(BaseModel):
    """What was not stored: an event that should have come before is not there."""

    call_id: str
    expected: int


class ManyCallsApplied(BaseModel):
    """What was stored of each call, and which calls have to be sent from an earlier event on."""

    applied: list[CallEventsApplied] = []
    missing: list[CallEventsMissing] = []


def apply_all(session: Session, city: City, calls: dict[str, CallEventsIn]) -> ManyCallsApplied:
    """Apply what many calls have told, in one transaction; one that lacks an event holds up no other."""
    outcome = ManyCallsApplied()
    # With their incidents, which the session then finds here and not in the database.
    found = session.exec(
        select(Call, Incident)
        .join(Incident, col(Incident.id) == Call.incident_id)
        .where(col(Call.id).in_(calls))
    )
    known = {call.id: (call, incident) for call, incident in found}
    for call_id, told in calls.items():
        call, _ = known.get(call_id, (None, None))
        try:
            stored = _apply(session, city, call_id, call, told.events, told.lost)
        except EventsMissing as error:
            # What came before the gap is stored: it is whole, and will not be asked for again.
            outcome.missing.append(CallEventsMissing(call_id=call_id, expected=error.details["expected"]))
        else:
            outcome.applied.append(stored)
    return outcome


def apply(
    session: Session, city: City, call_id: str, events: list[CallEventIn], lost: Collection[int] = ()
) -> CallEventsApplied:
    """Apply the events that are not applied yet, without waiting for those that are ``lost``.

    Raises :class:`~dashboards.errors.EventsMissing`.
    """
    return _apply(session, city, call_id, session.get(Call, call_id), events, lost)


def _apply(
    session: Session,
    city: City,
    call_id: str,
    call: Call | None,
    events: list[CallEventIn],
    lost: Collection[int],
) -> CallEventsApplied:
    applied, never = call.applied if call else 0, set(lost)
    for event in sorted(events, key=lambda one: one.seq):
        if event.seq <= applied:
            continue
        gap = range(applied + 1, event.seq)
        if missing := next((seq for seq in gap if seq not in never), None):
            raise EventsMissing(expected=missing)
        if call is None:
            call = _open(session, city, call_id, event)
        if gap:
            _note_lost(session, call, event.at, gap)
        _apply_one(session, city, call, event)
        applied = call.applied = event.seq
    if call is None:
        raise EventsMissing(expected=1)
    return CallEventsApplied(call_id=call.id, applied=call.applied, incident_id=call.incident_id)


def _note_lost(session: Session, call: Call, at: datetime, gap: range) -> None:
    data = {"first": gap[0], "last": gap[-1], "call": call.id}
    session.add(IncidentEvent(incident_id=call.incident_id, at=at, who="suar", what="events_lost", data=data))


def _open(session: Session, city: City, call_id: str, event: CallEventIn) -> Call:
    """Return a call that is new to us: of a new incident, or, if we made it for one, of that."""
    if (incident_id := _belongs_to(session, event)) is not None:
        call = Call(id=call_id, incident_id=incident_id)
        session.add(call)
        session.flush()
        return call
    kind = city.fallback_kind
    incident = Incident(
        id=_next_id(session, city, event.at),
        state=State.NEW,
        kind=kind.id,
        priority=kind.priority,
        target_s=kind.target_s,
        language=city.languages[0],
        created_at=event.at,
        ring_at=event.at,
    )
    call = Call(id=call_id, incident_id=incident.id)
    session.add(incident)
    session.flush()
    session.add(call)
    session.flush()
    return call


def _belongs_to(session: Session, event: CallEventIn) -> str | None:
    """Return the incident for which we made a call, or in which a caller rings again."""
    follows, incident_id = event.data.get("follows"), event.data.get("incident")
    followed = session.get(Call, str(follows)) if follows else None
    if followed is not None:
        earlier = session.get_one(Incident, followed.incident_id)
        # Who rings again after her incident was closed has a new one.
        is_over = event.type == "offered" and earlier.state == State.CLOSED
        return None if is_over else earlier.id
    incident = session.get(Incident, str(incident_id)) if incident_id else None
    return incident.id if incident is not None else None


def _next_id(session: Session, city: City, at: datetime) -> str:
    """Return the next id of the day, in the city's own time: ``sby1-20261124-0001``."""
    day = at.astimezone(city.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    head = f"{city.node}-{day:%Y%m%d}-"
    # Its day is the one that its incident was made on: the day's are looked through, and not the years'.
    of_the_day = (
        col(Incident.created_at) >= day - _A_DAY,
        col(Incident.created_at) < day + 2 * _A_DAY,
        col(Incident.id).startswith(head),
    )
    is_short = func.length(Incident.id) == len(head) + 4
    last = session.exec(select(func.max(Incident.id)).where(*of_the_day, is_short)).one()
    longer = session.exec(
        select(func.count()).where(*of_the_day, func.length(Incident.id) > len(head) + 4)
    ).one()
    number = (int(last.removeprefix(head)) if last else 0) + longer + 1
    return f"{head}{number:04d}"


def _apply_one(session: Session, city: City, call: Call, event: CallEventIn) -> None:
    incident = session.get_one(Incident, call.incident_id)
    data, at = event.data, event.at
    match event.type:
        case "offered":
            call.carrier, call.number = data.get("carrier"), data.get("number")
            call.presentation = data.get("presentation") or "missing"
            call.dialled = data.get("dialled") or ""
            call.sip_call_id = data.get("sip_call_id")
            if data.get("is_test") is True:
                incident.disposition = Disposition.UJI_COBA
            else:
                note_rang_again(session, call, at)
        case "dialled_out":
            call.carrier, call.number = data.get("carrier"), data.get("number")
            call.presentation, call.dialled = "dialled", data.get("number") or ""
        case "answered":
            incident.answered_at = incident.answered_at or at
        case "located":
            keep_claim(session, incident, call.id, at, data.get("claim"), data.get("best"))
        case "location_changed":
            change_place(incident, data.get("change"), at)
        case "caller_data":
            keep_data(call, data)
        case "triaged":
            _classify(city, incident, data, at)
        case "connected":
            incident.state = advance(State(incident.state), Step.CONNECT)
            incident.operator = data.get("operator")
            if incident.disposition == Disposition.TERPUTUS:
                incident.disposition = None  # She had hung up, rang again, and now somebody speaks to her.
            if call.presentation == "dialled":
                note_reached(session, call, str(data.get("operator")), at)
        case "handed_over":
            incident.operator = data.get("operator")
        case "taken_over":
            incident.operator = data.get("operator") or incident.operator
        case "ended":
            call.ended_by = data.get("by")
            for span in _SPANS:
                setattr(call, span, data.get(span))
            if incident.disposition is None and data.get("disposition") in set(Disposition):
                incident.disposition = data["disposition"]
            if data.get("disposition") == Disposition.UJI_COBA and incident.operator is None:
                # A machine has answered it: nobody is to look after it.
                incident.state, incident.closed_at = advance(State(incident.state), Step.CLOSE), at
        case "disposed":
            if data.get("disposition") not in set(Disposition):
                return
            if incident.disposition == data["disposition"]:
                return  # Said here, and told to the controller from here: the timeline has it already.
            incident.disposition = data["disposition"]
        case "wrapped_up":
            # One for each operator who had a part in it.
            call.wrap_up_s = round((call.wrap_up_s or 0.0) + (data.get("wrap_up_s") or 0.0), 3)
        case "recording_sealed":
            call.recording, call.recording_sha256 = data.get("file"), data.get("sha256")
            call.recording_s, call.recording_bytes = data.get("length_s"), data.get("bytes")
            # What was wrong before is mended; what is wrong with this file is told after it.
            call.recording_problem = None
        case "recording_failed":
            call.recording_problem = data.get("why")
        case _:
            pass  # Kept in the timeline: a newer controller may tell more than we know.
    shown = {key: value for key, value in data.items() if key not in _PRIVATE}
    session.add(
        IncidentEvent(
            incident_id=incident.id,
            at=at,
            who=data.get("supervisor") or data.get("operator") or "suar",
            what=event.type,
            data={**shown, "call": call.id},
        )
    )


def _classify(city: City, incident: Incident, data: dict[str, Any], at: datetime) -> None:
    kind = city.kind(str(data.get("kind")))
    incident.language = data.get("language") or incident.language
    # What a person has said of the incident is never overwritten by what a digit said.
    if kind is None or incident.kind_is_confirmed:
        return
    incident.kind, incident.priority, incident.target_s = kind.id, kind.priority, kind.target_s
    if data.get("outcome") == "chosen":
        incident.classified_at = incident.classified_at or at

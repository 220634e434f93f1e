"""Incidents in lists: the newest, to look something up, and the most urgent, to act on."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from dashboards.errors import NotFound
from dashboards.incidents.views import IncidentSummary, TaskView, summarise
from dashboards.incidents.workflow import State
from dashboards.models import Call, Incident, Task
from queues.dispositions import Disposition
from queues.service_level import CallTimes, measure
from suar.city import City

_LEAST_DIGITS = 4


def list_incidents(
    session: Session,
    now: datetime,
    *,
    state: str | None = None,
    kind: str | None = None,
    text: str | None = None,
    agency: str | None = None,
    operator: str | None = None,
    open_only: bool = False,
    with_tests: bool = False,
    before: str | None = None,
    limit: int = 50,
) -> list[IncidentSummary]:
    """Return incidents, the newest first. ``before`` is the id of the last one seen: a page's cursor.

    Those of test calls, of which there is one a minute, only if they are asked for, or looked for.
    """
    query = select(Incident).order_by(col(Incident.created_at).desc(), col(Incident.id).desc()).limit(limit)
    if state:
        query = query.where(Incident.state == state)
    if open_only:
        query = query.where(is_open())
    if not with_tests and not text:
        query = query.where(is_no_test())
    if kind:
        query = query.where(Incident.kind == kind)
    if operator:
        query = query.where(Incident.operator == operator)
    if agency:
        query = query.where(col(Incident.id).in_(select(Task.incident_id).where(Task.agency == agency)))
    if text:
        like = f"%{text}%"
        query = query.where(
            or_(
                col(Incident.id).like(like),
                col(Incident.place).ilike(like),
                col(Incident.notes).ilike(like),
                *_by_caller(text),
            )
        )
    if before:
        last = session.get(Incident, before)
        if last is None:
            raise NotFound(f"there is no incident {before}")
        query = query.where(
            or_(
                col(Incident.created_at) < last.created_at,
                (col(Incident.created_at) == last.created_at) & (col(Incident.id) < last.id),
            )
        )
    found = session.exec(query).all()
    calls, tasks = _parts(session, [incident.id for incident in found])
    return [summarise(one, calls[one.id], tasks[one.id], now) for one in found]


def _by_caller(text: str) -> list[ColumnElement[bool]]:
    """Return what holds of a caller's incidents, if this may be some of her number, with its 0 or its +62."""
    digits = "".join(one for one in text if one.isdigit()).lstrip("0")
    if len(digits) < _LEAST_DIGITS or not set(text) <= set("0123456789 +-()"):
        return []
    hers = select(Call.incident_id).where(col(Call.number).like(f"%{digits}%"))
    return [col(Incident.id).in_(hers)]


def is_open() -> ColumnElement[bool]:
    """Return what holds of an incident that is not closed, said so that an index finds the few."""
    return col(Incident.state).in_([state for state in State if state is not State.CLOSED])


def is_no_test() -> ColumnElement[bool]:
    """Return what holds of every incident but those of test calls, which a machine answered."""
    disposition = col(Incident.disposition)
    return or_(
        disposition.is_(None), disposition != Disposition.UJI_COBA, col(Incident.operator).is_not(None)
    )


def list_open(
    session: Session, now: datetime, *, agency: str | None = None, limit: int = 50
) -> list[IncidentSummary]:
    """Return open incidents, the most urgent first: whose target comes or came soonest, then those with help.

    With an agency only those that were sent to it, and its own arrival counts.
    """
    query = select(Incident).where(is_open(), is_no_test()).limit(limit)
    there = col(Incident.on_scene_at)
    if agency:
        query = query.join(Task, col(Task.incident_id) == Incident.id).where(Task.agency == agency)
        there = col(Task.on_scene_at)
    query = query.order_by(there.is_not(None), col(Incident.ring_at), col(Incident.id))
    found = session.exec(query).all()
    calls, tasks = _parts(session, [incident.id for incident in found])
    listed = [summarise(one, calls[one.id], tasks[one.id], now) for one in found]
    return listed if agency else sorted(listed, key=_deadline)


def _deadline(one: IncidentSummary) -> tuple[bool, datetime]:
    ring_at = one.marks["ring"] or one.created_at
    target = timedelta(seconds=one.clock.target_s if one.clock else 0.0)
    return (one.marks["on_scene"] is not None, ring_at + target)


def list_tasks(session: Session, incident_ids: list[str]) -> dict[str, list[TaskView]]:
    """Return what agencies have done so far, by incident."""
    found: defaultdict[str, list[TaskView]] = defaultdict(list)
    rows = select(Task).where(col(Task.incident_id).in_(incident_ids)).order_by(col(Task.id))
    for row in session.exec(rows).all():
        found[row.incident_id].append(TaskView.model_validate(row, from_attributes=True))
    return found


def count_open(session: Session) -> int:
    """Return how many incidents are open."""
    query = select(func.count()).select_from(Incident).where(is_open(), is_no_test())
    return session.exec(query).one()


def answer_target_s(city: City) -> float:
    """Return within how many seconds of the ring an operator should answer: the strictest queue's."""
    return min(queue.answer_target_s for queue in city.queues)


def answered_within(session: Session, since: datetime, target_s: float) -> float | None:
    """Return the share of the calls since then that spoke to an operator within the target of the ring.

    A call that was abandoned counts against us. None where there were no calls.
    """
    calls = session.exec(
        select(Call)
        .join(Incident, col(Incident.id) == Call.incident_id)
        .where(col(Incident.created_at) >= since, col(Call.ended_by).is_not(None), is_no_test())
    ).all()
    times = [
        CallTimes(
            (call.ring_s or 0.0) + (call.triage_s or 0.0) + (call.wait_s or 0.0), (call.talk_s or 0.0) > 0
        )
        for call in calls
    ]
    return measure(times, target_s).answered_in_target


def _parts(
    session: Session, ids: list[str]
) -> tuple[defaultdict[str, list[Call]], defaultdict[str, list[Task]]]:
    calls: defaultdict[str, list[Call]] = defaultdict(list)
    tasks: defaultdict[str, list[Task]] = defaultdict(list)
    for call in session.exec(select(Call).where(col(Call.incident_id).in_(ids)).order_by(Call.id)).all():
        calls[call.incident_id].append(call)
    for task in session.exec(select(Task).where(col(Task.incident_id).in_(ids)).order_by(col(Task.id))).all():
        tasks[task.incident_id].append(task)
    return calls, tasks

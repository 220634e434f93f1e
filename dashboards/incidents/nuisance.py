"""What a caller's number did before: told to the controller when she calls, written down, lifted by a person.

The history is the database's. Nothing is kept of a number beside its calls: who lifts a number's standing
does so on one of these, and what came before that counts no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from dashboards.errors import NotFound, WebError
from dashboards.models import Call, Incident, IncidentEvent, StaffEvent
from dashboards.state import Services
from dashboards.supervision import audit
from queues.dispositions import Disposition
from queues.nuisance import ANONYMOUS, PastCall, Standing, expires_in_s, stand
from suar.log import get_logger
from suar.record import stamp

PUT_BACK, LIFTED = "put_back", "nuisance_lifted"
_AT_MOST = 200
_A_DAY = timedelta(days=1)
_LATE = timedelta(seconds=30)
"""Who rang longer ago has heard the menu."""
_KNOWN = frozenset(Disposition)
_ONE_SPOT_M = 200.0
_NEAR_DEG = 0.0005
"""About fifty metres."""

log = get_logger()
_tasks: set[asyncio.Task[None]] = set()


def consider(services: Services, call_id: str, rang_at: datetime) -> None:
    """Tell the controller, beside what goes on, how a new call's number stands; of an old one, nothing."""
    if services.now() - rang_at > _LATE:
        return
    task = asyncio.create_task(_tell(services, call_id))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def lift(services: Services, call_id: str, who: str, why: str) -> None:
    """A supervisor says that a number's past counts no more. Raises NotFound."""
    now = services.now()

    def write(session: Session) -> None:
        call = session.get(Call, call_id)
        if call is None or call.number is None:
            raise NotFound(f"{call_id}: there is no such call, or it has no number")
        audit.note(session, who, LIFTED, call_id, now, text=why[:200])

    await services.db.write(write)
    services.hub.publish("audit")
    body = {"score": 0, "is_suppressed": False, "reasons": []}
    try:
        await services.controller.command(call_id, "standing", who, body)
    except WebError as error:
        # The call is over, or the controller away: it is the next call that counts.
        log.info("lift_not_told", reason=type(error).__name__)


def standing_of(
    session: Session, call_id: str, window: timedelta, now: datetime
) -> tuple[Standing, list[PastCall]]:
    """Return how the number of a call stands without that call, and its history. Raises NotFound."""
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    if call.number is None or call.presentation != "allowed":
        return ANONYMOUS, []
    since = max(now - window, _lifted_at(session, call.number) or now - window)
    hers = (Call.number == call.number, Call.id != call_id, col(Incident.created_at) > since)
    # Columns, not objects: at each call of a number that floods, all of its others are read.
    rows = session.exec(
        select(
            Incident.created_at,
            Incident.disposition,
            func.coalesce(Call.triage_s, 0.0)
            + func.coalesce(Call.wait_s, 0.0)
            + func.coalesce(Call.talk_s, 0.0),
            _was_silent(),
        )
        .join(Incident, col(Incident.id) == col(Call.incident_id))
        .where(*hers)
        .order_by(col(Incident.created_at).desc())
        .limit(_AT_MOST)
    ).all()
    past = [
        PastCall(
            (now - created_at).total_seconds(),
            Disposition(disposition) if disposition in _KNOWN else None,
            lasted_s,
            was_silent,
        )
        for created_at, disposition, lasted_s, was_silent in rows
    ]
    phones = _phones_at_place(session, call, hers, now)
    return stand(past, phones_at_place=phones, window_s=window.total_seconds()), past


async def _tell(services: Services, call_id: str) -> None:
    settings, now = services.city.nuisance, services.now()
    window = timedelta(days=settings.window_days)
    try:
        standing, past = await services.db.read(lambda session: standing_of(session, call_id, window, now))
        if not standing.score:
            return
        is_suppressed = standing.is_suppressed(settings.put_back_from)
        reasons = [asdict(reason) for reason in standing.reasons]
        body = {"score": standing.score, "is_suppressed": is_suppressed, "reasons": reasons}
        answer = await services.controller.command(call_id, "standing", "suar", body)
        if answer["is_put_back"]:
            left_s = expires_in_s(past, settings.put_back_from, window.total_seconds())
            until = stamp(now + timedelta(seconds=left_s))
            data: dict[str, Any] = {"score": standing.score, "reasons": reasons, "until": until}
            await services.db.write(
                lambda session: audit.note(session, "suar", PUT_BACK, call_id, now, **data)
            )
            services.hub.publish("audit")
    except WebError as error:
        log.info("standing_not_told", call_id=call_id, reason=type(error).__name__)


def _lifted_at(session: Session, number: str) -> datetime | None:
    """Return when a supervisor last said that this number's past counts no more."""
    return session.exec(
        select(StaffEvent.at)
        .where(
            StaffEvent.what == LIFTED, col(StaffEvent.about).in_(select(Call.id).where(Call.number == number))
        )
        .order_by(col(StaffEvent.at).desc())
        .limit(1)
    ).first()


def _was_silent() -> ColumnElement[bool]:
    """Whether nobody was heard in an incident, and no key was pressed either."""

    def has(*what: str) -> ColumnElement[bool]:
        hers = col(IncidentEvent.incident_id) == Incident.id
        return select(IncidentEvent.id).where(hers, col(IncidentEvent.what).in_(what)).exists()

    return has("not_heard") & ~has("heard", "replied")


def _phones_at_place(
    session: Session, call: Call, hers: Iterable[ColumnElement[bool] | bool], now: datetime
) -> int:
    """Return how many other numbers' calls from where this number last was were pranks within a day."""
    radius_m = col(Incident.location)["uncertainty_m"].as_float()
    place = session.exec(
        select(Incident.location)
        .join(Call, col(Call.incident_id) == col(Incident.id))
        .where(*hers, radius_m <= _ONE_SPOT_M)
        .order_by(col(Incident.created_at).desc())
        .limit(1)
    ).first()
    if place is None:
        return 0
    rows = session.exec(
        select(Call.number, Incident.location)
        .join(Incident, col(Incident.id) == col(Call.incident_id))
        .where(
            Incident.disposition == Disposition.PRANK,
            col(Incident.created_at) > now - _A_DAY,
            Call.number != call.number,
            col(Call.number).is_not(None),
        )
        .limit(_AT_MOST)
    ).all()
    return len({number for number, other in rows if _is_one_spot(other) and _is_near(place, other)})


def _is_one_spot(place: Mapping[Any, Any]) -> bool:
    """Whether a claim tells one house from the next: what a trunk says is the same for thousands."""
    radius_m = place.get("uncertainty_m")
    return isinstance(radius_m, int | float) and radius_m <= _ONE_SPOT_M


def _is_near(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return all(
        isinstance(one.get(axis), int | float)
        and isinstance(other.get(axis), int | float)
        and abs(one[axis] - other[axis]) < _NEAR_DEG
        for axis in ("latitude", "longitude")
    )

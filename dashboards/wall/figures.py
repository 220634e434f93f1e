"""The wall's figures of today. Each is counted from the incidents and calls as they are stored."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from dashboards.incidents.listing import answered_within, is_no_test
from dashboards.models import Incident

_LATELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the city until now. Shares are between 0 and 1; None where there was nothing to count."""

    hours: tuple[int, ...]
    """Incidents by the hour in which they rang, from midnight on."""
    yesterday: tuple[int, ...]
    answered_lately: float | None
    """Of the calls of the last quarter of an hour, those answered within the target."""
    answered: float | None
    response_s: float | None
    """The median from the ring to the first unit on the scene."""
    slow_response_s: float | None
    """What nine of ten are within."""
    in_time: float | None
    """Of the incidents that had a unit on the scene, those within their own target."""


def count_day(session: Session, now: datetime, zone: ZoneInfo, target_s: float) -> Day:
    """Count today, by the city's clock; calls are to be answered within ``target_s``."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    before = (midnight - timedelta(hours=1)).replace(hour=0)
    rows = session.exec(
        select(Incident.created_at, Incident.ring_at, Incident.on_scene_at, Incident.target_s).where(
            Incident.created_at >= before, is_no_test()
        )
    ).all()
    today = [row for row in rows if row[0] >= midnight]
    responses = [
        ((arrived - rang).total_seconds(), target)
        for _, rang, arrived, target in today
        if rang is not None and arrived is not None
    ]
    took_s = sorted(took for took, _ in responses)
    return Day(
        hours=_by_hour([created for created, *_ in today], zone),
        yesterday=_by_hour([created for created, *_ in rows if created < midnight], zone),
        answered_lately=answered_within(session, now - _LATELY, target_s),
        answered=answered_within(session, midnight, target_s),
        response_s=statistics.median(took_s) if took_s else None,
        slow_response_s=took_s[math.ceil(0.9 * len(took_s)) - 1] if took_s else None,
        in_time=sum(took <= target for took, target in responses) / len(responses) if responses else None,
    )


def _by_hour(times: Sequence[datetime], zone: ZoneInfo) -> tuple[int, ...]:
    hours = [0] * 24
    for time in times:
        hours[time.astimezone(zone).hour] += 1
    return tuple(hours)

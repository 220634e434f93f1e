"""What the health page shows, and the REST interface tells: the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from dashboards.controller import ControllerLink
from dashboards.health.book import Book
from dashboards.health.database import DatabaseWatch
from dashboards.health.parts import PartsWatch
from suar.alarms import Alarm

_PAST = 20
_CALLERS_FIRST = (
    "no_operator",
    "waiting_too_long",
    "overflowed",
    "asterisk_lost",
    "asterisk_never_up",
    "test_call_missed",
    "controller_gone",
    "flood",
    "trunk_full",
)
"""Alarms behind which somebody waits, or cannot get through, now."""
_OF_A_CALL = frozenset({"no_operator", "waiting_too_long", "overflowed"})
"""Each caller raises one of her own."""


class Judgement(StrEnum):
    """How a part is."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    """It is not there, and nobody said that it should be."""


class AlarmView(BaseModel):
    """An alarm. ``kind`` has its words in the catalogues, ``subject`` is what it is about, if it says."""

    code: str
    kind: str
    subject: str
    since: datetime
    text: str
    """What the process that raised it has to say of this one, in English."""


class StandingAlarm(AlarmView):
    """An alarm as a page shows it: those of many callers are one."""

    count: int
    """How many callers; 1 for all other alarms."""


class PastAlarm(AlarmView):
    """An alarm that is over."""

    until: datetime


class PartView(BaseModel):
    """A part of the system; ``word`` says how it is."""

    name: str
    judgement: Judgement
    word: str
    since: datetime | None = None
    count: int | None = None


class HealthView(BaseModel):
    """How all of it is."""

    is_well: bool
    standing: list[AlarmView]
    parts: list[PartView]
    past: list[PastAlarm]


def show(book: Book, controller: ControllerLink, parts: PartsWatch, database: DatabaseWatch) -> HealthView:
    """Return how all of it is, as far as is known here."""
    standing = [AlarmView(**_alarm(alarm)) for alarm in by_urgency(book.standing())]
    past = [PastAlarm(**_alarm(one.alarm), until=one.until) for one in book.past(_PAST)]
    shown = list(_parts(controller, parts, database))
    return HealthView(is_well=not standing, standing=standing, parts=shown, past=past)


def by_urgency(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return alarms in the order in which somebody should see to them: callers first, then the oldest."""
    last = len(_CALLERS_FIRST)
    return sorted(
        alarms,
        key=lambda one: (
            _CALLERS_FIRST.index(one.kind) if one.kind in _CALLERS_FIRST else last,
            one.since,
        ),
    )


def gathered(alarms: Iterable[Alarm]) -> list[StandingAlarm]:
    """Return alarms for a page, the most urgent first: what many callers wait for is said once."""
    found: dict[str, StandingAlarm] = {}
    for alarm in by_urgency(alarms):
        if alarm.kind not in _OF_A_CALL:
            found[alarm.code] = StandingAlarm(**_alarm(alarm), count=1)
        elif alarm.kind in found:
            found[alarm.kind].count += 1
        else:
            about = _alarm(alarm) | {"code": alarm.kind, "subject": ""}
            found[alarm.kind] = StandingAlarm(**about, count=1)
    return list(found.values())


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "code": alarm.code,
        "kind": alarm.kind,
        "subject": alarm.subject,
        "since": alarm.since,
        "text": alarm.text,
    }


def _parts(controller: ControllerLink, parts: PartsWatch, database: DatabaseWatch) -> list[PartView]:
    stale, picture = controller.stale_since, controller.picture or {}
    house: dict[str, Any] = picture.get("house", {})
    asterisk = "unknown" if stale else str(picture.get("asterisk", "unknown"))
    standby = "unknown" if stale else str(house.get("standby", "unknown"))
    unsent: int | None = None if stale else house.get("unsent")
    since = None if asterisk == "unknown" else datetime.fromisoformat(picture["since"])
    trouble = database.trouble
    return [
        PartView(
            name="asterisk", judgement=_JUDGED.get(asterisk, Judgement.UNKNOWN), word=asterisk, since=since
        ),
        PartView(
            name="controller",
            judgement=Judgement.BAD if stale else Judgement.GOOD,
            word="lost" if stale else "heard",
            since=stale,
        ),
        PartView(name="standby", judgement=_JUDGED.get(standby, Judgement.UNKNOWN), word=standby),
        PartView(
            name="rescuer",
            judgement=_JUDGED[parts.rescuer],
            word=parts.rescuer,
            since=parts.rescuer_since if parts.rescuer != "unknown" else None,
        ),
        PartView(
            name="database",
            judgement=Judgement.BAD if trouble else Judgement.GOOD,
            word=trouble or "usable",
        ),
        PartView(
            name="outbox",
            judgement=Judgement.UNKNOWN if unsent is None else Judgement.GOOD,
            word="unknown" if unsent is None else "unsent",
            count=unsent,
        ),
    ]


_JUDGED = {
    "up": Judgement.GOOD,
    "down": Judgement.BAD,
    "waits": Judgement.GOOD,
    "missing": Judgement.BAD,
    "none": Judgement.ABSENT,
    "ready": Judgement.GOOD,
    "unready": Judgement.BAD,
    "gone": Judgement.BAD,
    "unknown": Judgement.UNKNOWN,
}

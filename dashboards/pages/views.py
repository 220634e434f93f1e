"""What each page shows: for every page a template, its regions, and where their values come from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboards import shifts
from dashboards.conversations import QUESTIONS
from dashboards.health.views import gathered
from dashboards.incidents import listing, service, views
from dashboards.incidents.callbacks import list_callbacks
from dashboards.incidents.workflow import MARKS, State
from dashboards.pages.talk import describe_silence, describe_talk
from dashboards.places.views import place_values
from dashboards.state import Services
from dashboards.supervision.audit import list_acts
from dashboards.supervision.broadcasts import list_shown
from dashboards.supervision.sight import incident_for, picture_for
from dashboards.users import service as users
from dashboards.users.service import Role
from dashboards.users.sessions import SignedIn
from dashboards.wall.views import wall_values
from queues.dispositions import Disposition

_PAUSE_REASONS = ("card", "health", "confidential", "request")
_LIST_LENGTH = 60
_DESK = (
    "me", "ringing", "caller", "talk", "listeners", "hearing", "clock", "place", "facts", "agencies",
    "broadcasts", "line", "callbacks", "mine",
)  # fmt: skip
_AUDIT_LENGTH = 200

Arguments = Mapping[str, str]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: ``pages/<name>.html``, made of regions ``regions/<region>.html``."""

    name: str
    roles: frozenset[Role]
    regions: tuple[str, ...]
    values: Callable[[Services, SignedIn, Arguments], Awaitable[Values]]
    topics: tuple[str, ...] = ("board", "incidents")
    """What makes it look again; the topic of the incident that it shows comes by itself."""
    pause_s: float = 0.0
    """How long it rests after a look, where looking is much work."""


OVERSEERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
STAFF = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN})


async def _board(services: Services, who: SignedIn, _: Arguments) -> Values:
    picture = services.controller.picture or {"calls": [], "operators": [], "alarms": [], "asterisk": "down"}
    picture = picture_for(services.city, who.role, picture)
    calls = sorted(picture["calls"], key=lambda call: (_PHASES.index(call["phase"]), call["ring_at"]))
    waiting = [call for call in calls if call["phase"] in {"greeting", "triage", "waiting", "ringing"}]
    operators = picture["operators"]
    now = services.now()
    open_incidents = await services.db.read(
        lambda session: listing.list_open(session, now, limit=_LIST_LENGTH)
    )
    target_s = listing.answer_target_s(services.city)
    answered = await services.db.read(
        lambda session: listing.answered_within(session, now - timedelta(hours=24), target_s)
    )
    return {
        "callbacks": await services.db.read(lambda session: list_callbacks(session, services.now())),
        "picture": picture,
        "calls": calls,
        "waiting": waiting,
        "longest": min((call["ring_at"] for call in waiting), default=None),
        "talking": [call for call in calls if call["phase"] == "talking"],
        "operators": operators,
        "ready": [one for one in operators if one["state"] == "ready" and one["phone"] == "online"],
        "at_work": [one for one in operators if one["state"] != "signed_off"],
        "kinds": {call["call_id"]: call["kind"] for call in calls},
        "open_incidents": open_incidents,
        "open_count": await services.db.read(listing.count_open),
        "answer_target_s": target_s,
        "answered_in_target": answered,
        "stale_since": services.controller.stale_since,
        # That the controller is gone, the line above says already.
        "alarms": [alarm for alarm in gathered(services.book.standing()) if alarm.code != "controller_gone"],
        "oversees": who.role in OVERSEERS,
        "supervises": who.role in OVERSEERS and services.city.supervisor(who.name) is not None,
        "broadcasts": await services.db.read(lambda session: list_shown(session, now)),
    }


_PHASES = ("waiting", "ringing", "greeting", "triage", "talking", "gated")


async def _incidents(services: Services, who: SignedIn, arguments: Arguments) -> Values:
    wanted = {name: arguments.get(name) or None for name in ("state", "kind", "text", "before")}
    found = await services.db.read(
        lambda session: listing.list_incidents(
            session,
            services.now(),
            state=wanted["state"],
            kind=wanted["kind"],
            text=wanted["text"],
            before=wanted["before"],
            limit=_LIST_LENGTH,
        )
    )
    return {
        "incidents": found,
        "wanted": wanted,
        "states": list(State),
        "next_page": found[-1].id if len(found) == _LIST_LENGTH else None,
    }


async def _incident(services: Services, who: SignedIn, arguments: Arguments) -> Values:
    shown = await services.db.read(
        lambda session: views.show(session, arguments["incident_id"], services.now())
    )
    return await _one_incident(services, incident_for(services.city, who.role, shown))


async def _one_incident(services: Services, shown: views.IncidentView | None) -> Values:
    proposed = service.proposed_agencies(services.city, shown.kind) if shown else []
    sent = {task.agency for task in shown.tasks} if shown else set()
    return {
        "incident": shown,
        "link": await services.links.show(shown.id) if shown else None,
        "link_is_open": services.links.are_open,
        **await place_values(services, shown),
        "marks": MARKS,
        "proposed": [agency for agency in proposed if agency not in sent],
        "others": [one.id for one in services.city.agencies if one.id not in {*proposed, *sent}],
        "dispositions": list(Disposition),
    }


async def _desk(services: Services, who: SignedIn, _: Arguments) -> Values:
    me = services.controller.operator(who.name)
    call_id = me["call_id"] if me else None
    incident_id = None
    if call_id:
        incident_id = await services.db.read(lambda session: service.find_by_call(session, call_id))
    mine = await services.db.read(
        lambda session: listing.list_incidents(session, services.now(), operator=who.name, limit=12)
    )
    if incident_id is None and mine and mine[0].state != State.CLOSED:
        incident_id = mine[0].id
    shown = None
    if incident_id:
        shown = await services.db.read(lambda session: views.show(session, incident_id, services.now()))
    if shown:
        shown = incident_for(services.city, who.role, shown)
    picture = picture_for(services.city, who.role, services.controller.picture or {"calls": []})
    supervisors = [
        one for call in picture["calls"] if call["call_id"] == call_id for one in call["supervisors"]
    ]
    return {
        "listeners": [one for one in supervisors if one["mode"]],
        "oversees": False,
        "broadcasts": await services.db.read(lambda session: list_shown(session, services.now())),
        "callbacks": await services.db.read(lambda session: list_callbacks(session, services.now())),
        "me": me,
        "talk": describe_talk(services, who.name),
        "is_last": shown is not None and call_id is None,
        "silence": describe_silence(services, who.name),
        "questions": QUESTIONS,
        "pause_reasons": _PAUSE_REASONS,
        "mine": mine,
        "reasons": [
            (one, names.get(who.language)) for one, names in shifts.reasons_of(services.city, picture)
        ],
        "phones": shifts.phones_of(services.city, who.name, picture),
        "my_queues": shifts.queues_of(services.city, who.name),
        "waiting": sorted(
            (call for call in picture["calls"] if call["phase"] in {"waiting", "ringing"}),
            key=lambda call: (call["queue"], call["position"] or 0),
        ),
        "stale_since": services.controller.stale_since,
        **await _one_incident(services, shown),
    }


async def _agency(services: Services, who: SignedIn, arguments: Arguments) -> Values:
    agency = who.agency or arguments.get("agency") or services.city.agencies[0].id
    found = await services.db.read(
        lambda session: [
            views.show(session, one.id, services.now())
            for one in listing.list_open(session, services.now(), agency=agency, limit=_LIST_LENGTH)
        ]
    )
    tasks = [
        {"incident": one, "task": task, "placement": await services.geography.locate_claim(one.location)}
        for one in found
        for task in one.tasks
        if task.agency == agency
    ]
    return {"agency": agency, "tasks": sorted(tasks, key=_how_far)}


def _how_far(one: Values) -> tuple[bool, bool]:
    """What nobody has taken up comes first, and where the crew is already last; of each, as it is listed."""
    return (one["task"].on_scene_at is not None, one["task"].acknowledged_at is not None)


async def _health(services: Services, _: SignedIn, __: Arguments) -> Values:
    return {"health": services.show_health(), "standing": gathered(services.book.standing())}


async def _audit(services: Services, _: SignedIn, __: Arguments) -> Values:
    return {"acts": await services.db.read(lambda session: list_acts(session, _AUDIT_LENGTH))}


async def _wall(services: Services, _: SignedIn, __: Arguments) -> Values:
    return await wall_values(services)


async def _users(services: Services, _: SignedIn, __: Arguments) -> Values:
    return {"users": await services.db.read(users.list_users), "roles": list(Role)}


PAGES = {
    page.name: page
    for page in (
        Page(
            "board",
            STAFF,
            ("cards", "alarms", "calls", "operators", "broadcasts", "callbacks", "open"),
            _board,
        ),
        Page("audit", OVERSEERS, ("audit",), _audit, ("audit",)),
        Page("incidents", STAFF, ("list",), _incidents, ("incidents",)),
        Page("incident", STAFF, ("clock", "place", "caller", "facts", "agencies", "timeline"), _incident, ()),
        Page(
            "desk",
            frozenset({Role.OPERATOR}),
            _DESK,
            _desk,
        ),
        Page(
            "agency",
            frozenset({Role.AGENCY, Role.SUPERVISOR, Role.ADMIN}),
            ("tasks",),
            _agency,
            ("incidents",),
        ),
        Page("health", STAFF, ("health", "parts", "past"), _health, ("board", "health")),
        Page(
            "wall",
            STAFF | {Role.WALL},
            ("wall_figures", "wall_alarms", "wall_list", "wall_map", "wall_day"),
            _wall,
            pause_s=1.0,
        ),
        Page("users", frozenset({Role.ADMIN}), ("users",), _users, ()),
    )
}

HOME = {
    Role.OPERATOR: "/desk",
    Role.AGENCY: "/agency",
    Role.SUPERVISOR: "/board",
    Role.ADMIN: "/board",
    Role.WALL: "/wall",
}

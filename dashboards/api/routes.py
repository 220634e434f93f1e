"""The routes of the REST interface."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from dashboards import conversations, shifts
from dashboards.api.calls import CALL_ROUTES
from dashboards.api.oversight import OVERSIGHT_ROUTES
from dashboards.api.places import PLACE_ROUTES
from dashboards.api.routing import EVERYBODY, STAFF, Route, answer, body, signed_in
from dashboards.api.schemas import (
    CallbackList,
    CallMade,
    Closing,
    ConversationAnswer,
    ConversationWish,
    Dialling,
    IncidentChanges,
    IncidentList,
    LivePicture,
    Note,
    OperatorAnswer,
    Reopening,
    SendTo,
    Wish,
)
from dashboards.errors import Forbidden, NotFound
from dashboards.health.views import HealthView
from dashboards.incidents import listing, service, views
from dashboards.incidents.callbacks import list_callbacks, note_called_back
from dashboards.incidents.disposing import journal
from dashboards.incidents.views import IncidentView
from dashboards.incidents.workflow import Step
from dashboards.locating.links import routes as links
from dashboards.recordings import send_recording
from dashboards.state import SERVICES, Services
from dashboards.supervision.sight import incident_for, picture_for
from dashboards.users.service import Role

_PAGE = 50


async def get_incidents(request: web.Request) -> web.Response:
    """List incidents."""
    services, who = request.app[SERVICES], signed_in(request)
    query: dict[str, Any] = {
        name: request.query.get(name) or None for name in ("state", "kind", "text", "before")
    }
    if who.role is Role.AGENCY:
        query["agency"] = who.agency
    query["open_only"] = request.query.get("open") == "1"
    query["with_tests"] = request.query.get("tests") == "1"
    found = await services.db.read(
        lambda session: listing.list_incidents(session, services.now(), limit=_PAGE, **query)
    )
    return answer(IncidentList(incidents=found, next=found[-1].id if len(found) == _PAGE else None))


async def get_incident(request: web.Request) -> web.Response:
    """Show one incident."""
    return answer(await _show(request))


async def patch_incident(request: web.Request) -> web.Response:
    """Change what is known of an incident."""
    changes = (await body(request, IncidentChanges)).model_dump(exclude_none=True)
    who, services = signed_in(request), request.app[SERVICES]
    return await _change(
        request,
        lambda session, incident_id: service.describe(
            session, services.city, incident_id, who.name, services.now(), changes
        ),
        disposition=changes.get("disposition"),
    )


async def post_send(request: web.Request) -> web.Response:
    """Send an incident to agencies."""
    agencies = (await body(request, SendTo)).agencies
    who, services = signed_in(request), request.app[SERVICES]
    return await _change(
        request,
        lambda session, incident_id: service.send(
            session, services.city, incident_id, who.name, services.now(), agencies
        ),
    )


async def post_task(request: web.Request) -> web.Response:
    """An agency acknowledges, sets out or arrives."""
    who, services = signed_in(request), request.app[SERVICES]
    agency = request.match_info["agency"]
    try:
        step = Step(request.match_info["step"])
    except ValueError as error:
        raise NotFound from error
    if who.role is Role.AGENCY and who.agency != agency:
        raise Forbidden("this is another agency's task")
    return await _change(
        request,
        lambda session, incident_id: service.step_task(
            session, incident_id, agency, step, who.name, services.now()
        ),
    )


async def post_close(request: web.Request) -> web.Response:
    """Close an incident."""
    closing = await body(request, Closing)
    who, services = signed_in(request), request.app[SERVICES]
    return await _change(
        request,
        lambda session, incident_id: service.close(
            session, incident_id, who.name, services.now(), closing.disposition
        ),
        disposition=closing.disposition,
    )


async def post_reopen(request: web.Request) -> web.Response:
    """Open a closed incident again."""
    reason = (await body(request, Reopening)).reason
    who, services = signed_in(request), request.app[SERVICES]
    return await _change(
        request,
        lambda session, incident_id: service.reopen(session, incident_id, who.name, services.now(), reason),
    )


async def post_note(request: web.Request) -> web.Response:
    """Add a line to the timeline."""
    text = (await body(request, Note)).text
    who, services = signed_in(request), request.app[SERVICES]
    return await _change(
        request,
        lambda session, incident_id: service.add_note(session, incident_id, who.name, services.now(), text),
    )


async def get_callbacks(request: web.Request) -> web.Response:
    """List whom to call back."""
    services = request.app[SERVICES]
    return answer(
        CallbackList(
            callbacks=await services.db.read(lambda session: list_callbacks(session, services.now()))
        )
    )


async def post_call_back(request: web.Request) -> web.Response:
    """Ring one's own phone, then the caller's who is to be called back."""
    services, who = request.app[SERVICES], signed_in(request)
    call_id = await conversations.call_back(services, who.name, request.match_info["incident_id"])
    return answer(CallMade(call_id=call_id), 201)


async def post_call(request: web.Request) -> web.Response:
    """Ring one's own phone, then a number, inside an incident."""
    services, who = request.app[SERVICES], signed_in(request)
    number = (await body(request, Dialling)).number
    call_id = await conversations.call_number(services, who.name, request.match_info["incident_id"], number)
    return answer(CallMade(call_id=call_id), 201)


async def post_command(request: web.Request) -> web.Response:
    """Have one's conversation do something."""
    services, who = request.app[SERVICES], signed_in(request)
    wishes = (await body(request, ConversationWish)).model_dump(exclude_none=True)
    command = request.match_info["command"]
    return answer(
        ConversationAnswer.model_validate(await conversations.command(services, who.name, command, wishes))
    )


async def post_called_back(request: web.Request) -> web.Response:
    """Somebody has called back."""
    who, services = signed_in(request), request.app[SERVICES]
    return await _change(
        request,
        lambda session, incident_id: note_called_back(session, incident_id, who.name, services.now()),
    )


async def get_recording(request: web.Request) -> web.StreamResponse:
    """Play a recording; that somebody listens is written down."""
    return await send_recording(request, request.match_info["call_id"], signed_in(request).name)


async def post_wish(request: web.Request) -> web.Response:
    """An operator wants calls, or none, or a certain caller."""
    who, services = signed_in(request), request.app[SERVICES]
    wishes = (await body(request, Wish)).model_dump(exclude_none=True)
    done = await shifts.wish(services, who.name, request.match_info["wish"], wishes)
    return answer(OperatorAnswer.model_validate(done))


async def get_live(request: web.Request) -> web.Response:
    """Show the live picture."""
    services = request.app[SERVICES]
    stale, picture = services.controller.stale_since, services.controller.picture
    if picture is not None:
        picture = picture_for(services.city, signed_in(request).role, picture)
    return answer(LivePicture(stale_since=stale.isoformat() if stale else None, picture=picture))


async def get_health(request: web.Request) -> web.Response:
    """Show what is degraded, since when, and what was."""
    return answer(request.app[SERVICES].show_health())


async def _show(request: web.Request) -> IncidentView:
    services, who = request.app[SERVICES], signed_in(request)
    incident_id = request.match_info["incident_id"]
    shown = await services.db.read(lambda session: views.show(session, incident_id, services.now()))
    if who.role is Role.AGENCY and who.agency not in {task.agency for task in shown.tasks}:
        raise NotFound(f"there is no incident {incident_id} for {who.agency}")
    return incident_for(services.city, who.role, shown)


async def _change(request: web.Request, change: Any, disposition: str | None = None) -> web.Response:
    incident_id = request.match_info["incident_id"]
    services = request.app[SERVICES]
    await services.db.write(lambda session: change(session, incident_id))
    journal(services, incident_id, disposition, signed_in(request).name)
    tell(services, incident_id)
    return answer(await _show(request))


def tell(services: Services, incident_id: str) -> None:
    """Say that an incident has changed."""
    services.hub.publish("incidents", f"incident:{incident_id}")


_LIST = {
    "state": "only in this state",
    "kind": "only of this kind",
    "text": "only with this text in its id, place or notes",
    "open": "1: only those that are not closed",
    "tests": "1: those of test calls, too",
    "before": "the page after this incident",
}
_ONE = "/api/v1/incidents/{incident_id}"

ROUTES = (
    *CALL_ROUTES,
    Route("GET", "/api/v1/incidents", get_incidents, "List incidents", EVERYBODY, None, IncidentList, _LIST),
    Route("GET", _ONE, get_incident, "Show an incident", EVERYBODY, None, IncidentView),
    Route("PATCH", _ONE, patch_incident, "Change what is known", STAFF, IncidentChanges, IncidentView),
    Route("POST", f"{_ONE}/send", post_send, "Send to agencies", STAFF, SendTo, IncidentView),
    Route(
        "POST",
        f"{_ONE}/tasks/{{agency}}/{{step}}",
        post_task,
        "An agency moves",
        EVERYBODY,
        None,
        IncidentView,
    ),
    Route("POST", f"{_ONE}/close", post_close, "Close", STAFF, Closing, IncidentView),
    Route("POST", f"{_ONE}/reopen", post_reopen, "Open again", STAFF, Reopening, IncidentView),
    Route("GET", "/api/v1/callbacks", get_callbacks, "Whom to call back", STAFF, None, CallbackList),
    Route(
        "POST",
        f"{_ONE}/call-back",
        post_call_back,
        "Call back",
        frozenset({Role.OPERATOR}),
        None,
        CallMade,
    ),
    Route("POST", f"{_ONE}/call", post_call, "Call a number", frozenset({Role.OPERATOR}), Dialling, CallMade),
    Route(
        "POST",
        "/api/v1/me/call/{command}",
        post_command,
        "Have one's conversation do something",
        frozenset({Role.OPERATOR}),
        ConversationWish,
        ConversationAnswer,
    ),
    Route("POST", f"{_ONE}/called-back", post_called_back, "Called back", STAFF, None, IncidentView),
    Route("POST", f"{_ONE}/notes", post_note, "Add to the timeline", EVERYBODY, Note, IncidentView),
    Route("GET", "/api/v1/recordings/{call_id}", get_recording, "Play a recording", STAFF),
    Route(
        "POST",
        "/api/v1/me/{wish}",
        post_wish,
        "Want calls, or none, or a certain caller",
        frozenset({Role.OPERATOR}),
        Wish,
        OperatorAnswer,
    ),
    Route("GET", "/api/v1/health", get_health, "Show what is degraded", STAFF, None, HealthView),
    *OVERSIGHT_ROUTES,
    Route("GET", "/api/v1/live", get_live, "Show the live picture", STAFF, None, LivePicture),
    *PLACE_ROUTES,
    *links.ROUTES,
)

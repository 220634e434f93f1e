"""What the call controller tells of its calls, of one or of many at once."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from dashboards.api.routing import CONTROLLER, Route, answer, body
from dashboards.incidents import intake, nuisance, service
from dashboards.incidents.intake import (
    CallEventIn,
    CallEventsApplied,
    CallEventsIn,
    ManyCallsApplied,
    ManyCallsIn,
)
from dashboards.incidents.service import CallShown
from dashboards.state import SERVICES, Services


async def put_call(request: web.Request) -> web.Response:
    """Store a call's events, each once."""
    services = request.app[SERVICES]
    told = await body(request, CallEventsIn)
    call_id = request.match_info["call_id"]
    applied = await services.db.write(
        lambda session: intake.apply(session, services.city, call_id, told.events, told.lost)
    )
    services.hub.publish("board", "incidents", f"incident:{applied.incident_id}")
    _take_note(services, call_id, told.events)
    return answer(applied)


async def post_calls(request: web.Request) -> web.Response:
    """Store the events of many calls, each once."""
    services = request.app[SERVICES]
    told = await body(request, ManyCallsIn)
    stored = await services.db.write(lambda session: intake.apply_all(session, services.city, told.calls))
    incidents = dict.fromkeys(f"incident:{one.incident_id}" for one in stored.applied)
    services.hub.publish("board", "incidents", *incidents)
    for one in stored.applied:
        _take_note(services, one.call_id, told.calls[one.call_id].events)
    return answer(stored)


async def get_call(request: web.Request) -> web.Response:
    """Show how much of a call has come."""
    call_id = request.match_info["call_id"]
    return answer(await request.app[SERVICES].db.read(lambda session: service.show_call(session, call_id)))


def _take_note(services: Services, call_id: str, events: Sequence[CallEventIn]) -> None:
    """Look for what else is to be known of a call: what is around it, and what its number did before."""
    services.surroundings.note(call_id, events)
    rang = next((event.at for event in events if event.type == "offered"), None)
    if rang is not None:
        nuisance.consider(services, call_id, rang)


_ONE = "/api/v1/calls/{call_id}"
CALL_ROUTES = (
    Route("PUT", _ONE, put_call, "Store a call's events", CONTROLLER, CallEventsIn, CallEventsApplied),
    Route(
        "POST",
        "/api/v1/calls",
        post_calls,
        "Store the events of many calls",
        CONTROLLER,
        ManyCallsIn,
        ManyCallsApplied,
    ),
    Route("GET", _ONE, get_call, "Show what has come", CONTROLLER, None, CallShown),
)

"""The routes of those who oversee others: supervision, the line, operators' states, messages, the audit."""

from __future__ import annotations

from aiohttp import web

from dashboards.api.routing import STAFF, Route, answer, body, signed_in
from dashboards.api.schemas import (
    Audit,
    Broadcasts,
    BroadcastText,
    LiftAnswer,
    Lifting,
    OperatorAnswer,
    PositionAnswer,
    SupervisionAnswer,
    Wish,
)
from dashboards.incidents import nuisance
from dashboards.state import SERVICES
from dashboards.supervision import acts
from dashboards.supervision.audit import list_acts
from dashboards.supervision.broadcasts import list_shown
from dashboards.users.service import Role

_AUDIT_PAGE = 200
_OVERSEERS = frozenset({Role.SUPERVISOR, Role.ADMIN})


async def post_supervision(request: web.Request) -> web.Response:
    """A supervisor takes part in a talk, changes how, takes it over, or ends her part."""
    call_id, ask = request.match_info["call_id"], request.match_info["ask"]
    done = await acts.supervise(request.app[SERVICES], signed_in(request).name, call_id, ask)
    return answer(SupervisionAnswer.model_validate(done))


async def post_head(request: web.Request) -> web.Response:
    """A supervisor has a waiting caller served next."""
    done = await acts.move_to_head(
        request.app[SERVICES], signed_in(request).name, request.match_info["call_id"]
    )
    return answer(PositionAnswer.model_validate(done))


async def post_lift(request: web.Request) -> web.Response:
    """A supervisor has what a caller's number did before count no more."""
    why, call_id = (await body(request, Lifting)).why, request.match_info["call_id"]
    await nuisance.lift(request.app[SERVICES], call_id, signed_in(request).name, why)
    return answer(LiftAnswer(call_id=call_id, is_lifted=True))


async def post_operator(request: web.Request) -> web.Response:
    """A supervisor sets an operator's state."""
    reason = (await body(request, Wish)).reason
    operator, wish = request.match_info["operator"], request.match_info["wish"]
    done = await acts.set_operator(request.app[SERVICES], signed_in(request).name, operator, wish, reason)
    return answer(OperatorAnswer.model_validate(done))


async def post_broadcast(request: web.Request) -> web.Response:
    """Tell every operator something."""
    text = (await body(request, BroadcastText)).text
    await acts.broadcast(request.app[SERVICES], signed_in(request).name, text)
    return await get_broadcasts(request)


async def get_broadcasts(request: web.Request) -> web.Response:
    """List the messages that are shown."""
    services = request.app[SERVICES]
    shown = await services.db.read(lambda session: list_shown(session, services.now()))
    return answer(Broadcasts(broadcasts=shown))


async def get_audit(request: web.Request) -> web.Response:
    """List what the staff did."""
    found = await request.app[SERVICES].db.read(lambda session: list_acts(session, _AUDIT_PAGE))
    return answer(Audit(acts=found))


OVERSIGHT_ROUTES = (
    Route(
        "POST",
        "/api/v1/calls/{call_id}/supervision/{ask}",
        post_supervision,
        "Listen, whisper, barge, take-over or finish",
        _OVERSEERS,
        None,
        SupervisionAnswer,
    ),
    Route(
        "POST",
        "/api/v1/calls/{call_id}/head",
        post_head,
        "Have a waiting caller served next",
        _OVERSEERS,
        None,
        PositionAnswer,
    ),
    Route(
        "POST",
        "/api/v1/calls/{call_id}/lift",
        post_lift,
        "Have what a caller's number did before count no more",
        _OVERSEERS,
        Lifting,
        LiftAnswer,
    ),
    Route(
        "POST",
        "/api/v1/operators/{operator}/{wish}",
        post_operator,
        "Set an operator's state",
        _OVERSEERS,
        Wish,
        OperatorAnswer,
    ),
    Route(
        "POST",
        "/api/v1/broadcasts",
        post_broadcast,
        "Tell all operators",
        _OVERSEERS,
        BroadcastText,
        Broadcasts,
    ),
    Route(
        "GET", "/api/v1/broadcasts", get_broadcasts, "What all operators are told", STAFF, None, Broadcasts
    ),
    Route("GET", "/api/v1/audit", get_audit, "What the staff did", _OVERSEERS, None, Audit),
)

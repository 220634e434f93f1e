"""The control interface: the live picture, and the operators' readiness.

Every answer that is not 2xx has one shape: ``{"error": {"code", "message", "field"}}``.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response

from ari_app.control.answers import error
from ari_app.distribution import Distribution
from ari_app.draining import Drain
from ari_app.live import Live
from ari_app.operators import Desk, Operators
from queues.errors import QueuesError
from queues.vocabulary import (
    AcdEvent,
    OperatorNotReady,
    OperatorReady,
    OperatorSignedOff,
    OperatorSignedOn,
    OperatorState,
)
from suar import watching
from suar.log import get_logger

log = get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The handlers."""

    def __init__(self, live: Live, operators: Operators, distribution: Distribution, drain: Drain) -> None:
        self._live = live
        self._drain = drain
        self._operators = operators
        self._distribution = distribution

    async def snapshot(self, _: web.Request) -> web.Response:
        """``GET /v1/snapshot``: the live picture."""
        return web.json_response(self._live.picture())

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """``GET /v1/live``: the live picture as server-sent events named ``snapshot``."""
        async with sse_response(request) as stream:
            async for picture in self._live.watch():
                try:
                    await stream.send(json.dumps(picture, separators=(",", ":")), event="snapshot")
                except ConnectionResetError:
                    break
        return stream

    async def start_drain(self, _: web.Request) -> web.Response:
        """``POST /v1/drain``: take no new calls, and stop when the last has ended; how many are left."""
        return web.json_response({"calls": await self._drain.start()}, status=202)

    async def set_operator(self, request: web.Request) -> web.Response:
        """``POST /v1/operators/{id}/{sign-on|ready|not-ready|sign-off}``, body ``{"reason": str|null}``."""
        operator_id, wish = request.match_info["operator"], request.match_info["wish"]
        desk = self._operators.desk(operator_id)
        if desk is None:
            return error(404, "operator_unknown", f"{operator_id}: the city file has no such operator")
        try:
            body = await request.json() if request.can_read_body else {}
            reason = body.get("reason")
        except (json.JSONDecodeError, AttributeError):
            return error(422, "body_invalid", 'the body has to be a JSON object, such as {"reason": null}')
        if reason is not None and not (isinstance(reason, str) and len(reason) <= 100):
            return error(422, "body_invalid", "a text of at most 100 characters, or null", "reason")
        try:
            for event in _events(desk, wish, reason):
                self._distribution.tell(event)
        except QueuesError as problem:
            return error(409, "operator_cannot", str(problem))
        log.info("operator_asked", operator=operator_id, wish=wish, reason=reason, by=body.get("by"))
        return web.json_response({"id": operator_id, "state": desk.state.value, "reason": desk.reason})


def _events(desk: Desk, wish: str, reason: str | None) -> list[AcdEvent]:
    """Return what an operator's wish means to the ACD: who wants calls has come to work, too."""
    operator = desk.operator
    events: list[AcdEvent] = []
    if wish != "sign-off" and desk.state is OperatorState.SIGNED_OFF:
        events.append(
            OperatorSignedOn(
                operator.id,
                tuple(operator.queues),
                frozenset(operator.skills),
                frozenset(operator.languages),
                desk.phone_is_online,
            )
        )
    if wish == "ready":
        events.append(OperatorReady(operator.id))
    elif wish == "not-ready":
        events.append(OperatorNotReady(operator.id, reason or "pause"))
    elif wish == "sign-off" and desk.state is not OperatorState.SIGNED_OFF:
        events.append(OperatorSignedOff(operator.id))
    return events


def application(
    live: Live, operators: Operators, distribution: Distribution, drain: Drain, token: str
) -> web.Application:
    """Return the control interface; what `suar.watching` does not answer needs the token."""
    api = Api(live, operators, distribution, drain)
    app = web.Application(middlewares=[_authorise(token)])
    app.router.add_get("/v1/snapshot", api.snapshot)
    app.router.add_get("/v1/live", api.watch)
    app.router.add_post("/v1/drain", api.start_drain)
    app.router.add_post("/v1/operators/{operator}/{wish:sign-on|ready|not-ready|sign-off}", api.set_operator)

    async def end_streams(_: web.Application) -> None:
        live.close()

    app.on_shutdown.append(end_streams)
    return app


def _authorise(token: str) -> Any:
    expected = f"Bearer {token}"

    @web.middleware
    async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if request.path not in watching.PATHS and not hmac.compare_digest(given.encode(), expected.encode()):
            return error(401, "token_missing", "send the control token: Authorization: Bearer ...")
        try:
            return await handler(request)
        except web.HTTPException as problem:
            code = "not_found" if problem.status == 404 else "refused"
            return error(problem.status, code, problem.reason)

    return authorise

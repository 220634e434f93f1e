"""The control interface: the live picture, and whoever else has a door in it.

Every answer that is not 2xx has one shape: ``{"error": {"code", "message", "field"}}``.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response

from ari_app.control import desks
from ari_app.control.answers import error
from ari_app.distribution import Distribution
from ari_app.draining import Drain
from ari_app.live import Live
from ari_app.operators import Operators
from suar import watching

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The handlers."""

    def __init__(self, live: Live, drain: Drain) -> None:
        self._live = live
        self._drain = drain

    async def snapshot(self, _: web.Request) -> web.Response:
        """``GET /v1/snapshot``: the live picture."""
        return web.json_response(self._live.picture())

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """``GET /v1/live``: the live picture as server-sent events named ``snapshot``."""
        async with sse_response(request) as stream:
            async for picture in self._live.watch():
                try:
                    # JSON has no line ends: there is nothing in it to be looked for, ten times a second.
                    await stream.write(b"event: snapshot\r\ndata: %s\r\n\r\n" % picture)
                except ConnectionResetError:
                    break
        return stream

    async def start_drain(self, _: web.Request) -> web.Response:
        """``POST /v1/drain``: take no new calls, and stop when the last has ended; how many are left."""
        return web.json_response({"calls": await self._drain.start()}, status=202)


def application(
    live: Live, operators: Operators, distribution: Distribution, drain: Drain, token: str
) -> web.Application:
    """Return the control interface; what `suar.watching` does not answer needs the token."""
    api = Api(live, drain)
    app = web.Application(middlewares=[_authorise(token)])
    app.router.add_get("/v1/snapshot", api.snapshot)
    app.router.add_get("/v1/live", api.watch)
    app.router.add_post("/v1/drain", api.start_drain)
    desks.add_to(app, operators, distribution)

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

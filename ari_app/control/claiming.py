"""The control interface's door for claims of a caller's place, from whoever has learnt of one."""

from __future__ import annotations

import json

from aiohttp import web

from ari_app.calls.claims import CallUnknown, Claims
from suar.location import ClaimInvalid, reading_from

MOST_BYTES = 1024 * 1024


def add_to(app: web.Application, claims: Claims) -> None:
    """Add ``POST /v1/calls/{call}/claims``; its body is a reading, as ``Reading.as_json`` gives it.

    200 with ``{"call_id", "fresh", "claims", "best", "changed"}`` when it is on the disk; 404 when the call
    is over, 422 with the field that is wrong. The same claim twice is added once: it may be sent again.
    """

    async def add(request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        try:
            reading = reading_from(json.loads(await request.content.read(MOST_BYTES)))
            done = await claims.add(call_id, reading)
        except json.JSONDecodeError:
            return _error(422, "body_invalid", 'the body has to be a reading: {"kind", "claims": [...]}')
        except ClaimInvalid as error:
            return _error(422, "body_invalid", str(error), error.field)
        except CallUnknown as error:
            return _error(404, "call_unknown", str(error))
        best = None if done.best is None else done.best.as_json()
        return web.json_response(
            {
                "call_id": call_id,
                "fresh": done.fresh,
                "claims": done.known,
                "best": best,
                "changed": done.is_changed,
            }
        )

    app.router.add_post("/v1/calls/{call}/claims", add)


def _error(status: int, code: str, message: str, field: str | None = None) -> web.Response:
    body: dict[str, str] = {"code": code, "message": message}
    if field:
        body["field"] = field
    return web.json_response({"error": body}, status=status)

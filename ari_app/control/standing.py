"""The control interface's door for what is known of a caller's number: it comes while she hears the menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from ari_app.calls.call import Call
from ari_app.calls.challenging import give_back
from ari_app.calls.ports import Ports
from ari_app.control.answers import error


class Standing(msgspec.Struct, forbid_unknown_fields=True):
    """The body: a score from 0 to 100, why, and whether it is enough to be put back by one step."""

    score: int
    is_suppressed: bool
    reasons: list[dict[str, Any]]
    by: str = "suar"


def add_to(app: web.Application, find: Callable[[str], Call | None], ports: Ports) -> None:
    """Add ``POST /v1/calls/{call}/standing``: ``{"score", "is_suppressed", "reasons", "by"}``.

    Answers ``{"call_id", "is_put_back"}``. Who waits already is never put back: it only ever comes in time or
    not at all. What lifts it helps her at once.
    """

    async def stand(request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        try:
            body = msgspec.json.decode(await request.read(), type=Standing)
        except msgspec.DecodeError as wrong:
            return error(422, "body_invalid", str(wrong))
        if not 0 <= body.score <= 100:
            return error(422, "body_invalid", "from 0 to 100", "score")
        call = find(call_id)
        if call is None:
            return error(404, "call_unknown", f"{call_id}: there is no such call")
        call.standing = {"score": body.score, "reasons": body.reasons}
        if call.timings.queued is None:
            call.is_put_back = body.is_suppressed and not call.has_pressed
        elif call.is_put_back and not body.is_suppressed:
            give_back(call, ports)
        ports.outbox.publish(
            call_id,
            "standing",
            score=body.score,
            reasons=body.reasons,
            is_put_back=call.is_put_back,
            by=body.by,
        )
        ports.on_change()
        return web.json_response({"call_id": call_id, "is_put_back": call.is_put_back})

    app.router.add_post("/v1/calls/{call}/standing", stand)

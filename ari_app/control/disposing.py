"""The control interface's door for what a person says that a call was."""

from __future__ import annotations

import json

from aiohttp import web

from ari_app.control.answers import error
from ari_app.outbox import Outbox
from queues.dispositions import Disposition


def add_to(app: web.Application, outbox: Outbox) -> None:
    """Add ``POST /v1/calls/{call}/disposition``, body ``{"disposition": str, "by": str}``.

    It goes into the call's journal, so that a report of the journal alone, and a database that is made anew
    from it, know it too. 409 when the call has been wound up: from then on the database alone has it.
    """

    async def dispose(request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        try:
            body = await request.json()
            disposition, by = body["disposition"], body["by"]
        except (json.JSONDecodeError, KeyError, TypeError):
            return error(422, "body_invalid", 'a JSON object: {"disposition": "ghost", "by": "siti"}')
        if disposition not in set(Disposition):
            return error(422, "body_invalid", f"one of {', '.join(Disposition)}", "disposition")
        if not isinstance(by, str) or not 0 < len(by) <= 100:
            return error(422, "body_invalid", "who says so, at most 100 characters", "by")
        if outbox.is_finished(call_id):
            return error(409, "call_over", f"{call_id} is over; the database alone keeps this")
        if not outbox.known(call_id):
            return error(404, "call_unknown", f"{call_id}: the journal has no such call")
        await outbox.publish(call_id, "disposed", disposition=disposition, by=by)
        return web.json_response({"call_id": call_id, "disposition": disposition})

    app.router.add_post("/v1/calls/{call}/disposition", dispose)

"""The control interface's door for questions to a caller who cannot speak."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from ari_app.ari.errors import AriError
from ari_app.calls.call import Call
from ari_app.control.answers import error
from ari_app.hearing.errors import NoSuchQuestion, NotTalking
from ari_app.hearing.questions import Questions
from suar.log import get_logger

log = get_logger()


def add_to(app: web.Application, find: Callable[[str], Call | None], questions: Questions) -> None:
    """Add ``POST /v1/calls/{call}/questions/{question}``, body ``{"by": operator}``.

    The question is one of `ari_app.hearing.questions.QUESTIONS`; her answer comes in the live picture
    (``question``, ``reply``: ``yes``, ``no``, ``key`` or null) and in the call's journal.
    """

    async def ask(request: web.Request) -> web.Response:
        call_id, question = request.match_info["call"], request.match_info["question"]
        try:
            by = (await request.json())["by"]
        except (json.JSONDecodeError, KeyError, TypeError):
            return error(422, "body_invalid", 'a JSON object: {"by": "siti"}')
        if not isinstance(by, str) or not 0 < len(by) <= 100:
            return error(422, "body_invalid", "who asks, at most 100 characters", "by")
        call = find(call_id)
        if call is None:
            return error(404, "call_unknown", f"{call_id}: there is no such call")
        try:
            await questions.ask(call, question, by)
        except NoSuchQuestion as refused:
            return error(404, "question_unknown", str(refused))
        except NotTalking as refused:
            return error(409, "not_now", str(refused))
        except (AriError, TimeoutError) as failed:
            log.warning("question_not_spoken", call_id=call_id, reason=type(failed).__name__)
            return error(409, "not_now", "Asterisk could not speak it; try again")
        return web.json_response({"call_id": call_id, "question": question})

    app.router.add_post("/v1/calls/{call}/questions/{question}", ask)

"""The control interface's door for supervisors."""

from __future__ import annotations

from aiohttp import web

from ari_app.ari.errors import AriError
from ari_app.supervision.errors import NobodyThere, SupervisionRefused
from ari_app.supervision.supervisors import Ask, Supervisors
from suar.log import get_logger

log = get_logger()


def add_to(app: web.Application, supervisors: Supervisors) -> None:
    """Add ``POST /v1/calls/{call}/supervisors/{supervisor}/{ask}``.

    ``ask`` is ``listen``, ``whisper``, ``barge``, ``take-over`` or ``finish``. 200 with ``{"call_id",
    "supervisor", "mode"}`` when it is done; 202 with a mode of null while the supervisor's phone rings.
    """

    async def supervise(request: web.Request) -> web.Response:
        call_id, supervisor = request.match_info["call"], request.match_info["supervisor"]
        ask = Ask(request.match_info["ask"])
        try:
            mode = await supervisors.ask(call_id, supervisor, ask)
        except NobodyThere as error:
            return _error(404, "nobody_there", str(error))
        except SupervisionRefused as error:
            return _error(409, "not_now", str(error))
        except (AriError, TimeoutError) as error:
            log.warning("supervision_not_done", call_id=call_id, ask=ask.value, reason=str(error))
            return _error(409, "not_now", "Asterisk could not do this; try again")
        body = {"call_id": call_id, "supervisor": supervisor, "mode": mode and mode.value}
        return web.json_response(body, status=202 if mode is None and ask is not Ask.FINISH else 200)

    asks = "|".join(Ask)
    app.router.add_post(f"/v1/calls/{{call}}/supervisors/{{supervisor}}/{{ask:{asks}}}", supervise)


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)

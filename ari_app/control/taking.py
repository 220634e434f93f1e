"""The control interface's door for a supervisor who takes a waiting caller herself."""

from __future__ import annotations

from aiohttp import web

from ari_app.calls.ports import Ports
from ari_app.control.answers import error
from ari_app.distribution import RingElsewhere
from suar.log import get_logger

_RING_S = 20

log = get_logger()


def add_to(app: web.Application, ports: Ports) -> None:
    """Add ``POST /v1/calls/{call}/supervisors/{supervisor}/take``: her phone rings for a caller who waits.

    202; whoever answers first has the caller, an operator or she.
    """

    async def take(request: web.Request) -> web.Response:
        call_id, supervisor_id = request.match_info["call"], request.match_info["supervisor"]
        city = ports.city
        supervisor = city.supervisor(supervisor_id)
        if supervisor is None:
            return error(404, "nobody_there", f"{supervisor_id}: the city file has no such supervisor")
        shown = f'"{city.emergency_number}" <{city.emergency_number}>'
        ring = RingElsewhere(supervisor.id, f"PJSIP/{supervisor.endpoint}", shown, _RING_S)
        if not ports.distribution.ask(ring, call_id):
            return error(409, "not_waiting", f"{call_id} does not wait")
        log.info("supervisor_takes", call_id=call_id, supervisor=supervisor_id)
        return web.json_response({"call_id": call_id, "supervisor": supervisor_id}, status=202)

    app.router.add_post("/v1/calls/{call}/supervisors/{supervisor}/take", take)

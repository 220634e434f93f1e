"""The control interface's door for new rules."""

from __future__ import annotations

from aiohttp import web

from ari_app.control.answers import error
from ari_app.reloading import Reloading
from suar.city import CityFileInvalid
from suar.log import get_logger

log = get_logger()


def add_to(app: web.Application, reloading: Reloading) -> None:
    """Add ``POST /v1/reload``: read the city file anew.

    200 with ``{"taken_up": [table], "waiting": [table]}``; 422 with every problem of a file that cannot be
    used, and the old rules go on.
    """

    async def reload(_: web.Request) -> web.Response:
        try:
            outcome = await reloading.reload()
        except CityFileInvalid as problem:
            log.warning("rules_not_reloaded", problems=len(problem.problems))
            return error(422, "city_file_invalid", str(problem), problem.problems[0].key)
        return web.json_response({"taken_up": outcome.taken_up, "waiting": outcome.waiting})

    app.router.add_post("/v1/reload", reload)

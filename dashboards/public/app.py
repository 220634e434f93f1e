"""The public address, put together: an application of its own, on a port of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from aiohttp import web

from dashboards.middlewares import log_request, set_headers, shape_errors
from dashboards.public.aml import AmlDoor
from dashboards.public.links import LinkDoor
from dashboards.state import SERVICES, Services
from suar.log import get_logger
from suar.secret import Secrets

LARGEST_BODY = 16 * 1024
"""Bytes. An AML form has about one thousand."""

log = get_logger()


def create(services: Services, secrets: Secrets) -> web.Application:
    """Return the application of the public address, on the dashboards' services."""
    app = web.Application(middlewares=[log_request, set_headers, shape_errors], client_max_size=LARGEST_BODY)
    app[SERVICES] = services
    if services.city.aml is not None:
        AmlDoor(services.city, services.city.aml, secrets, services.desk).add_to(app)
    if services.links.are_open:
        LinkDoor(services.city, services.links).add_to(app)
    return app


def serving(secrets: Secrets) -> Callable[[web.Application], AsyncIterator[None]]:
    """Return what serves the public address while the dashboards run; nothing where there is none."""

    async def serve(main: web.Application) -> AsyncIterator[None]:
        services = main[SERVICES]
        bind = services.city.network.public_bind
        if bind is None:
            yield
            return
        runner = web.AppRunner(create(services, secrets), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, bind.host, bind.port).start()
        log.info("public_address_open", port=bind.port)
        yield
        await runner.cleanup()

    return serve

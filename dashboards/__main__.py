"""``python -m dashboards --city FILE --state DIRECTORY``: run the web backend."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from dashboards.app import create
from dashboards.public.app import serving
from dashboards.warming import warming
from suar import notify
from suar.errors import SuarError
from suar.log import configure
from suar.workplace import Workplace

_SHUTDOWN_S = 3.0


def main() -> int:
    """Run until told to stop. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="dashboards", description="Suar's web backend.")
    parser.add_argument("--city", type=Path, required=True, help="the city file")
    parser.add_argument("--state", type=Path, help="the state directory")
    given = parser.parse_args()
    configure("dashboards")
    os.umask(0o077)
    work = Workplace(given.city, given.state)
    try:
        app = create(work.city, work.state, work.secrets)
        app.cleanup_ctx.append(serving(work.secrets))
        app.cleanup_ctx.append(_beat)
        app.cleanup_ctx.append(warming)
        app.on_shutdown.append(_say_stopping)
        bind = work.city.network.web_bind
        web.run_app(
            app,
            host=bind.host,
            port=bind.port,
            # aiohttp calls this once it listens.
            print=lambda *_: notify.ready("serves pages"),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_S,
        )
    except SuarError as error:
        print(f"dashboards: {error}", file=sys.stderr)  # noqa: T201 - told to the one who started us
        return 1
    return 0


async def _beat(_: web.Application) -> AsyncIterator[None]:
    async with notify.beating():
        yield


async def _say_stopping(_: web.Application) -> None:
    notify.stopping()


if __name__ == "__main__":
    sys.exit(main())

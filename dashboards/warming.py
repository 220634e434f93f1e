"""What the first caller after a start would otherwise wait for, done before she calls."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator

from aiohttp import web

from dashboards.geography import Geography
from dashboards.pages.rendering import compile_templates
from dashboards.state import SERVICES

_DOORS_FIRST_S = 0.5
"""A process is to be there before it is fast."""


async def warm_up(geography: Geography) -> None:
    """Read the city's areas and compile the pages; then have the garbage collector leave what is there alone.

    A look through all of it takes a third of a second, in which no place comes to any screen.
    """
    await geography.atlas()
    await asyncio.to_thread(compile_templates)
    gc.collect()
    gc.freeze()


async def warming(app: web.Application) -> AsyncIterator[None]:
    """Warm up beside the first requests, for a process that lives as long as its application."""

    async def after_the_doors() -> None:
        await asyncio.sleep(_DOORS_FIRST_S)
        await warm_up(app[SERVICES].geography)

    task = asyncio.create_task(after_the_doors(), name="warming")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

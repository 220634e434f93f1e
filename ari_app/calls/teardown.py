"""What has to be tidied up is, whoever loses patience meanwhile."""

from __future__ import annotations

import asyncio

from suar.log import get_logger

_TEARDOWN_S = 5.0

log = get_logger()


async def see_through(task: asyncio.Task[None], slow: str) -> None:
    """Await ``task`` to its end even if we are cancelled meanwhile, but not for ever.

    ``slow`` is what the log is told of a task that took too long, and was cancelled.
    """
    try:
        await asyncio.wait_for(asyncio.shield(task), _TEARDOWN_S)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_TEARDOWN_S)
        raise
    except TimeoutError:
        log.error(slow)
        task.cancel()

"""What has to be tidied up is, whoever loses patience meanwhile; and no cancellation is lost on the way.

Only ``asyncio.wait`` waits here: Python 3.11's ``asyncio.wait_for`` swallows a cancellation that comes in the
very moment in which what it waits for is done, and whoever was to stop goes on for ever.
"""

from __future__ import annotations

import asyncio

from ari_app.ari.errors import AriRejected
from suar.log import get_logger

_TEARDOWN_S = 5.0

log = get_logger()


async def see_through(task: asyncio.Task[None], slow: str, *, may_take_its_time: bool = False) -> None:
    """Await ``task`` to its end even if we are cancelled meanwhile, but not for ever.

    One that may take its time has its limit only once we are cancelled. ``slow`` is what the log is told of a
    task that took too long, and was cancelled.
    """
    try:
        await asyncio.wait({task}, timeout=None if may_take_its_time else _TEARDOWN_S)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_TEARDOWN_S)
        raise
    finally:
        if not task.done():
            log.error(slow)
            task.cancel()
    if task.done() and not task.cancelled():
        task.result()


async def cut_short(task: asyncio.Task[None]) -> None:
    """Cancel ``task`` and await its end; raises what it fails with, but not that it was cancelled.

    Who awaits the task itself takes its own cancellation for that one's.
    """
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()


async def ended_well(life: asyncio.Task[None]) -> bool:
    """End a call's life; return False if it stumbled over what Asterisk refused, or was cut short.

    What Asterisk refuses because somebody hung up is no error, whether it says that what was meant is
    gone or, of an answer in the moment of a CANCEL, only that it cannot; whether somebody did, others know.
    """
    try:
        await cut_short(life)
    except AriRejected:
        return False
    except ExceptionGroup as group:
        rest = group.split(AriRejected)[1]
        if rest is not None:
            raise rest from group
        return False
    return not life.cancelled()

"""What goes on side by side for the calls: a bug in one touches no other, and all of it ends when we stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from suar.log import get_logger

_TIMES_ASKED = 2

log = get_logger()


class Tasks:
    """The calls' tasks. Unlike those of a TaskGroup, one that fails is told in the log, and ends alone."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def create_task(self, doing: Coroutine[Any, Any, None], *, name: str | None = None) -> asyncio.Task[None]:
        """Begin a task."""
        task = asyncio.create_task(doing, name=name)
        self._running.add(task)
        task.add_done_callback(self._note_end)
        return task

    async def close(self, patience_s: float) -> None:
        """Cancel what still runs, and return when it has ended, within twice ``patience_s``.

        One that does not end then is a fault of ours: the log says where it stands, and it is left behind.
        """
        for _ in range(_TIMES_ASKED):
            if self._running:
                for task in self._running:
                    task.cancel()
                await asyncio.wait(self._running, timeout=patience_s)
        for task in self._running:
            log.error("task_does_not_end", task=task.get_name(), stands_at=where(task))

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), exc_info=error)


def where(task: asyncio.Task[Any]) -> list[str]:
    """Return what a task awaits, from the outermost function to the innermost: its name and its line."""
    awaited: Any = task.get_coro()
    found = []
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        found.append(f"{awaited.__qualname__}:{frame.f_lineno}")
        awaited = awaited.cr_await
    return found

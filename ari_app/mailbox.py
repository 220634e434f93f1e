"""What comes for one reader, in order.

`asyncio.Queue` would do, but for its size: four deques and their blocks, some 3 kB, several times over for
each of thousands of callers who wait, and mostly for nothing.
"""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds at most ``limit`` messages, all if there is none; of more, the oldest go."""

    __slots__ = ("_limit", "_messages", "_reader")

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._messages: list[T] = []
        self._reader: asyncio.Future[None] | None = None

    def put(self, message: T) -> None:
        """Add a message. Never blocks."""
        self._messages.append(message)
        if self._limit is not None and len(self._messages) > self._limit:
            del self._messages[0]
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> T:
        """Return the next message, waiting for one. One reader at a time."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._messages.pop(0)

    def clear(self) -> None:
        """Drop what is there."""
        self._messages.clear()

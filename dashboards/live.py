"""News for the pages: what has changed, not what it looks like. Each page fetches its own view of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

_LIMIT = 200


class Subscriber:
    """One page's stream: topics that changed since it last looked. Many changes of one topic are one."""

    def __init__(self) -> None:
        self._topics: dict[str, None] = {}
        self._news = asyncio.Event()
        self.is_over = False

    def notify(self, topic: str) -> None:
        """Note that a topic has changed."""
        self._topics[topic] = None
        if len(self._topics) > _LIMIT:
            self.end()  # A page that does not read: it will come back, and load anew.
        self._news.set()

    def end(self) -> None:
        """End the stream."""
        self.is_over = True
        self._news.set()

    async def changes(self, patience_s: float) -> list[str]:
        """Return the topics that changed; an empty list after ``patience_s`` without any."""
        try:
            async with asyncio.timeout(patience_s):
                await self._news.wait()
        except TimeoutError:
            return []
        self._news.clear()
        topics, self._topics = list(self._topics), {}
        return topics


class LiveHub:
    """Tells every open page what has changed."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()

    def publish(self, *topics: str) -> None:
        """Say that something has changed: ``board``, ``incidents``, or ``incident:<id>``."""
        for subscriber in self._subscribers:
            for topic in topics:
                subscriber.notify(topic)

    @contextmanager
    def subscription(self) -> Iterator[Subscriber]:
        """Subscribe for as long as the context lasts."""
        subscriber = Subscriber()
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)

    def close(self) -> None:
        """End every stream: one that is left open would hold up a stop."""
        for subscriber in self._subscribers:
            subscriber.end()

    def __len__(self) -> int:
        return len(self._subscribers)

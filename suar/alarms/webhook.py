"""Tells an address of the city's choice of each alarm raised or cleared: in order, signed, never in the way.

Whoever raises an alarm only puts a line into a queue; a task of its own posts the lines, one after another.
What cannot be delivered is tried again until it can be, or until newer news need its place.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable

import aiohttp

from suar.alarms.standing import Alarm, News
from suar.log import get_logger
from suar.record import stamp

SIGNATURE = "Suar-Signature"

_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_LIMIT = 200

log = get_logger()


def sign(key: str, at: int, body: bytes) -> str:
    """Return the signature's header: HMAC-SHA256 of the time in Unix seconds, a dot, and the body."""
    digest = hmac.new(key.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Webhook:
    """Posts news of alarms to ``url``; without one it does nothing."""

    def __init__(
        self,
        url: str,
        key: str,
        node: str,
        *,
        limit: int = _LIMIT,
        first_pause_s: float = _FIRST_PAUSE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._key = key
        self._node = node
        self._limit = limit
        self._first_pause_s = first_pause_s
        self._clock = clock
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()
        self.dropped = 0
        """How many news nobody was told of."""

    def tell(self, alarm: Alarm, news: News) -> None:
        """Take news. Never waits; when the queue is full, the oldest has to go."""
        if not self._url:
            return
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self.dropped += 1
            log.warning("alarm_news_dropped", waiting=self._limit, dropped=self.dropped)
        line = {
            "code": alarm.code,
            "text": alarm.text,
            "state": news.value,
            "since": stamp(alarm.since),
            "node": self._node,
        }
        self._waiting.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode())
        self._news.set()

    def depth(self) -> int:
        """Return how many news wait to be delivered."""
        return len(self._waiting)

    async def run(self) -> None:
        """Deliver until cancelled; without an address, return at once."""
        if not self._url:
            return
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)) as session:
            while True:
                await self._news.wait()
                self._news.clear()
                await self._deliver(session)

    async def _deliver(self, session: aiohttp.ClientSession) -> None:
        """Post what waits, oldest first, until nothing does."""
        pause_s = self._first_pause_s
        has_failed = False
        while self._waiting:
            body = self._waiting[0]
            reason = await self._post(session, body)
            if reason is None:
                # While it was under way, newer news may have taken its place.
                if self._waiting and self._waiting[0] is body:
                    self._waiting.popleft()
                if has_failed:
                    log.info("alarm_news_flow_again", waiting=len(self._waiting))
                pause_s, has_failed = self._first_pause_s, False
                continue
            if not has_failed:
                log.warning("alarm_news_not_delivered", reason=reason, waiting=len(self._waiting))
                has_failed = True
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> str | None:
        """Post one; return why it failed, or None."""
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: sign(self._key, int(self._clock()), body),
        }
        try:
            # A redirected POST would come as a GET: an address that has moved has to be put right.
            async with session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                return None if 200 <= response.status < 300 else f"{response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__

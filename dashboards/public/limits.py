"""How much may come in: so many in a minute, together and from each."""

from __future__ import annotations

from collections import OrderedDict

from aiohttp import web


class Bucket:
    """Lets ``per_minute`` through, and as many at once after a quiet minute. Told the time, in seconds."""

    def __init__(self, per_minute: float) -> None:
        self._rate, self._most = per_minute / 60, max(per_minute, 1.0)
        self._left, self._at = self._most, 0.0

    def admits(self, now: float) -> bool:
        """Whether one more may pass; it is counted if so."""
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Buckets:
    """A bucket for each key, for at most ``limit`` keys: those not seen for longest start anew."""

    def __init__(self, per_minute: float, limit: int = 20_000) -> None:
        self._per_minute, self._limit = per_minute, limit
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def admits(self, key: str, now: float) -> bool:
        """Whether one more of ``key`` may pass."""
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._limit:
                self._buckets.popitem(last=False)
            bucket = self._buckets[key] = Bucket(self._per_minute)
        self._buckets.move_to_end(key)
        return bucket.admits(now)


def address_of(request: web.Request, proxies: int) -> str:
    """Return who asks: what the last of our ``proxies`` has seen; what stands before it anybody may write."""
    if proxies:
        told = [
            one.strip() for line in request.headers.getall("X-Forwarded-For", []) for one in line.split(",")
        ]
        if len(told) >= proxies:
            return told[-proxies]
    return request.remote or "unknown"

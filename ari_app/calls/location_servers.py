"""Asks location servers: HELD over HTTP (RFC 5985), of a location URI (RFC 6753) or a device (RFC 6155)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from suar import location
from suar.errors import Blame, SuarError
from suar.location import Reading
from suar.location.held import build_request

PATIENCE_S = 12.0
"""As long as a network takes for its exact answer."""
MOST_BYTES = 256 * 1024
_HELD = "application/held+xml"
_ACCEPT = f"{_HELD}, application/pidf+xml;q=0.9"
_NO_POST = {405, 415, 501}
_GONE = {404, 410}


class LocationServerFailed(SuarError):
    """A location server did not answer as it should."""

    blame = Blame.PEER
    retryable = True


class LocationGone(LocationServerFailed):
    """There is nothing at a location URI any more."""

    retryable = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a caller's place can be asked for. It can tell where she is: it is never logged."""

    uri: str
    device: tuple[tuple[str, str], ...] = ()
    """Whom to place, by RFC 6155's elements; empty for a location URI, which stands for somebody already."""
    provider: str | None = None
    expires_at: datetime | None = None

    @property
    def host(self) -> str:
        """The server's name, which may be told."""
        try:
            return urlsplit(self.uri).hostname or ""
        except ValueError:
            return ""


class LocationServers:
    """One session for all of them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, source: Source, response_time: str) -> Reading:
        """Return what a server says now, its claims as the source ``held``.

        Raises :class:`LocationServerFailed`.
        """
        device: Mapping[str, str] | None = dict(source.device) or None
        wanted = build_request(("geodetic", "civic"), response_time=response_time, device=device)
        try:
            data = await self._post(source, wanted)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise LocationServerFailed(f"{source.host}: {type(error).__name__}") from error
        reading = location.read(data, self._now())
        claims = tuple(
            replace(claim, source="held", provider=claim.provider or source.provider or source.host)
            for claim in reading.claims
        )
        return replace(reading, claims=claims)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, source: Source, wanted: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Accept": _ACCEPT}, timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
            )
        headers = {"Content-Type": f"{_HELD};charset=utf-8"}
        # A redirect could lead anywhere; a server that is asked by name has to be that one.
        async with self._session.post(
            source.uri, data=wanted, headers=headers, allow_redirects=False
        ) as response:
            if response.status not in _NO_POST or source.device:
                return await _body(source, response)
        async with self._session.get(source.uri, allow_redirects=False) as response:
            return await _body(source, response)


async def _body(source: Source, response: aiohttp.ClientResponse) -> bytes:
    if response.status in _GONE:
        raise LocationGone(f"{source.host}: {response.status}")
    if response.status != 200:
        raise LocationServerFailed(f"{source.host}: {response.status}")
    data = b""
    async for piece in response.content.iter_chunked(16 * 1024):
        data += piece
        if len(data) > MOST_BYTES:
            raise LocationServerFailed(f"{source.host}: more than {MOST_BYTES} bytes")
    return data

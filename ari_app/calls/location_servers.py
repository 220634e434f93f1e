"""Asks location servers: HELD over HTTP (RFC 5985), of a location URI (RFC 6753) or a device (RFC 6155)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from suar import location
from suar.city import Carrier
from suar.errors import Blame, SuarError
from suar.location import Reading
from suar.location.held import build_request
from suar.tls import CertificateUnusable, client_context

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
    carrier: str | None = None
    """Whose server it is: by whose certificate it knows us."""

    @property
    def host(self) -> str:
        """The server's name, which may be told."""
        try:
            return urlsplit(self.uri).hostname or ""
        except ValueError:
            return ""


class LocationServers:
    """One session for all of them."""

    def __init__(self, now: Callable[[], datetime], carriers: Iterable[Carrier] = ()) -> None:
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._certificates = {one.id: one.location_tls for one in carriers if one.location_tls.certificate}
        self._contexts: dict[str, tuple[list[float], ssl.SSLContext]] = {}

    async def ask(self, source: Source, response_time: str) -> Reading:
        """Return what a server says now, its claims as the source ``held``.

        Raises :class:`LocationServerFailed`.
        """
        device: Mapping[str, str] | None = dict(source.device) or None
        wanted = build_request(("geodetic", "civic"), response_time=response_time, device=device)
        try:
            data = await self._post(source, wanted, await self._context(source))
        except CertificateUnusable as error:
            raise LocationServerFailed(f"{source.host}: {error}") from error
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

    async def _context(self, source: Source) -> ssl.SSLContext | bool:
        """Return how to connect: with the carrier's certificate, as its files are now."""
        tls = self._certificates.get(source.carrier or "")
        if tls is None or source.carrier is None:
            return True

        def load(known: tuple[list[float], ssl.SSLContext] | None) -> tuple[list[float], ssl.SSLContext]:
            files = [name for name in (tls.certificate, tls.key, tls.authorities) if name]
            changed_at = [Path(name).stat().st_mtime for name in files]
            if known is not None and known[0] == changed_at:
                return known
            return changed_at, client_context(tls.certificate, tls.key, tls.authorities)

        kept = self._contexts[source.carrier] = await asyncio.to_thread(
            load, self._contexts.get(source.carrier)
        )
        return kept[1]

    async def _post(self, source: Source, wanted: bytes, context: ssl.SSLContext | bool) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Accept": _ACCEPT}, timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
            )
        headers = {"Content-Type": f"{_HELD};charset=utf-8"}
        # A redirect could lead anywhere; a server that is asked by name has to be that one.
        async with self._session.post(
            source.uri, data=wanted, headers=headers, allow_redirects=False, ssl=context
        ) as response:
            if response.status not in _NO_POST or source.device:
                return await _body(source, response)
        async with self._session.get(source.uri, allow_redirects=False, ssl=context) as response:
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

"""The INVITEs of calls, and what changes them, whole, as Asterisk copies them to us over HEP on the loopback.

Asterisk's own reading of a location leaves out its time, all places but one, and what else the message says.
A copy that does not come costs a call nothing: what the dialplan knows is asked for instead.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from ari_app.calls import sieve
from ari_app.mailbox import Mailbox
from suar.city import Bind
from suar.location import hep, sip
from suar.log import get_logger

KEPT_S = 60.0
_MOST = 2_000
_MOST_BYTES = 32 * 1024 * 1024
_MOST_UNREAD = 8
"""Of one call's later messages; of more, the oldest say the least."""
_READ = (b"INVITE ", b"UPDATE ")
"""How the messages begin that can say where a caller is."""
_NAME_A_PLACE = ("geolocation", *sip.NETWORK_HEADERS)
_PATIENCE_S = 0.1

log = get_logger()


class Invites(asyncio.DatagramProtocol):
    """Keeps each INVITE for a while, until its call comes for it. Never raises for what it is sent."""

    def __init__(self, clock: Callable[[], float], key: str, headers: Iterable[str] = ()) -> None:
        """``headers`` are those, beside the usual ones, in which carriers say where their callers are."""
        self._clock = clock
        self._key = key.encode()
        self._telling = tuple(f"\r\n{name.lower()}".encode() for name in (*_NAME_A_PLACE, *headers))
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._awaited: dict[str, asyncio.Event] = {}
        self._followed: dict[str, Mailbox[bytes]] = {}
        self._transport: asyncio.BaseTransport | None = None
        self.received = 0
        """How many INVITEs have come."""
        self.refused = 0
        """How many packets were none, or not from our Asterisk."""

    @property
    def is_listening(self) -> bool:
        """Whether copies can come at all."""
        return self._transport is not None

    async def listen(self, bind: Bind) -> None:
        """Begin to take copies. An address that cannot be had is told in the log, and no call's matter."""
        try:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: self, local_addr=(bind.host, bind.port)
            )
        except OSError as error:
            log.warning("invites_not_heard", bind=str(bind), reason=error.strerror or str(error))
            return
        try:
            sieve.attach(transport.get_extra_info("socket"), _READ)
        except OSError as error:
            # Then what is of no use comes too, and costs a little time.
            log.info("copies_not_sieved", reason=error.strerror or str(error))

    def close(self) -> None:
        """Take no more."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: object) -> None:
        packet = hep.read_packet(data)
        if packet is None or not hmac.compare_digest((packet.key or b"").rstrip(b"\0"), self._key):
            self.refused += 1
            return
        if packet.protocol != hep.SIP or not packet.payload.startswith(_READ):
            return
        call_id = hep.call_id_of(packet.payload) or packet.correlation
        if call_id is None:
            return
        if (later := self._followed.get(call_id)) is not None:
            head = packet.payload.partition(b"\r\n\r\n")[0].lower()
            if any(name in head for name in self._telling):
                later.put(packet.payload)
            return
        # Of a call that is asked to authenticate, or that changes early, the first has what it came with.
        if call_id in self._kept or not packet.payload.startswith(b"INVITE "):
            return
        self.received += 1
        self._kept[call_id] = (self._clock(), packet.payload)
        self._bytes += len(packet.payload)
        self._forget()
        if (event := self._awaited.get(call_id)) is not None:
            event.set()

    async def take(self, call_id: str) -> bytes | None:
        """Return the INVITE of a Call-ID, waiting for it a moment; None if none comes."""
        if call_id and call_id not in self._kept and self.is_listening:
            event = self._awaited.setdefault(call_id, asyncio.Event())
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await event.wait()
            except TimeoutError:
                pass
            finally:
                self._awaited.pop(call_id, None)
        kept = self._kept.pop(call_id, None)
        if kept is None:
            return None
        self._bytes -= len(kept[1])
        return kept[1]

    @contextmanager
    def following(self, call_id: str) -> Iterator[Mailbox[bytes]]:
        """Gather what says anew where a caller is: a re-INVITE, or an UPDATE (RFC 3311), from now on.

        A message sent again is there twice.
        """
        later = self._followed[call_id] = Mailbox[bytes](_MOST_UNREAD)
        try:
            yield later
        finally:
            if self._followed.get(call_id) is later:
                del self._followed[call_id]

    def is_following(self, call_id: str) -> bool:
        """Whether somebody waits for what changes this call."""
        return call_id in self._followed

    def _forget(self) -> None:
        """Drop what nobody came for: our own legs' INVITEs, and those of calls that were refused."""
        oldest = self._clock() - KEPT_S
        while self._kept:
            at, data = next(iter(self._kept.values()))
            if at >= oldest and len(self._kept) <= _MOST and self._bytes <= _MOST_BYTES:
                return
            self._kept.popitem(last=False)
            self._bytes -= len(data)

"""What connects the parts: cut, half open, slow, deaf, garbled; and strangers at every door."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp

from ari_app.ari.connection import AriConnection, AriSettings, Replaced
from suar.demo.phones import RtpPeer
from tests.faults.bed import Bed


async def cut(bed: Bed) -> None:
    bed.wire.cut()


async def leave_half_open(bed: Bed) -> None:
    bed.wire.swallow()
    await asyncio.sleep(8)
    bed.wire.cut()
    bed.wire.mend()


async def stall(bed: Bed) -> None:
    """Two seconds of nothing, and then everything that there was to say."""
    talking = asyncio.create_task(_talk(bed))
    await asyncio.sleep(2)
    bed.wire.swallow()
    await asyncio.sleep(2)
    bed.wire.mend()
    await talking


async def _talk(bed: Bed) -> None:
    """Have Asterisk tell the controller 200 things a second that it has no use for, for six seconds."""
    http = bed.work.city.network.asterisk_http_bind
    url = f"http://{http}/ari/events/user/Chatter?application=suar"
    login = aiohttp.BasicAuth("suar", bed.work.secrets.ari_password)
    async with aiohttp.ClientSession(auth=login) as session:
        for _ in range(120):
            for _ in range(10):
                async with session.post(url) as answer:
                    await answer.read()
            await asyncio.sleep(0.03)


async def deafen(bed: Bed) -> None:
    bed.wire.deafen()
    await asyncio.sleep(8)
    bed.wire.cut()
    bed.wire.mend()


async def garble_ari(bed: Bed) -> None:
    """What the controller hears is nonsense, again and again: bytes, no JSON, an odd event."""
    for rubbish in (b"\xff\x00" * 200, _frame(b"{]"), _frame(b'{"type":"ChannelDestroyed"}'), _frame(b"[1]")):
        bed.wire.inject(rubbish)
        await asyncio.sleep(1.5)


async def garble_ami(bed: Bed) -> None:
    """What the rescuer hears is nonsense, again and again."""
    reply = b"Response: Success\r\nActionID: 1\r\n\r\n"
    for rubbish in (b"\xff\x00" * 200, b"Event\r\n\r\n", reply, b"A" * 70_000):
        bed.ami_wire.inject(rubbish)
        await asyncio.sleep(1.5)


async def connect_second(bed: Bed) -> None:
    """Another controller of the same name takes the websocket for three seconds."""
    http = bed.work.city.network.asterisk_http_bind
    settings = AriSettings(f"http://{http}", "suar", "suar", bed.work.secrets.ari_password)

    async def connected() -> None:
        pass

    stranger = AriConnection(settings, on_event=lambda _: None, on_connected=connected)
    with suppress(Replaced, TimeoutError):
        async with asyncio.timeout(3):
            await stranger.run()


async def besiege(bed: Bed) -> None:
    """Connect and close, half a line for ever, and nonsense, on every port that we open."""
    network = bed.work.city.network
    doors = [network.asterisk_http_bind, network.ami_bind, network.control_bind, network.web_bind]
    slow = []
    for door in doors:
        for text in (b"", b"\x00\xff" * 500 + b"\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000):
            _, writer = await asyncio.open_connection(door.host, door.port)
            with suppress(ConnectionError):
                writer.write(text)
                await writer.drain()
            writer.transport.abort()
        for _ in range(20):
            _, writer = await asyncio.open_connection(door.host, door.port)
            writer.write(b"G")
            slow.append(writer)
    async with RtpPeer("127.0.0.103") as peer:
        peer.open((network.sip_bind.host, network.sip_bind.port))
        await asyncio.sleep(4)
    for writer in slow:
        writer.transport.abort()


def _frame(text: bytes) -> bytes:
    """Return a websocket's text frame (RFC 6455, clause 5.2), from the server, shorter than 126 bytes."""
    return bytes((0x81, len(text))) + text

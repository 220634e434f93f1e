"""The faults, a row each: what is broken, and how it is mended where it does not mend itself."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from ari_app.ari.connection import AriConnection, AriSettings, Replaced
from suar.demo.phones import OperatorPhone, RtpPeer
from tests.faults.bed import Bed

Do = Callable[[Bed], Coroutine[None, None, None]]
KILL, STOP, GO, TERM = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT, signal.SIGTERM


@dataclass(frozen=True)
class Fault:
    """One row."""

    name: str
    do: Do
    kills_calls: bool = False
    """Asterisk's own death: its calls are lost, and have to be on the callback list."""
    is_short: bool = False
    """Whether it is in the short cut that `make test` runs."""
    recordings_may_fail: bool = False
    has_standby: bool = False


def _signal(
    *what: tuple[str, signal.Signals], for_s: float = 0.0
) -> Callable[[Bed], Coroutine[None, None, None]]:
    async def do(bed: Bed) -> None:
        for part, number in what:
            bed.signal(part, number)
        if for_s:
            await asyncio.sleep(for_s)
            for part, _ in what:
                bed.signal(part, GO)

    return do


async def _wire_cut(bed: Bed) -> None:
    bed.wire.cut()


async def _wire_half_open(bed: Bed) -> None:
    bed.wire.swallow()
    await asyncio.sleep(8)
    bed.wire.cut()
    bed.wire.mend()


async def _wire_slow(bed: Bed) -> None:
    bed.wire.swallow()
    await asyncio.sleep(2)
    bed.wire.mend()


async def _wire_deaf(bed: Bed) -> None:
    bed.wire.deafen()
    await asyncio.sleep(8)
    bed.wire.cut()
    bed.wire.mend()


async def _second_instance(bed: Bed) -> None:
    http = bed.work.city.network.asterisk_http_bind
    settings = AriSettings(f"http://{http}", "suar", "suar", bed.work.secrets.ari_password)

    async def nothing() -> None:
        pass

    stranger = AriConnection(settings, on_event=lambda _: None, on_connected=nothing)
    with suppress(Replaced, TimeoutError):
        async with asyncio.timeout(3):
            await stranger.run()


async def _asterisk_restart(bed: Bed) -> None:
    with suppress(Exception):
        await bed.cli("core restart now")


async def _asterisk_reload(bed: Bed) -> None:
    await bed.cli("module reload")


async def _database_locked(bed: Bed) -> None:
    def hold() -> None:
        db = sqlite3.connect(bed.work.state.root / "suar.db", timeout=30, isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        time.sleep(20.0)
        db.execute("ROLLBACK")
        db.close()

    await asyncio.to_thread(hold)


async def _recordings_full(bed: Bed) -> None:
    """A small file system over the recordings, that is full at once, and freed at the end."""
    folder = bed.work.state.recordings
    await asyncio.to_thread(
        subprocess.run, ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True
    )
    try:
        (folder / "filler").write_bytes(os.urandom(60 * 1024))
        await asyncio.sleep(12)
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", "-l", str(folder)], check=True)


async def _phone_dies_ringing(bed: Bed) -> None:
    user, password = bed.users[0]
    async with OperatorPhone(
        bed.sipp, "127.0.0.102", bed.sip, user, password, answer_after_s=None, vanishes=True
    ):
        await asyncio.sleep(3)


async def _phone_dies_talking(bed: Bed) -> None:
    """Its RTP stops without a word; the pool's phone takes its place in the register."""
    user, password = bed.users[0]
    async with OperatorPhone(
        bed.sipp, "127.0.0.102", bed.sip, user, password, answer_after_s=0.1, hang_up_after_s=0.2
    ):
        await asyncio.sleep(4)


async def _flips(bed: Bed) -> None:
    """1,000 changes of operators' states, on top of the calls."""
    for _ in range(500):
        name = random.choice(bed.operators)
        for wish in ("not-ready", "ready"):
            with suppress(aiohttp.ClientError):
                await bed.web.set_operator(name, wish)


async def _garbage(bed: Bed) -> None:
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


FAULTS = [
    Fault("nothing (for comparison)", _signal()),
    Fault("controller: kill -9", _signal(("controller", KILL)), is_short=True),
    Fault("controller: SIGSTOP for 10 s", _signal(("controller", STOP), for_s=10.0), is_short=True),
    Fault("controller: SIGTERM", _signal(("controller", TERM))),
    Fault("controller with a standby: kill -9", _signal(("controller", KILL)), has_standby=True),
    Fault("controller with a standby: hung", _signal(("controller", STOP)), has_standby=True),
    Fault("controller with a standby: SIGTERM", _signal(("controller", TERM)), has_standby=True),
    Fault("rescuer: kill -9", _signal(("rescuer", KILL))),
    Fault("rescuer: SIGSTOP for 10 s", _signal(("rescuer", STOP), for_s=10.0)),
    Fault("dashboards: kill -9", _signal(("web", KILL))),
    Fault("dashboards: SIGSTOP for 10 s", _signal(("web", STOP), for_s=10.0)),
    Fault("dashboards: SIGTERM", _signal(("web", TERM))),
    Fault("controller and rescuer: kill -9", _signal(("controller", KILL), ("rescuer", KILL))),
    Fault("controller and dashboards: kill -9", _signal(("controller", KILL), ("web", KILL))),
    Fault("websocket: dropped", _wire_cut),
    Fault("websocket: half open for 8 s", _wire_half_open),
    Fault("websocket: stalled for 2 s", _wire_slow),
    Fault("websocket: deaf for 8 s", _wire_deaf),
    Fault("a second controller connects for 3 s", _second_instance),
    Fault("Asterisk: core restart now", _asterisk_restart, kills_calls=True),
    Fault("Asterisk: kill -9", _signal(("asterisk", KILL)), kills_calls=True, is_short=True),
    Fault("Asterisk: module reload", _asterisk_reload),
    Fault("database: locked for 20 s", _database_locked),
    Fault("recordings' disk: full for 12 s", _recordings_full, recordings_may_fail=True),
    Fault("an operator's phone dies while it rings", _phone_dies_ringing),
    Fault("an operator's phone answers and hangs up at once", _phone_dies_talking),
    Fault("1,000 operator state flips", _flips),
    Fault("garbage, connect-and-close, slow-loris on every port", _garbage),
]

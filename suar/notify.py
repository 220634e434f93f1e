"""What a process of ours tells systemd: that it is ready, that it stops, and that it still lives.

The protocol of sd_notify(3): a datagram of ``NAME=value`` lines to the socket named in ``NOTIFY_SOCKET``.
Without that variable nothing is sent, so that the same code runs under a shell.

Why not a package: cysystemd and systemd-python put a compiled libsystemd into every process; sdnotify has
had no release since 2017; systemd-watchdog knows no ``STOPPING=1``, blocks the event loop when systemd's
socket is full, and times itself by a wall clock that may be set back.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from suar.log import get_logger

T = TypeVar("T")

log = get_logger()


def ready(status: str = "") -> None:
    """Say that the process does its work from now on; `systemctl start` returns."""
    _send("READY=1", f"STATUS={_one_line(status)}")


def status(text: str) -> None:
    """Say in one line, for `systemctl status`, what the process does. Never a caller's number or place."""
    _send(f"STATUS={_one_line(text)}")


def stopping() -> None:
    """Say that the process has begun to stop."""
    _send("STOPPING=1")


def watchdog_s() -> float | None:
    """Return within how many seconds systemd wants to hear from us; None if it does not watch us."""
    # The variables are inherited by every child; WATCHDOG_PID says whose they are.
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    given = os.environ.get("WATCHDOG_USEC", "")
    return int(given) / 1e6 if given.isdecimal() and int(given) else None


async def watchdog() -> None:
    """Beat until cancelled, twice as often as systemd asks for; return at once if it does not ask.

    It beats from the event loop: a loop that is stalled falls silent, and systemd ends the process.
    """
    patience_s = watchdog_s()
    if patience_s is None:
        return
    while True:
        _send("WATCHDOG=1")
        await asyncio.sleep(patience_s / 2)


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Run the :func:`watchdog` for as long as the context lasts."""
    beat = asyncio.create_task(watchdog(), name="watchdog")
    try:
        yield
    finally:
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)


async def watched(work: Awaitable[T]) -> T:
    """Await ``work`` with the watchdog beating beside it."""
    async with beating():
        return await work


def _send(*lines: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # A name that starts with @ is one of Linux's abstract sockets, unix(7).
    target = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            # Never wait for systemd in the event loop: a beat that finds no room is made up for by the next.
            sender.setblocking(False)
            sender.sendto("\n".join(lines).encode(), target)
    except OSError as error:
        log.warning("systemd_not_told", what=lines[0], reason=str(error))


def _one_line(text: str) -> str:
    return " ".join(text.split())

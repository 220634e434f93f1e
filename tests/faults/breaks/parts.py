"""Our processes: killed, frozen, told to stop, and a bug within one."""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import suppress

import aiohttp

from tests.faults.bed import Bed, send_signal
from tests.faults.fault import Break

KILL, STOP, GO, TERM = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT, signal.SIGTERM


def send(number: signal.Signals, *parts: str, for_s: float = 0.0) -> Break:
    """Return a break that sends a signal to parts, and wakes them after ``for_s``."""

    async def do(bed: Bed) -> None:
        pids = [bed.pid(part) for part in parts]
        for pid in pids:
            send_signal(pid, number)
        if for_s:
            await asyncio.sleep(for_s)
            for pid in pids:
                send_signal(pid, GO)

    return do


def hit_agi(number: signal.Signals) -> Break:
    """Return a break that freezes the controller for 10 s, and hits each AGI script that Asterisk starts."""

    async def do(bed: Bed) -> None:
        controller = bed.pid("leader")
        hit: set[int] = set()
        send_signal(controller, STOP)
        for _ in range(100):
            for pid in bed.agi_scripts():
                if random.random() < 0.3:  # Some at their beginning, some in the midst.
                    send_signal(pid, number)
                    hit.add(pid)
            await asyncio.sleep(0.1)
        for hung in (controller, *hit.intersection(bed.agi_scripts())):
            send_signal(hung, GO)

    return do


def step_clock(ahead_s: int) -> Break:
    """Return a break that steps everybody's clock, and back after 10 s."""

    async def do(bed: Bed) -> None:
        if bed.clock is None:
            raise ValueError("clock: the setting needs one of its own")
        bed.clock.step_to(ahead_s)
        await asyncio.sleep(10)
        bed.clock.step_to(0)

    return do


async def flip_states(bed: Bed) -> None:
    """1,000 changes of operators' states, on top of the calls."""
    for _ in range(500):
        name = random.choice(bed.operators)
        for wish in ("not-ready", "ready"):
            with suppress(aiohttp.ClientError):
                await bed.web.set_operator(name, wish)


async def restart_asterisk(bed: Bed) -> None:
    with suppress(Exception):
        await bed.cli("core restart now")


async def reload_asterisk(bed: Bed) -> None:
    await bed.cli("module reload")


async def nothing(bed: Bed) -> None:
    """What is there to compare with, or comes by itself in a city that is set so."""

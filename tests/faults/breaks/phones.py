"""Operators' softphones: killed, cut off, slow, and in a hurry to hang up."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from pathlib import Path

from suar.demo.phones import OperatorPhone
from tests.bench.bed import PHONES
from tests.faults.bed import RING_TIMEOUT_S, Bed

_ADDRESS = "127.0.0.102"


async def die_ringing(bed: Bed) -> None:
    """A phone that has just begun to ring is gone without a word."""
    user, password = random.choice(bed.users)
    async with OperatorPhone(bed.sipp, _ADDRESS, bed.sip, user, password, answer_after_s=None, vanishes=True):
        await asyncio.sleep(3)


async def answer_and_hang_up(bed: Bed) -> None:
    """A phone answers, and hangs up at once; the pool's phone takes its place in the register."""
    user, password = random.choice(bed.users)
    async with OperatorPhone(
        bed.sipp, _ADDRESS, bed.sip, user, password, answer_after_s=0.1, hang_up_after_s=0.2
    ):
        await asyncio.sleep(4)


async def answer_slowly(bed: Bed) -> None:
    """A phone is answered in the last second of its ringing."""
    user, password = random.choice(bed.users)
    async with OperatorPhone(
        bed.sipp, _ADDRESS, bed.sip, user, password, answer_after_s=RING_TIMEOUT_S - 0.6, hang_up_after_s=2.0
    ):
        await asyncio.sleep(8)


async def die_talking(bed: Bed) -> None:
    """A phone answers and is gone without a word: no voice comes, no BYE."""
    user, password = random.choice(bed.users)
    async with OperatorPhone(bed.sipp, _ADDRESS, bed.sip, user, password, answer_after_s=0.1, vanishes=True):
        await asyncio.sleep(4)


async def cut_off(bed: Bed) -> None:
    """The operators' network is cut for six seconds: no voice, no answer to anything; then phones start anew.

    Only for a city with a network of its own: its own addresses come before any other route.
    """
    if Path("/proc/self/ns/net").readlink() == Path(f"/proc/{os.getppid()}/ns/net").readlink():
        raise RuntimeError("no network to be cut: run as root, so that each fault has its own")
    await _ip("rule", "add", "pref", "2", "lookup", "local")
    await _ip("rule", "del", "pref", "0")
    await _ip("rule", "add", "pref", "1", "from", PHONES, "blackhole")
    await _ip("rule", "add", "pref", "1", "to", PHONES, "blackhole")
    await asyncio.sleep(6)
    await _ip("rule", "del", "pref", "1", "from", PHONES)
    await _ip("rule", "del", "pref", "1", "to", PHONES)
    await _ip("rule", "add", "pref", "0", "lookup", "local")
    await _ip("rule", "del", "pref", "2")
    # SIPp never echoes again once it could not send.
    await bed.bring_phones()


async def _ip(*words: str) -> None:
    await asyncio.to_thread(subprocess.run, ["ip", *words], check=True)

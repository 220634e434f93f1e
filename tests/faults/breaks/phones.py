"""Operators' softphones: killed, cut off, slow, and in a hurry to hang up."""

from __future__ import annotations

import asyncio
import random

from suar.demo.phones import OperatorPhone
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
    """The operators' network is cut for six seconds: no voice, no answer to anything."""
    bed.freeze_phones(True)
    await asyncio.sleep(6)
    bed.freeze_phones(False)

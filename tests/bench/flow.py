"""Ten calls a second for a minute through the whole flow: who was served, and what was left behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from suar.demo.phones.operator import free_port, register
from suar.demo.phones.sipp import Sipp
from suar.demo.verdict import left_behind
from tests.bench.bed import PHONES, Bed, city, load_calls, percentile, say

_OPERATORS, _RATE, _SECONDS = 20, 10, 60
_SETTLE_S = 60


async def run() -> bool:
    """Twenty robot operators who answer at once and talk for a second."""
    count = _RATE * _SECONDS
    async with city(_OPERATORS) as bed, phones(bed):
        failed, times = await load_calls(bed, "112", _RATE, count, digit="1")
        whole = await _incidents_with_recordings(bed, count)
        await asyncio.sleep(1)
        leaked = list(left_behind(bed.asterisk))
    say(f"flow: {_RATE} calls a second for {_SECONDS} s, {_OPERATORS} operators")
    say(f"  calls {count}   failed {failed}   incidents with a recording {whole}   left behind {leaked or 0}")
    say(f"  INVITE to 200   p50 {percentile(times, 0.5):.1f} ms   p99 {percentile(times, 0.99):.1f} ms")
    return failed == 0 and whole == count and not leaked


@contextlib.asynccontextmanager
async def phones(bed: Bed, talk_ms: int = 1000) -> AsyncIterator[None]:
    """Register every operator at one SIPp that answers for all, at once, and talks for ``talk_ms``."""
    port = free_port(PHONES)
    values = {
        "rtp_port": free_port(PHONES),
        "answer_after_ms": 100,
        "hang_up_after_ms": talk_ms,
        "reject": None,
    }
    arguments = ["-i", PHONES, "-p", str(port), bed.sip, "-l", "1000"]
    async with Sipp(bed.sipp, "operator", values, arguments):
        for operator in bed.work.city.operators:
            password = bed.work.secrets.operator_sip_passwords[operator.id]
            await register(bed.sipp, PHONES, bed.sip, operator.endpoint, password, port)
        await asyncio.sleep(0.5)
        for operator in bed.work.city.operators:
            await bed.web.set_operator(operator.id, "ready")
        yield


async def _incidents_with_recordings(bed: Bed, wanted: int) -> int:
    """Return how many incidents have a recording, once all have or patience has ended."""
    found = 0
    for _ in range(_SETTLE_S):
        found = await asyncio.to_thread(_count, bed)
        if found >= wanted:
            break
        await asyncio.sleep(1)
    return found


def _count(bed: Bed) -> int:
    import sqlite3

    with contextlib.closing(sqlite3.connect(bed.work.state.root / "suar.db", timeout=10)) as database:
        row = database.execute("SELECT count(*) FROM call WHERE recording IS NOT NULL").fetchone()
    return int(row[0])

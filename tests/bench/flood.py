"""Fifty calls a second from twenty numbers of one carrier: what the callers of another notice of it.

The flood's robots give up after six seconds without an answer, stay six on the line, press nothing and dial
again: three hundred are there at any time. The real callers come through another carrier, press 1 and talk.
Both turns have the same of them, with and without the flood.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from dataclasses import dataclass

from suar.demo.phones.sipp import Sipp
from tests.bench.bed import Bed, city, load_calls, percentile, say
from tests.bench.flow import phones

_OPERATORS, _TALK_MS = 6, 3000
_RATE, _SECONDS = 1, 60
_ROBOTS_PER_S, _ROBOTS_NUMBERS, _ROBOTS_STAY_MS = 50, 20, 6000
_ANSWER_MS, _RATIO = 500.0, 2.0


@dataclass
class _Turn:
    """What real callers met. Times to the greeting in milliseconds, waits for an operator in seconds."""

    failed: int
    robots_failed: int
    """Of the flood's own calls, those that did not go as SIPp's script has it: refused, say."""
    answers: list[float]
    waits: list[float]

    @property
    def mean_s(self) -> float:
        return sum(self.waits) / len(self.waits)


async def run() -> bool:
    """A quiet minute, then one with the flood, each in a city of its own."""
    quiet = await _turn(robots=0)
    flooded = await _turn(robots=_ROBOTS_PER_S * _SECONDS)
    p99 = percentile(flooded.answers, 0.99)
    ratio = flooded.mean_s / quiet.mean_s
    late = percentile(flooded.waits, 0.95) / percentile(quiet.waits, 0.95)
    say(
        f"flood: {_ROBOTS_PER_S} calls a second of {_ROBOTS_NUMBERS} numbers for {_SECONDS} s,"
        f" {_OPERATORS} operators, {_RATE} real call a second of another carrier"
    )
    for name, turn in (("quiet", quiet), ("flood", flooded)):
        say(
            f"  {name}  failed {turn.failed}   INVITE to 200 p50 {percentile(turn.answers, 0.5):.1f} ms"
            f"   p99 {percentile(turn.answers, 0.99):.1f} ms   wait mean {turn.mean_s * 1000:.0f} ms"
            f"   p95 {percentile(turn.waits, 0.95) * 1000:.0f} ms"
        )
    say(f"  robots whose call failed {flooded.robots_failed}")
    say(f"  answered p99 {p99:.1f} ms   (target < {_ANSWER_MS:.0f})")
    say(f"  wait, with to without: mean x {ratio:.2f}   p95 x {late:.2f}   (target <= {_RATIO:.0f})")
    return p99 < _ANSWER_MS and ratio <= _RATIO and late <= _RATIO and not quiet.failed + flooded.failed


async def _turn(robots: int) -> _Turn:
    async with city(_OPERATORS, floods=True) as bed, phones(bed, _TALK_MS):
        flood, robots_failed = None, 0
        if robots:
            flood = asyncio.create_task(_flood(bed, robots))
            await asyncio.sleep(2)
        failed, answers = await load_calls(
            bed, "112", _RATE, _RATE * _SECONDS, digit="1", source="127.0.0.12"
        )
        if flood is not None:
            robots_failed = await flood
            await _told(bed, "telkomsel", robots)
        waits = await _told(bed, "indosat", _RATE * _SECONDS)
        return _Turn(failed, robots_failed, answers, [wait for wait in waits if wait is not None])


async def _flood(bed: Bed, robots: int) -> int:
    """Let the robots call; return how many of their calls did not go as a call goes: refused, say."""
    numbers = "SEQUENTIAL\n" + "".join(f"+6281100{one:04d}\n" for one in range(_ROBOTS_NUMBERS))
    values = {"patience_ms": _ROBOTS_STAY_MS, "stay_ms": _ROBOTS_STAY_MS}
    arguments = [
        "-i", "127.0.0.11", "-r", str(_ROBOTS_PER_S), "-m", str(robots), "-l", "5000", bed.sip,
        "-inf", "numbers.csv", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-timeout", "120",
    ]  # fmt: skip
    async with Sipp(bed.sipp, "flood", values, arguments, {"numbers.csv": numbers}) as sipp:
        await sipp.ended()
        rows = (sipp.folder / "stat.csv").read_text().splitlines()
        last = dict(zip(rows[0].split(";"), rows[-1].split(";"), strict=False))
        if int(last["FailedCall(C)"]):
            unusual = [line for line in sipp.errors().splitlines() if line and "receive timeout" not in line]
            say("  robots: " + "\n    ".join(unusual[-12:]))
        return int(last["FailedCall(C)"])


async def _told(bed: Bed, carrier: str, wanted: int) -> list[float | None]:
    """Return how long each of a carrier's calls waited for an operator, once the dashboards have all."""
    found: list[float | None] = []
    for _ in range(120):
        found = await asyncio.to_thread(_waits, bed, carrier)
        if len(found) >= wanted:
            break
        await asyncio.sleep(1)
    say(f"  {carrier}: {len(found)} of {wanted} calls have an incident with their end")
    return found


def _waits(bed: Bed, carrier: str) -> list[float | None]:
    with contextlib.closing(sqlite3.connect(bed.work.state.root / "suar.db", timeout=10)) as database:
        rows = database.execute(
            "SELECT CASE WHEN talk_s > 0 THEN wait_s END FROM call"
            " WHERE carrier = ? AND ended_by IS NOT NULL",
            (carrier,),
        ).fetchall()
    return [row[0] for row in rows]

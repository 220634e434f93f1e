"""INVITE to the 200 of the greeting, beside Asterisk's own Answer() on the same trunk, by turns."""

from __future__ import annotations

from tests.bench.bed import city, load_calls, percentile, say

_ABOVE_MS = 50.0
_RATE, _COUNT, _TURNS = 10, 150, 3


async def run() -> bool:
    """Ten calls a second, three turns each; the first of both warms up and does not count."""
    own: list[float] = []
    ours: list[float] = []
    failed = 0
    async with city(operators=1) as bed:
        for turn in range(_TURNS + 1):
            for dialled, times in (("999", own), ("112", ours)):
                failures, measured = await load_calls(bed, dialled, _RATE, 30 if turn == 0 else _COUNT)
                if turn:
                    times += measured
                    failed += failures
    gap = percentile(ours, 0.99) - percentile(own, 0.99)
    say(f"answering: INVITE to 200, {_RATE} calls a second, {len(ours)} calls each, {failed} failed")
    for name, times in (("greeting", ours), ("Answer()", own)):
        say(f"  {name}   p50 {percentile(times, 0.5):6.1f} ms   p99 {percentile(times, 0.99):6.1f} ms")
    say(f"  p99 above Answer(): {gap:.1f} ms   (target <= {_ABOVE_MS:.0f})")
    return gap <= _ABOVE_MS and failed == 0

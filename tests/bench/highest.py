"""``python -m tests.bench highest``: the highest rate that each side sustains for half a minute.

Sustained is: no call fails, no INVITE is sent again, and the p99 of INVITE to 200 stays under 100 ms. Each
side's rate is halved in on, so that the whole takes less than five minutes.
"""

from __future__ import annotations

from tests.bench.bed import say
from tests.bench.connecting import connects_well
from tests.bench.duel import Side, duel

_RATES = tuple(range(10, 151, 10))
_SECONDS = 30
_WITHIN_MS = 100.0
_HOLD_MS = 500
_WARM_UP = 150


async def run() -> bool:
    """Find both rates, by turns."""
    async with duel() as sides:
        for side in sides:
            await side.call(rate=25, count=_WARM_UP, hold_ms=_HOLD_MS)
        say(f"highest: calls a second for {_SECONDS} s, p99 < {_WITHIN_MS:.0f} ms, none failed or repeated")
        ours, theirs = [await _highest(side) for side in sides]
    say(f"  suar {ours}   app_queue {theirs}   (target: at least app_queue's)")
    return ours >= theirs


async def _highest(side: Side) -> int:
    """Return the highest rate of those tried that was sustained; 0 for none."""
    low, high = 0, len(_RATES)
    while low < high:
        middle = (low + high) // 2
        rate = _RATES[middle]
        turn = await side.call(rate=rate, count=rate * _SECONDS, hold_ms=_HOLD_MS)
        why = connects_well(turn, _WITHIN_MS)
        say(f"  {side.name:9} {rate:3}: {why or 'sustained'}; processor time, ms a call: {turn.cost()}")
        low, high = (low, middle) if why else (middle + 1, high)
    return _RATES[low - 1] if low else 0

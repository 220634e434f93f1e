"""``python -m tests.bench connecting``: operators are free; how soon is a caller's INVITE answered?

At 10, 25, 50 and 70 calls a second, by turns with app_queue; nobody is greeted, and both send a caller her
200 when her operator's phone has been answered. At 70 a second also what a call costs: Asterisk and the
controller together, beside Asterisk with app_queue.
"""

from __future__ import annotations

from statistics import median

from tests.bench.bed import percentile, say
from tests.bench.duel import Turn, duel
from tests.bench.phones import invite_to_ok_ms, repeated_invites

_RATES = (10, 25, 50, 70)
_SECONDS, _LEAST = 6, 100
_WARM_UP = 150
_TURNS = 3
_HOLD_MS = 500
_AT_MOST = {0.50: 1.5, 0.99: 1.0}
_CPU_AT_MOST = 1.3


async def run() -> bool:
    """Three turns each at each rate; the medians of each turn's p50, p99 and processor time."""
    met = True
    async with duel() as (ours, theirs):
        for side in (ours, theirs):
            await side.call(rate=25, count=_WARM_UP, hold_ms=_HOLD_MS)
        say("connecting: INVITE to the caller's 200, operators free, medians of three turns")
        for rate in _RATES:
            turns: dict[str, list[Turn]] = {ours.name: [], theirs.name: []}
            for _ in range(_TURNS):
                for side in (ours, theirs):
                    count = max(_LEAST, rate * _SECONDS)
                    turns[side.name].append(await side.call(rate=rate, count=count, hold_ms=_HOLD_MS))
            met &= _judge(rate, turns[ours.name], turns[theirs.name])
    return met


def _judge(rate: int, ours: list[Turn], theirs: list[Turn]) -> bool:
    failed = sum(turn.load.failed for turn in ours)
    met = failed == 0
    for share, at_most in _AT_MOST.items():
        mine, other = (median(_times(turns, share)) for turns in (ours, theirs))
        met &= mine / other <= at_most
        say(
            f"  {rate:3} a second   p{100 * share:.0f}   suar {mine:6.1f} ms   app_queue {other:6.1f} ms"
            f"   ratio {mine / other:4.2f}   (target: at most {at_most})"
        )
    spent, beside = (median(sum(turn.cpu_ms.values()) for turn in turns) for turns in (ours, theirs))
    say(f"  {'':14}processor time, ms a call: suar {ours[-1].cost()}; app_queue {theirs[-1].cost()}")
    if rate == max(_RATES):
        met &= spent / beside <= _CPU_AT_MOST
        say(
            f"  {'':14}Asterisk and controller {spent:.1f} beside {beside:.1f}: ratio {spent / beside:.2f}"
            f"   (target: at most {_CPU_AT_MOST})"
        )
    if failed:
        say(f"  {'':14}{failed} of our calls failed")
    return met


def _times(turns: list[Turn], share: float) -> list[float]:
    return [percentile(invite_to_ok_ms(turn.load.trace), share) for turn in turns]


def connects_well(turn: Turn, within_ms: float) -> str:
    """Return why a load was too much for a side; empty if it was not."""
    times = invite_to_ok_ms(turn.load.trace)
    if turn.load.failed or len(times) < turn.load.calls:
        return f"{turn.load.failed} failed"
    if again := repeated_invites(turn.load.trace):
        return f"{again} INVITEs sent again"
    late = percentile(times, 0.99)
    return "" if late < within_ms else f"p99 {late:.0f} ms"

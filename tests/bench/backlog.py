"""``python -m tests.bench backlog``: an operator hangs up while callers wait; how soon does she ring again?

A hundred operators who talk for random times (fixed ones would lock to app_queue's poll), about
eighty callers waiting, by turns with app_queue on the same machine. The first turn of each warms up.
"""

from __future__ import annotations

from statistics import median

from tests.bench.bed import percentile, say
from tests.bench.duel import OPERATORS, duel
from tests.bench.phones import free_to_invite_ms

_TALKS_MS = (3000, 9000)
_WAITING, _BACKLOG = 80, 10
_CALLS, _WARM_UP = 300, 150
_TURNS = 3
_AT_MOST = {0.50: 1 / 20, 0.99: 1 / 10}


async def run() -> bool:
    """Three turns each; the medians of each turn's p50 and p99, and their ratios."""
    found: dict[str, list[dict[float, float]]] = {"suar": [], "app_queue": []}
    failed = gaps_seen = 0
    async with duel(talks_ms=_TALKS_MS) as sides:
        for turn in range(_TURNS + 1):
            for side in sides:
                done = await side.call(
                    rate=25,
                    count=_CALLS if turn else _WARM_UP,
                    at_once=OPERATORS + _WAITING,
                    patience_s=60,
                )
                gaps = free_to_invite_ms(done.phones, done.load.trace, _BACKLOG)
                say(
                    f"  {side.name:9} turn {turn or 'of warming up'}: p50 {percentile(gaps, 0.5):.1f} ms,"
                    f" p99 {percentile(gaps, 0.99):.1f} ms, {done.load.failed} failed;"
                    f" processor time, ms a call: {done.cost()}"
                )
                if turn:
                    found[side.name].append({share: percentile(gaps, share) for share in _AT_MOST})
                    failed += done.load.failed
                    gaps_seen += len(gaps)
    say(f"backlog: {OPERATORS} operators, about {_WAITING} waiting, {gaps_seen} gaps, {failed} calls failed")
    ours, theirs = (
        {share: median(turn[share] for turn in found[name]) for share in _AT_MOST}
        for name in ("suar", "app_queue")
    )
    say("  operator's BYE to the next INVITE at her phone, medians of three turns")
    for share, at_most in _AT_MOST.items():
        ratio = ours[share] / theirs[share]
        say(
            f"  p{100 * share:.0f}   suar {ours[share]:6.1f} ms   app_queue {theirs[share]:7.1f} ms"
            f"   ratio 1/{1 / ratio:.0f}   (target: at most 1/{1 / at_most:.0f})"
        )
    return failed == 0 and all(ours[share] / theirs[share] <= most for share, most in _AT_MOST.items())

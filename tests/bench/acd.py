"""``python -m tests.bench.acd``: what one event costs the ACD, with few and with very many who wait.

Callers arrive as fast as operators answer them, so the line stays as long as it is: each turn a caller
joins, a phone is answered, a talk ends and its operator is ready again, which rings her next caller.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections import deque

from queues.acd import Acd
from queues.policy import AcdPolicy, Announcements, QueuePolicy
from queues.vocabulary import (
    AcdCommand,
    CallEnded,
    CallQueued,
    OfferAccepted,
    OfferCall,
    OperatorReady,
    OperatorSignedOn,
)
from tests.bench.bed import say

_OPERATORS = 10_000
_FEW, _MANY = 1_000, 100_000
_TURNS = 25_000
_REPEATS = 3
_TARGET_PER_S, _TARGET_RATIO = 100_000, 2.0
_TICK_S = 1e-5

_QUEUES = {
    "emergency": QueuePolicy(announcements=Announcements(20, 30, 10)),
    "information": QueuePolicy(strategy="fewest_calls", relax_s=(5.0, 10.0)),
}
_KINDS = [
    ("emergency", 0, frozenset()),
    ("emergency", 0, frozenset({"medical"})),
    ("emergency", 1, frozenset({"rescue"})),
    ("emergency", 1, frozenset()),
    ("information", 3, frozenset()),
]
_SERVES = [("emergency",), ("emergency", "information"), ("information", "emergency")]


class Bench:
    """An ACD with all its operators talking and ``waiting`` callers in line."""

    def __init__(self, waiting: int) -> None:
        self.random = random.Random(112)
        self.acd = Acd(AcdPolicy(_QUEUES))
        self.now = 1000.0
        self.callers = 0
        self.talking: deque[tuple[str, str]] = deque()
        """Calls and their operators, who answered first first."""
        for number in range(_OPERATORS):
            self._sign_on(number)
        for _ in range(_OPERATORS + waiting):
            for command in self.acd.handle(self._caller(), self.now):
                if isinstance(command, OfferCall):
                    self._answer(command)
        assert len(self.acd.snapshot(self.now).waiting) == waiting
        assert len(self.talking) == _OPERATORS

    def run(self, turns: int) -> float:
        """Go through so many turns; return what one event cost of this core's time, in microseconds."""
        handle, talking, now, events = self.acd.handle, self.talking, self.now, 0
        arrivals = [self._caller() for _ in range(turns)]
        gc.collect()
        began = time.process_time()
        for arrival in arrivals:
            offers: list[AcdCommand] = []
            now += _TICK_S
            offers += handle(arrival, now)
            if talking:
                call, who = talking.popleft()
                now += _TICK_S
                handle(CallEnded(call), now)
                now += _TICK_S
                offers += handle(OperatorReady(who), now)
                events += 2
            for offer in offers:
                if type(offer) is OfferCall:
                    now += _TICK_S
                    handle(OfferAccepted(offer.call_id, offer.operator_id, offer.offer_id), now)
                    talking.append((offer.call_id, offer.operator_id))
                    events += 1
            events += 1
        took_s = time.process_time() - began
        self.now = now
        assert events > 3.5 * turns, "the line did not move"
        return 1e6 * took_s / events

    def _sign_on(self, number: int) -> None:
        draw = self.random
        skills = frozenset(one for one in ("medical", "rescue", "calm") if draw.random() < 0.5)
        languages = frozenset(("id", *(one for one in ("en", "jv") if draw.random() < 0.4)))
        name = f"op{number}"
        self.acd.handle(OperatorSignedOn(name, draw.choice(_SERVES), skills, languages), self.now)
        self.acd.handle(OperatorReady(name), self.now)

    def _caller(self) -> CallQueued:
        self.callers += 1
        queue, priority, skills = self.random.choice(_KINDS)
        return CallQueued(
            f"sby1-1.{self.callers}", queue, priority, skills, self.random.choice(("id", "id", "en"))
        )

    def _answer(self, offer: OfferCall) -> None:
        self.acd.handle(OfferAccepted(offer.call_id, offer.operator_id, offer.offer_id), self.now)
        self.talking.append((offer.call_id, offer.operator_id))


async def run() -> bool:
    """Measure with few and with many waiting, in turn; print the medians and whether both goals are met."""
    costs: dict[int, list[float]] = {_FEW: [], _MANY: []}
    for _ in range(_REPEATS):
        for waiting in costs:
            costs[waiting].append(Bench(waiting).run(_TURNS))
    few, many = (sorted(costs[waiting])[_REPEATS // 2] for waiting in (_FEW, _MANY))
    say(f"acd: {_OPERATORS:,} operators, one core")
    say(f"  {_FEW:>7,} waiting   {few:5.2f} us an event   {1e6 / few:>9,.0f} events/s")
    say(
        f"  {_MANY:>7,} waiting   {many:5.2f} us an event  {1e6 / many:>9,.0f} events/s   ({_TARGET_PER_S:,})"
    )
    say(f"  many / few: {many / few:.2f}   (target: at most {_TARGET_RATIO:.0f})")
    return 1e6 / many >= _TARGET_PER_S and many / few <= _TARGET_RATIO


if __name__ == "__main__":
    import asyncio

    sys.exit(0 if asyncio.run(run()) else 1)

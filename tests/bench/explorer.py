"""``python -m tests.bench.explorer [--steps N] [--seed S]``: random histories of the ACD, every step checked.

The same seed walks the same way; a failure prints the seed and the step.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from msgspec.structs import replace

from queues.vocabulary import (
    CallAbandoned,
    CallDiverted,
    CallEnded,
    CallMovedToHead,
    CallPicked,
    CallPriorityChanged,
    OfferEnd,
    OperatorNotReady,
    OperatorQueuesChanged,
    OperatorReachable,
    OperatorReady,
    OperatorSignedOff,
    OperatorSignedOn,
    OperatorUnreachable,
    PolicyChanged,
    TalkAdopted,
    WrapUpExtended,
)
from tests.unit.acd_world import POLICIES, QUEUES, World, fail

_OPERATORS = ("ani", "budi", "citra", "dewi", "eko")
_CALLERS = ("", "", "", "a", "b", "c")
_MOST_WAITING = 8
_REPLAY_EVERY = 5_000


class Explorer:
    """Walks one random history."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World()
        self.steps = 0
        self._moves = [
            (14, self._call),
            (3, self._abandon),
            (16, self._accept),
            (10, self._end),
            (5, self._fail),
            (1, self._accept_late),
            (8, self._sign_on),
            (20, self._ready),
            (3, self._not_ready),
            (1, self._sign_off),
            (3, self._phone),
            (5, self._pick),
            (3, self._move_to_head),
            (2, self._change_priority),
            (2, self._put_back),
            (1, self._divert),
            (1, self._extend),
            (1, self._change_queues),
            (1, self._adopt),
            (0.2, self._change_policy),
        ]
        self._weights = [weight for weight, _ in self._moves]

    def walk(self, steps: int) -> None:
        """Go so many steps. Raises AssertionError at the first that breaks a rule."""
        for _ in range(steps):
            self.steps += 1
            draw = self.random.random()
            if draw < 0.7:
                self.world.pass_time(self.random.expovariate(1.0), late=draw < 0.1)
            (_, move), *_ = self.random.choices(self._moves, self._weights)
            move()
            if self.steps % _REPLAY_EVERY == 0:
                self._replay()

    def _replay(self) -> None:
        """Read the journal so far again, then begin a fresh one in a fresh world."""
        self.world.check_replay()
        counts = self.world.counts
        self.world = World()
        self.world.counts = counts

    def _call(self) -> None:
        if len(self.world.waiting) < _MOST_WAITING:
            draw = self.random
            skills = frozenset(one for one in ("medical", "calm") if draw.random() < 0.3)
            language = draw.choice(("", "id", "id", "en"))
            who = draw.choice(_CALLERS)
            self.world.call_in(
                draw.choice(QUEUES), draw.randrange(3), skills, language, draw.randrange(3), who
            )

    def _any_call(self) -> str:
        return self.random.choice([*self.world.waiting, "nobody"])

    def _operator(self) -> str:
        return self.random.choice(_OPERATORS)

    def _abandon(self) -> None:
        self.world.tell(CallAbandoned(self._any_call()))

    def _divert(self) -> None:
        self.world.tell(CallDiverted(self._any_call(), "sidoarjo"))

    def _move_to_head(self) -> None:
        self.world.tell(CallMovedToHead(self._any_call(), "sari"))

    def _change_priority(self) -> None:
        """She is a nuisance after all, or is none."""
        self.world.tell(CallPriorityChanged(self._any_call(), self.random.randrange(4)))

    def _put_back(self) -> None:
        """An operator gives her caller back to the line, where she has her old place."""
        if served := self.world.served:
            call, caller = self.random.choice(list(served.items()))
            self.world.tell(CallEnded(call))
            queue = caller.event.queue
            self.world.tell(
                replace(
                    caller.event,
                    queue=queue if queue in self.world.policy.queues else "fire",
                    enqueued_at=caller.since,
                    offers_made=caller.made,
                )
            )

    def _accept(self) -> None:
        if offers := self.world.offers():
            self.world.accept(self.random.choice(offers))

    def _accept_late(self) -> None:
        if self.world.over:
            self.world.accept(self.random.choice(self.world.over))

    def _fail(self) -> None:
        if offers := self.world.offers():
            outcome = self.random.choice((OfferEnd.REJECTED, OfferEnd.NO_ANSWER, OfferEnd.UNREACHABLE))
            self.world.tell(fail(self.random.choice(offers), outcome))

    def _end(self) -> None:
        if self.world.talking:
            ended = self.random.choice(list(self.world.talking))
            self.world.tell(CallEnded(ended, has_spoken=self.random.random() < 0.8))

    def _sign_on(self) -> None:
        draw = self.random
        skills = frozenset(one for one in ("medical", "calm") if draw.random() < 0.5)
        languages = frozenset(draw.sample(("id", "en"), draw.randint(1, 2)))
        phone = draw.choice(("", "", "desk-1", "desk-2"))
        self.world.tell(
            OperatorSignedOn(
                self._operator(),
                self._queues(),
                skills,
                languages,
                draw.random() < 0.9,
                draw.randrange(3),
                phone,
            )
        )

    def _queues(self) -> tuple[str, ...]:
        return tuple(self.random.sample(QUEUES, self.random.randint(1, 3)))

    def _ready(self) -> None:
        self.world.tell(OperatorReady(self._operator(), self.random.choice(("", "", "sari"))))

    def _not_ready(self) -> None:
        draw = self.random
        reason = draw.choice(("break", "meal", "pause", "supervisor", "no such reason"))
        by, for_s = draw.choice(("", "", "sari")), draw.choice((None, None, 2.0))
        self.world.tell(OperatorNotReady(self._operator(), reason, by, for_s))

    def _sign_off(self) -> None:
        self.world.tell(OperatorSignedOff(self._operator()))

    def _phone(self) -> None:
        kind = OperatorReachable if self.random.random() < 0.6 else OperatorUnreachable
        self.world.tell(kind(self._operator()))

    def _pick(self) -> None:
        self.world.tell(CallPicked(self._any_call(), self._operator()))

    def _extend(self) -> None:
        self.world.tell(WrapUpExtended(self._operator(), self.random.choice((1.0, 5.0, -1.0))))

    def _change_queues(self) -> None:
        self.world.tell(OperatorQueuesChanged(self._operator(), self._queues()))

    def _adopt(self) -> None:
        self.world.names += 1
        self.world.tell(TalkAdopted(f"c{self.world.names}", self._operator()))

    def _change_policy(self) -> None:
        self.world.tell(PolicyChanged(self.random.choice(POLICIES)))


def main() -> int:
    """Walk, and say how far and how fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=112)
    asked = parser.parse_args()
    explorer, began = Explorer(asked.seed), time.perf_counter()
    try:
        explorer.walk(asked.steps)
    except AssertionError:
        print(f"seed {asked.seed}: broken at step {explorer.steps}", file=sys.stderr)
        raise
    took_s = time.perf_counter() - began
    print(f"explorer: {asked.steps:,} random steps, 0 broken rules, {took_s:.0f} s, seed {asked.seed}")
    for name, count in sorted(explorer.world.counts.items()):
        print(f"  {name:22} {count:>9,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Callers of a journal, to be served again: when each came, what she needed, how long she talked.

What a journal cannot know is drawn. How long somebody would have waited who was answered: her wait and, after
it, the patience of those who gave up (exponential: the time that all have waited, over the number who gave
up). How long somebody would have talked who gave up: as long as one of those who were answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from random import Random
from typing import Any

from queues.measures.calls import ACCEPTED, MeasuredCall, Outcome, fold
from queues.vocabulary import OfferEnd
from suar.city import City
from suar.record import Record
from suar.simulation.engine import Answer, Caller
from suar.simulation.errors import SimulationRefused

_NO_CALLS = {Outcome.UNFINISHED, Outcome.TESTED}
"""Neither do these calls go by what a different rule would have done with them."""


@dataclass(frozen=True, slots=True)
class History:
    """The calls of a period."""

    calls: tuple[MeasuredCall, ...]
    callers: tuple[Caller, ...]
    """Those who came into a queue, in that order; the others are as they were, whoever is at work."""
    patience_s: float
    """The mean time until a caller gives up; without end where nobody did."""
    picked_up_s: tuple[float, ...]
    """How long the phones rang that were answered."""
    missed_share: float
    """How many of the phones that rang to their end were not answered."""

    def answers(self, seed: int) -> Answer:
        """Return a draw of how operators answered then."""
        random = Random(f"answers-{seed}")

        def answer() -> float | None:
            if random.random() < self.missed_share:
                return None
            return random.choice(self.picked_up_s) if self.picked_up_s else 0.0

        return answer


def remember(records: Iterable[Record], city: City, began_ms: int, ended_ms: int, seed: int) -> History:
    """Return the history of the calls that rang in ``[began_ms, ended_ms)``.

    Raises :class:`~queues.measures.errors.RecordUnusable`, and, since then nothing is known of talks,
    :class:`~suar.simulation.errors.SimulationRefused` if no call was answered.
    """
    needs: dict[str, Record] = {}
    found = [one for one in fold(_noting(records, needs)) if began_ms <= one.ring_ms < ended_ms]
    calls = sorted(
        (one for one in found if one.outcome not in _NO_CALLS),
        key=lambda one: one.ring_ms,
    )
    answered = [one for one in calls if one.outcome is Outcome.ANSWERED]
    if not answered:
        raise SimulationRefused("--from, --to: no call was answered then; choose a period that has some")
    queued = [one for one in calls if one.since_triage_ms is not None]
    gave_up = sum(one.outcome is Outcome.ABANDONED for one in queued)
    waited_s = sum(one.since_triage_ms or 0 for one in queued) / 1000
    patience_s = waited_s / gave_up if gave_up and waited_s else inf
    random = Random(f"history-{seed}")
    callers = [_caller(one, needs.get(one.call_id, {}), city, patience_s, answered, random) for one in queued]
    rings = [ring for one in calls for ring in one.rings]
    took = tuple((ring.ended_ms - ring.began_ms) / 1000 for ring in rings if ring.outcome == ACCEPTED)
    missed = sum(ring.outcome == OfferEnd.NO_ANSWER for ring in rings)
    return History(
        tuple(calls),
        tuple(sorted(callers, key=lambda one: one.at_s)),
        patience_s,
        took,
        missed / (missed + len(took)) if missed else 0.0,
    )


def before_queue_ms(call: MeasuredCall) -> int:
    """Return how long a caller was greeted and asked, whoever was at work."""
    return call.since_invite_ms - (call.since_triage_ms or 0)


def _noting(records: Iterable[Record], needs: dict[str, Record]) -> Iterator[Record]:
    """Pass records on, and note what each caller needed."""
    for record in records:
        if record.get("type") in {"triaged", "queued"} and isinstance(call_id := record.get("call"), str):
            need = needs.setdefault(call_id, {})
            need |= {
                name: record[name] for name in ("kind", "language", "queue", "priority") if name in record
            }
        yield record


def _caller(
    call: MeasuredCall,
    need: Record,
    city: City,
    patience_s: float,
    answered: list[MeasuredCall],
    random: Random,
) -> Caller:
    kind = city.kind(str(need.get("kind"))) or city.fallback_kind
    known: Any = {queue.id for queue in city.queues}
    like = call if call.outcome is Outcome.ANSWERED else random.choice(answered)
    wait_s = (call.since_triage_ms or 0) / 1000
    more_s = random.expovariate(1 / patience_s) if patience_s < inf else inf
    caller = Caller(
        call.call_id,
        (call.ring_ms + before_queue_ms(call)) / 1000,
        need["queue"] if need.get("queue") in known else kind.queue,
        like.talk_ms / 1000,
        int(need.get("priority", kind.priority)),
        patience_s=wait_s if call.outcome is Outcome.ABANDONED else wait_s + more_s,
        skills=frozenset(kind.skills),
        language=str(need.get("language") or city.languages[0]),
    )
    return replace(caller, wrap_up_s=like.wrap_up_ms / 1000) if like.wrap_up_ms else caller

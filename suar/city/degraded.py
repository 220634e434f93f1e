"""What Asterisk's own queues stand for on the degraded path: callers' needs, and who fits each how well."""

from __future__ import annotations

from collections.abc import Sequence

from queues.matching import fit
from queues.operators import Operator as Taker
from queues.vocabulary import CallQueued
from suar.city.model import City, KindOfIncident, Operator

DEFAULT = "degraded"
"""The queue of those of whom nothing is known."""
_OTHER_QUEUE = 4


def needs(city: City) -> dict[str, CallQueued]:
    """Return what each queue's callers need, the one for callers of whom nothing is known first."""
    found = {DEFAULT: _need(city.fallback_kind, city.languages[0])}
    for kind in city.kinds:
        for language in city.languages:
            found[city.degraded_queue(kind.id, language)] = _need(kind, language)
    return found


def queue_for(city: City, kind_id: str, language: str, now_in: str) -> str:
    """Return the queue of a need; ``now_in``, where the caller is already, if its callers need the same."""
    is_default = (kind_id, language) == (city.fallback_kind.id, city.languages[0])
    return DEFAULT if is_default and now_in == DEFAULT else city.degraded_queue(kind_id, language)


def penalty(need: CallQueued, operator: Operator, queues: Sequence[str] = ()) -> int:
    """Return how well she fits, as the ACD has it: 0 is best, and whoever is free with the least is rung.

    ``queues`` are those that she serves today, if not all of hers. Who serves others comes last, and before
    nobody does.
    """
    taker = Taker(
        operator.id,
        tuple(queues or operator.queues),
        frozenset(operator.skills),
        frozenset(operator.languages),
    )
    found = fit(need, taker)
    return _OTHER_QUEUE if found is None else found


def _need(kind: KindOfIncident, language: str) -> CallQueued:
    return CallQueued("", kind.queue, kind.priority, frozenset(kind.skills), language)

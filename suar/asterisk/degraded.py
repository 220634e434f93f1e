"""What the degraded path is told of the city: its queues for Asterisk, its triage plan for the AGI script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queues.matching import fit
from queues.operators import Operator as Taker
from queues.vocabulary import CallQueued
from suar.city import City, KindOfIncident, Operator

DEFAULT = "degraded"
_OTHER_QUEUE = 4
_LEAST_URGENT = 9


@dataclass(frozen=True, slots=True)
class DegradedQueue:
    """One of Asterisk's own queues: the callers who need the same."""

    name: str
    note: str
    weight: int
    members: tuple[tuple[Operator, int], ...]
    """Each operator with her penalty: 0 fits best, and whoever is free with the least is rung."""


def degraded_queues(city: City) -> list[DegradedQueue]:
    """Return the queues, the one for callers of whom nothing is known first."""
    first = city.fallback_kind
    queues = [_queue(city, DEFAULT, first, city.languages[0], "nothing is known of the caller")]
    for kind in city.kinds:
        for language in city.languages:
            name = city.degraded_queue(kind.id, language)
            queues.append(_queue(city, name, kind, language, f"{kind.id}, {language}"))
    return queues


def triage_config(city: City, sounds: Path) -> str:
    """Return what the AGI script reads: the same plan as the controller's, as JSON."""
    config: dict[str, Any] = {
        "triage": city.triage.model_dump(),
        "kinds": [kind.id for kind in city.kinds],
        "queues": {
            f"{kind.id}:{language}": city.degraded_queue(kind.id, language)
            for kind in city.kinds
            for language in city.languages
        },
        "sounds": str(sounds),
    }
    return json.dumps(config, indent=1) + "\n"


def _queue(city: City, name: str, kind: KindOfIncident, language: str, note: str) -> DegradedQueue:
    need = CallQueued("", kind.queue, kind.priority, frozenset(kind.skills), language)
    members = tuple((operator, _penalty(need, operator)) for operator in city.operators)
    return DegradedQueue(name, note, _LEAST_URGENT - kind.priority, members)


def _penalty(need: CallQueued, operator: Operator) -> int:
    """Return how well she fits, as the ACD has it; who serves other queues comes last, before nobody does."""
    taker = Taker(
        operator.id, tuple(operator.queues), frozenset(operator.skills), frozenset(operator.languages)
    )
    found = fit(need, taker)
    return _OTHER_QUEUE if found is None else found

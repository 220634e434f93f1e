"""What the degraded path is told of the city: its queues for Asterisk, its triage plan for the AGI script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suar.city import City, Operator
from suar.city.degraded import DEFAULT, needs, penalty

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
    return [
        DegradedQueue(
            name,
            "nothing is known of the caller" if name == DEFAULT else name.removeprefix(f"{DEFAULT}-"),
            _LEAST_URGENT - need.priority,
            tuple((operator, penalty(need, operator)) for operator in city.operators),
        )
        for name, need in needs(city).items()
    ]


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

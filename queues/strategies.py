"""How to choose among the operators who fit: small functions of the candidates alone."""

from __future__ import annotations

from collections.abc import Sequence

from queues.operators import Operator


def longest_idle(candidates: Sequence[Operator]) -> Operator:
    """Return who has been free longest; among equals, the first by id."""
    return min(candidates, key=lambda operator: (operator.idle_since, operator.id))

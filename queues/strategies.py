"""How to choose among the operators who fit a caller equally well: small functions of one operator.

Each says how far back an operator stands; the one with the least is rung, and among equals the first by
id. Being ranks, they can be kept in order as operators come and go, so choosing costs the same among ten
operators and among ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from queues.operators import Operator

Rank = Callable[[Operator], tuple[float, ...]]


def longest_idle(operator: Operator) -> tuple[float, ...]:
    """Who has been free longest."""
    return (operator.idle_since,)


def fewest_calls(operator: Operator) -> tuple[float, ...]:
    """Who has taken the fewest calls since she came; among equals, who has been free longest."""
    return (operator.calls, operator.idle_since)


def fixed_order(operator: Operator) -> tuple[float, ...]:
    """Who comes first in the city's list."""
    return (operator.order,)


def skill_first(operator: Operator) -> tuple[float, ...]:
    """Who knows least beside what is needed: those who know much stay free for whom only they can serve."""
    return (len(operator.skills) + len(operator.languages), operator.idle_since)


STRATEGIES: Mapping[str, Rank] = MappingProxyType(
    {
        "longest_idle": longest_idle,
        "fewest_calls": fewest_calls,
        "fixed_order": fixed_order,
        "skill_first": skill_first,
        "ring_all": longest_idle,
    }
)
"""By name. ``ring_all`` rings several at once, the longest idle among them; the first who answers has her."""

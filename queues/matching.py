"""Who fits a caller, and how well."""

from __future__ import annotations

from collections.abc import Iterable

from queues.operators import Operator
from queues.vocabulary import CallQueued


def fit(call: CallQueued, operator: Operator) -> int | None:
    """Return how well an operator fits: 0 is best, None not at all.

    A common language comes before a skill: advice that is not understood is none.
    """
    if call.queue not in operator.queues:
        return None
    speaks = not call.language or call.language in operator.languages
    return (0 if speaks else 2) + (0 if call.skills <= operator.skills else 1)


def is_wanted(call: CallQueued, operators: Iterable[Operator]) -> bool:
    """Whether somebody at work fits perfectly, so that waiting for her makes sense."""
    return any(operator.is_at_work and fit(call, operator) == 0 for operator in operators)


def best_fitting(
    call: CallQueued, free: Iterable[Operator], worst_fit: int, refused_by: set[str]
) -> list[Operator]:
    """Return the best fitting of the free operators, down to ``worst_fit``.

    One whose phone did not take this call before comes after everybody else who may be rung.
    """
    ranked: dict[tuple[bool, int], list[Operator]] = {}
    for operator in free:
        how_well = fit(call, operator)
        if how_well is not None and how_well <= worst_fit:
            ranked.setdefault((operator.id in refused_by, how_well), []).append(operator)
    return ranked[min(ranked)] if ranked else []

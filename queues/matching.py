"""Who fits a caller, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from queues.events import CallQueued
from queues.skills import Expression, all_of, parse


class Taker(Protocol):
    """What matters of an operator, or of a crew of them."""

    @property
    def queues(self) -> Sequence[str]: ...
    @property
    def skills(self) -> frozenset[str]: ...
    @property
    def languages(self) -> frozenset[str]: ...


class Need(Struct, frozen=True, gc=False, cache_hash=True):
    """What callers have in common who can be served by the same operators."""

    queues: tuple[str, ...]
    """Her own, then those that she has overflowed to."""
    skills: frozenset[str] = frozenset()
    wants: tuple[str, ...] = ()
    language: str = ""

    def expressions(self) -> tuple[Expression, ...]:
        """Return what an operator should know, the best first."""
        return tuple(parse(text) for text in self.wants) if self.wants else (all_of(self.skills),)


def need_of(call: CallQueued) -> Need:
    """Return what a caller needs when she comes."""
    return Need((call.queue,), call.skills, call.wants, call.language)


def fit_to(need: Need, expressions: Sequence[Expression], taker: Taker) -> int | None:
    """Return how well somebody fits a need: 0 is best, None not at all.

    A common language comes before a skill: advice that is not understood is none. Of the skill
    expressions the first that is met counts.
    """
    if not any(queue in taker.queues for queue in need.queues):
        return None
    speaks = not need.language or need.language in taker.languages
    for place, expression in enumerate(expressions):
        if expression.is_met_by(taker.skills):
            rank = place
            break
    else:
        rank = len(expressions)
    return rank if speaks else rank + len(expressions) + 1


def fit(call: CallQueued, taker: Taker) -> int | None:
    """Return how well an operator fits a caller: 0 is best, None not at all."""
    need = need_of(call)
    return fit_to(need, need.expressions(), taker)

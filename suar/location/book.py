"""All that is claimed of one call's place, and which claim is gone by. Pure: told the time.

The best claim changes only when a claim comes, never by itself, so that each change can be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from suar.location.claim import Claim
from suar.location.ranking import Change, compare, rank

MOST_CLAIMS = 500
"""A call of two hours, asked for every 30 s, from two sources. After that only what is better is kept."""


@dataclass(frozen=True, slots=True)
class News:
    """What claims that came have changed."""

    book: Book
    fresh: tuple[Claim, ...] = ()
    """Those that were not known yet, the best of them first."""
    change: Change | None = None
    """Where the best claim is another than before. A first place is none, it is news."""


@dataclass(frozen=True, slots=True)
class Book:
    """The claims in the order they came in, and the best of them."""

    claims: tuple[Claim, ...] = ()
    best: Claim | None = None

    def add(self, claims: Iterable[Claim], now: datetime) -> News:
        """Return what comes of further claims. One that says the same again, word for word, is not news."""
        known = {_said(claim) for claim in self.claims}
        fresh = []
        for claim in claims:
            if _said(claim) not in known:
                known.add(_said(claim))
                fresh.append(claim)
        if not fresh:
            return News(self)
        order = [one.claim for one in rank((*self.claims, *fresh), now)]
        best = order[0] if order else None
        if len(self.claims) >= MOST_CLAIMS:
            fresh = [claim for claim in fresh if claim is best]
        new = sorted(fresh, key=lambda claim: order.index(claim) if claim in order else len(order))
        book = Book((*self.claims, *new), best)
        if self.best is None or best is None or best is self.best:
            return News(book, tuple(new))
        return News(book, tuple(new), compare(self.best, best))


def _said(claim: Claim) -> str:
    """What a claim says, whenever it came."""
    return repr(replace(claim, received_at=_NEVER, rules=None))


_NEVER = datetime.min

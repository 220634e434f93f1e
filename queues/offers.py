"""Offers: leases of one caller to one operator's phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from queues.operators import Operator
    from queues.waiting_line import Waiting


class Offer(Struct, eq=False):
    """One caller offered to one operator: it ends accepted, or in one of the ways of `OfferEnd`."""

    id: str
    waiting: Waiting
    operator: Operator
    is_pick: bool = False
    """The operator asked for this caller."""

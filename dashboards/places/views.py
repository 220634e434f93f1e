"""An incident's place, ready to be shown: why this claim, what each says, where it lies, and a map."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from dashboards.incidents.views import IncidentView
from dashboards.places.areas import PlacementAnswer, as_answer
from dashboards.places.drawing import Drawing, draw
from dashboards.state import Services
from suar.areas import Placement
from suar.location import Claim, ClaimInvalid, Flag, Weight, claim_from, meaning
from suar.location.ranking import rank

_MOST_SHOWN = 40
_TOLD_APART = {"age", "source-weak", "source-phone", "source-network", "source-operator", "method"}
"""Reasons that have a place of their own on the page."""


class Words(BaseModel):
    """A sentence in both languages, with its code."""

    code: str
    id: str
    en: str


class FlagView(Words):
    """What had to be forgiven or is in doubt: ``weight`` is ``note``, ``forgiven`` or ``doubt``."""

    weight: str


class ClaimView(BaseModel):
    """One claim, and what is to be thought of it."""

    claim: dict[str, Any]
    is_best: bool
    is_usable: bool
    expected_error_m: float | None
    reasons: list[Words]
    flags: list[FlagView]
    found_at: datetime | None
    """When the place was found; when the claim came, where it does not say."""
    says_when: bool
    areas: PlacementAnswer | None = None
    """Where it lies; None for an address alone, or where the city has imported no boundaries."""


class PlaceView(BaseModel):
    """What is known of a caller's place: the claim that is gone by first, then the others as they rank."""

    claims: list[ClaimView]
    change: dict[str, Any] | None
    """The last change that nobody has confirmed."""
    more: int
    """How many claims are older and not in the list."""


def view_place(shown: IncidentView, now: datetime) -> PlaceView:
    """Return an incident's claims in their order, in words. One that cannot be read is shown as it is."""
    best = _read(shown.location)
    claims = [claim for data in shown.claims if (claim := _read(data)) is not None]
    ranked = {id(one.claim): one for one in rank(claims, now)}
    places = {claim: place for place, claim in enumerate(ranked)}
    order = sorted(claims, key=lambda one: (one != best, places.get(id(one), len(claims))))
    views = []
    for claim in order[:_MOST_SHOWN]:
        judged = ranked.get(id(claim))
        reasons = judged.reasons if judged else ()
        views.append(
            ClaimView(
                claim=claim.as_json(),
                is_best=claim == best,
                is_usable=claim.is_usable,
                expected_error_m=judged.expected_error_m if judged else None,
                reasons=[
                    Words(code=why.code, id=why.indonesian, en=why.english)
                    for why in reasons
                    if why.code not in _TOLD_APART and why.code not in claim.flags
                ],
                flags=[_flag(code) for code in claim.flags],
                found_at=claim.fix_at or claim.received_at,
                says_when=claim.fix_at is not None,
            )
        )
    return PlaceView(claims=views, change=shown.location_change, more=max(0, len(claims) - _MOST_SHOWN))


async def with_areas(services: Services, seen: PlaceView) -> PlaceView:
    """Return a place with the areas of each of its claims."""
    placed = [await services.geography.locate_claim(one.claim) for one in seen.claims]
    claims = [
        one if found is None else one.model_copy(update={"areas": as_answer(found, services.city)})
        for one, found in zip(seen.claims, placed, strict=True)
    ]
    return seen.model_copy(update={"claims": claims})


async def place_values(services: Services, shown: IncidentView | None) -> dict[str, Any]:
    """Return what a page's region ``place`` shows of an incident."""
    if shown is None:
        return {"placement": None, "where": None, "drawing": None, "hand_over": None}
    placement = await services.geography.locate_claim(shown.location)
    return {
        "placement": placement,
        "where": view_place(shown, services.now()),
        "drawing": await draw_place(services, shown),
        "hand_over": hand_over_to(services, placement),
    }


async def draw_place(services: Services, shown: IncidentView) -> Drawing | None:
    """Return a map around the best claim; None where it has no coordinates."""
    best = _read(shown.location)
    if best is None:
        return None
    atlas = await services.geography.atlas()
    others = [claim for data in shown.claims[-_MOST_SHOWN:] if (claim := _read(data)) and claim != best]
    return await asyncio.to_thread(draw, atlas, best, others)


def hand_over_to(services: Services, placement: Placement | None) -> str | None:
    """Return the id of the neighbour who serves a place outside of the city, if calls can go there."""
    if placement is None or not placement.is_outside or not placement.neighbour:
        return None
    neighbour = services.city.neighbour(placement.neighbour[0].code)
    return neighbour.id if neighbour is not None and neighbour.hand_over_to else None


def _flag(code: str) -> FlagView:
    known = meaning(Flag(code)) if code in set(Flag) else None
    if known is None:
        return FlagView(code=code, id=code, en=code, weight=Weight.NOTE.value)
    return FlagView(code=code, id=known.indonesian, en=known.english, weight=known.weight.value)


def _read(data: dict[str, Any]) -> Claim | None:
    with suppress(ClaimInvalid):
        return claim_from(data) if data else None
    return None

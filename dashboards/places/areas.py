"""In which areas a place lies, as the interface gives it."""

from __future__ import annotations

from pydantic import BaseModel

from suar.areas import Placement, Share
from suar.city import City


class ShareAnswer(BaseModel):
    """An area, and the probability of being in it, 0 to 1."""

    code: str
    name: str
    probability: float


class NeighbourAnswer(ShareAnswer):
    """A neighbour, and whom to hand the call over to: a telephone number or a SIP address."""

    hand_over_to: str | None


class PlacementAnswer(BaseModel):
    """In which areas a place lies, the most probable of each level first.

    ``is_known`` is false where the city has imported no boundaries; then nothing else means anything.
    """

    is_known: bool
    kelurahan: list[ShareAnswer]
    kecamatan: list[ShareAnswer]
    jurisdiction: list[ShareAnswer]
    fire: list[ShareAnswer]
    neighbour: list[NeighbourAnswer]
    outside: float
    unplaced: float
    is_outside: bool


def as_answer(found: Placement, city: City) -> PlacementAnswer:
    """Return a placement as the interface gives it, its neighbours with whom to hand over to."""
    neighbours = {share.code: city.neighbour(share.code) for share in found.neighbour}
    return PlacementAnswer(
        is_known=found.is_known,
        kelurahan=_shares(found.kelurahan),
        kecamatan=_shares(found.kecamatan),
        jurisdiction=_shares(found.jurisdiction),
        fire=_shares(found.fire),
        neighbour=[
            NeighbourAnswer(
                **share.model_dump(),
                hand_over_to=known.hand_over_to if (known := neighbours[share.code]) else None,
            )
            for share in _shares(found.neighbour)
        ],
        outside=round(found.outside, 4),
        unplaced=round(found.unplaced, 4),
        is_outside=found.is_outside,
    )


def _shares(shares: tuple[Share, ...]) -> list[ShareAnswer]:
    return [
        ShareAnswer(code=share.code, name=share.name, probability=round(share.probability, 4))
        for share in shares
    ]

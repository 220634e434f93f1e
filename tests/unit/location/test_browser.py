"""What a phone's browser says of its place is read, and what is no place is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suar.location import Claim
from suar.location.browser import FixInvalid, is_news, read_fix, read_words
from suar.location.shapes import Circle, Position

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
FIX = {"latitude": -7.2656, "longitude": 112.7371, "accuracy": 12.5, "age_ms": 1500}


def test_a_fix_is_a_circle_of_95_percent_with_its_age() -> None:
    """The age counts, not the phone's clock."""
    claim = read_fix({**FIX, "altitude": 4.5, "altitudeAccuracy": 9, "speed": 2.0, "heading": 90}, NOW)
    assert (claim.source, claim.confidence, claim.uncertainty_m) == ("link", 95.0, 12.5)
    assert (claim.latitude, claim.longitude, claim.altitude_m) == (-7.2656, 112.7371, 4.5)
    assert claim.fix_at == NOW - timedelta(seconds=1.5)
    assert claim.motion is not None
    assert (claim.motion.speed_mps, claim.motion.heading_deg, claim.vertical_uncertainty_m) == (
        2.0,
        90.0,
        9.0,
    )


@pytest.mark.parametrize("unknown", [None, float("nan"), "", "12", True, 10**400])
def test_what_a_browser_does_not_know_is_left_out(unknown: Any) -> None:
    """Old browsers write NaN, new ones null."""
    names = ("altitude", "altitudeAccuracy", "heading", "speed", "age_ms")
    claim = read_fix({**FIX, **dict.fromkeys(names, unknown)}, NOW)
    assert (claim.altitude_m, claim.vertical_uncertainty_m, claim.motion, claim.fix_at) == (None,) * 4


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"latitude": None}, "latitude"), ({"latitude": 90.1}, "latitude"), ({"latitude": "-7"}, "latitude"),
        ({"longitude": -180.5}, "longitude"), ({"longitude": float("inf")}, "longitude"),
        ({"accuracy": None}, "accuracy"), ({"accuracy": 0}, "accuracy"), ({"accuracy": -1}, "accuracy"),
        ({"latitude": 0, "longitude": 0}, "latitude"),
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_by_its_field(changed: dict[str, Any], field: str) -> None:
    """Zeros least of all."""
    with pytest.raises(FixInvalid) as refused:
        read_fix({**FIX, **changed}, NOW)
    assert refused.value.field == field


def test_words_are_an_address_in_one_line() -> None:
    """Nobody's coordinates are guessed from them."""
    claim = read_words("  Depan Pasar\n Atom,  lantai 2 ", NOW)
    assert (claim.civic, claim.shape, claim.is_usable) == ({"LOC": "Depan Pasar Atom, lantai 2"}, None, True)


@pytest.mark.parametrize(
    ("north_m", "radius_m", "after_s", "is_told"),
    [
        (0, 20, 5, False), (9, 20, 5, False), (11, 20, 5, True),
        (30, 100, 5, False),
        (0, 16, 5, True), (0, 17, 5, False),
        (0, 20, 30, True),
    ],
)  # fmt: skip
def test_a_place_is_news_if_it_moved_or_is_better_or_younger(
    north_m: float, radius_m: float, after_s: float, is_told: bool
) -> None:
    """Wandering within its own circle is no way gone."""
    before = read_fix({**FIX, "accuracy": max(20, radius_m)}, NOW)

    def at(claim: Claim, metres: float) -> Claim:
        place = Position(FIX["latitude"] + metres / 111_000, FIX["longitude"])
        return replace(claim, shape=Circle(place, radius_m), received_at=NOW + timedelta(seconds=after_s))

    assert is_news(before, at(before, north_m)) is is_told
    assert is_news(None, before)

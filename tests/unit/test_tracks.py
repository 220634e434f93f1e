"""Fixes of one phone are a way; alternatives, other sources and people's words are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboards.places.tracks import tracks
from suar.location import Claim
from suar.location.shapes import Circle, Position

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)


def fix(minute: int, lat: float, source: str = "held", found: int | None = None) -> Claim:
    fix_at = None if found is None else NOON + timedelta(minutes=found)
    return Claim(source, NOON + timedelta(minutes=minute), Circle(Position(lat, 112.7), 20.0), fix_at=fix_at)


def test_fixes_are_joined_in_the_order_in_which_they_were_made() -> None:
    """Which need not be the one in which they came; standing still is no step."""
    way = [fix(1, -7.20), fix(2, -7.22), fix(3, -7.22), fix(5, -7.21, found=1)]
    assert tracks(way) == [[(-7.20, 112.7), (-7.21, 112.7), (-7.22, 112.7)]]


def test_what_did_not_move_has_no_way() -> None:
    """One fix, the same again, and what is no fix of a phone."""
    assert tracks([fix(1, -7.2), fix(2, -7.2)]) == []
    assert tracks([fix(1, -7.2, "operator"), fix(2, -7.3, "operator")]) == []
    assert tracks([fix(1, -7.2, "cell"), fix(2, -7.3, "cell"), Claim("held", NOON, civic={"A3": "x"})]) == []


def test_sources_and_alternatives_are_kept_apart() -> None:
    """Two phones' ways never cross over, and a document's second place is not where she went."""
    mixed = [fix(1, -7.20), fix(1, -7.9), fix(2, -7.3, "link"), fix(3, -7.25), fix(4, -7.35, "link")]
    assert tracks(mixed) == [[(-7.20, 112.7), (-7.25, 112.7)], [(-7.3, 112.7), (-7.35, 112.7)]]

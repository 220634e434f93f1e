"""Which claim to go by, why, and when a change is an alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.location import Claim, Motion
from suar.location.geodesy import destination
from suar.location.ranking import compare, rank
from suar.location.shapes import Circle, Point, Position
from tests.unit.location.documents import NOW

HERE = Position(-7.2575, 112.7521)
FRESH = NOW - timedelta(seconds=10)
PHONE = Claim("aml-https", NOW, shape=Circle(HERE, 20), method="GPS", confidence=68.0, fix_at=FRESH)
CELL = Claim("pidf-lo", NOW, shape=Circle(HERE, 2_000), method="Cell", fix_at=FRESH)
STREET = Claim("pidf-lo", NOW, civic={"country": "ID", "A3": "Surabaya", "RD": "Tunjungan"})


def order(*claims: Claim) -> list[Claim]:
    return [ranked.claim for ranked in rank(claims, NOW)]


def moved(claim: Claim, metres: float, after_s: float = 0) -> Claim:
    there = Position(*destination(HERE.latitude, HERE.longitude, 90, metres))
    return replace(claim, shape=Circle(there, 20), fix_at=FRESH + timedelta(seconds=after_s))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (PHONE, CELL),
        (PHONE, replace(PHONE, shape=Circle(HERE, 60))),
        (PHONE, replace(PHONE, confidence=20.0)),
        (PHONE, replace(PHONE, fix_at=NOW - timedelta(minutes=10))),
        (CELL, replace(PHONE, fix_at=NOW - timedelta(hours=2))),
        (PHONE, replace(PHONE, fix_at=None)),
        (PHONE, replace(PHONE, fix_at=NOW + timedelta(days=9), flags=("time-in-future",))),
        (PHONE, replace(PHONE, shape=Point(HERE))),
        (PHONE, replace(PHONE, source="carrier")),
        (PHONE, replace(PHONE, flags=("lat-lon-swapped",))),
        (STREET, CELL),
        (replace(STREET, civic={"RD": "Tunjungan", "HNO": "65"}), STREET),
        (STREET, replace(STREET, civic={"A3": "Surabaya"})),
        (replace(CELL, shape=Point(HERE), method="GPS"), replace(CELL, shape=Point(HERE))),
    ],
)
def test_the_better_claim_comes_first_whatever_order_they_came_in(better: Claim, worse: Claim) -> None:
    """Finer, surer, younger, closer to the phone, with fewer doubts."""
    assert order(better, worse) == order(worse, better) == [better, worse]


def test_what_leads_nowhere_is_not_ranked() -> None:
    """A country alone."""
    assert order(PHONE, Claim("pidf-lo", NOW, civic={"country": "ID"})) == [PHONE]


def test_between_equals_the_senders_preference_stands() -> None:
    """RFC 5491, rule 8."""
    one, other = replace(CELL, provider="a"), replace(CELL, provider="b")
    assert order(one, other) == [one, other]
    assert order(other, one) == [other, one]


@pytest.mark.parametrize(("found_at", "is_dated_anew"), [(None, False), (FRESH, True), (FRESH, False)])
def test_between_equals_the_younger_comes_first_and_says_so(
    found_at: datetime | None, is_dated_anew: bool
) -> None:
    """Whatever order they came in: a place told again as good is the better one, since she may have moved."""
    earlier = replace(PHONE, fix_at=found_at)
    later = replace(moved(earlier, 30), fix_at=found_at, received_at=NOW + timedelta(milliseconds=20))
    if is_dated_anew:
        later = replace(later, fix_at=FRESH + timedelta(milliseconds=20))
    for claims in ([earlier, later], [later, earlier]):
        first, second = rank(claims, NOW + timedelta(seconds=10))
        assert (first.claim, second.claim) == (later, earlier)
        assert first.expected_error_m == second.expected_error_m
        assert [why.code for why in (first.reasons[-1], second.reasons[-1])] == ["younger", "method"]


def test_a_fix_without_a_time_ages_from_when_it_came() -> None:
    """It cannot be younger than that; after half an hour it is old."""
    undated = replace(PHONE, fix_at=None)
    wider = replace(PHONE, shape=Circle(HERE, 150), fix_at=NOW + timedelta(minutes=5))
    assert order(undated, wider) == [undated, wider]
    assert rank([undated, wider], NOW + timedelta(minutes=5))[0].claim is wider
    coarse = replace(CELL, shape=Circle(HERE, 6_000), fix_at=NOW + timedelta(minutes=29))
    assert rank([undated, coarse], NOW + timedelta(minutes=29, seconds=30))[0].claim is coarse
    assert rank([undated, coarse], NOW + timedelta(minutes=28))[0].claim is undated


def test_an_order_says_why_in_both_languages() -> None:
    """For the operator who has to decide."""
    best = rank([replace(PHONE, flags=("decimal-comma",))], NOW)[0]
    assert [why.code for why in best.reasons] == [
        "uncertainty", "age", "source-phone", "method", "decimal-comma",
    ]  # fmt: skip
    assert best.reasons[0].text("id") == "Dalam 20 m (68 %)."
    assert best.reasons[1].text("en") == "Found 10 seconds ago."
    assert best.as_json()["reasons"][0]["en"] == "Within 20 m (68 %)."
    assert best.claim.uncertainty_m == 20


def test_the_same_place_again_is_no_change() -> None:
    """A later fix of it is only later."""
    assert compare(PHONE, replace(PHONE, fix_at=NOW)) is None


def test_a_change_has_the_old_and_the_new_and_how_far_apart_they_are() -> None:
    """It is never a silent replacement."""
    change = compare(PHONE, moved(PHONE, 50, after_s=20))
    assert change is not None
    assert (change.old, change.is_alarm, change.reason.code) == (PHONE, False, "moved")
    assert change.distance_m == pytest.approx(50, abs=0.1)


@pytest.mark.parametrize(
    ("metres", "after_s", "speed_mps", "is_alarm"),
    [(75, 10, None, False), (400, 10, None, True), (400, 300, None, False), (400, 20, 25.0, False),
     (5_000, 20, 25.0, True)],
)  # fmt: skip
def test_a_caller_who_is_suddenly_too_far_away_is_an_alarm(
    metres: float, after_s: float, speed_mps: float | None, is_alarm: bool
) -> None:
    """Further than both circles and a walk, or her own speed, can explain."""
    old = replace(PHONE, motion=None if speed_mps is None else Motion(speed_mps))
    change = compare(old, moved(PHONE, metres, after_s))
    assert change is not None
    assert change.is_alarm is is_alarm
    assert change.reason.code == ("drift-alarm" if is_alarm else "moved")


def test_from_a_point_to_an_address_is_a_change_without_a_distance() -> None:
    """Nobody knows how far apart they are."""
    change = compare(PHONE, STREET)
    assert change is not None
    assert (change.distance_m, change.is_alarm) == (None, False)


def test_a_change_of_kilometres_is_told_in_each_languages_way() -> None:
    """A comma in Indonesian, a point in English."""
    change = compare(PHONE, moved(PHONE, 2_500))
    assert change is not None
    assert "2,5 km" in change.reason.text("id")
    assert "2.5 km" in change.reason.text("en")


@given(st.lists(st.floats(1, 10_000), min_size=1, max_size=6, unique=True))
def test_of_claims_that_differ_only_in_their_radius_the_smallest_is_first(radii: list[float]) -> None:
    """And all of them are there."""
    claims = [replace(PHONE, shape=Circle(HERE, radius)) for radius in radii]
    ranked = [one.claim.uncertainty_m for one in rank(claims, NOW)]
    assert ranked[0] == pytest.approx(min(radii), abs=0.2)
    assert sorted(radii) == sorted(radius for radius in ranked if radius is not None)

"""Where a shape lies among the areas, with what probability."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon

from suar.areas import Area, Areas, Atlas, Ellipse, Level, Placement, Spot
from suar.areas.errors import PlaceInvalid
from suar.areas.shapes import METRES_PER_DEGREE
from tests import town

ATLAS = Atlas(town.areas())
EDGE = 112.75
"""The longitude between the two kecamatan."""


def names(placement: Placement) -> list[str]:
    levels = (placement.kelurahan, placement.kecamatan, placement.jurisdiction, placement.fire)
    return [shares[0].name if shares else "-" for shares in levels]


def test_a_point_lies_in_one_area_of_each_level() -> None:
    """For certain, and not outside."""
    found = ATLAS.locate(Spot(*town.middle(0, 0)))
    assert names(found) == ["Keputran", "Tegalsari", "Kota Surabaya", "Rayon Barat"]
    assert found.kelurahan[0].probability == 1.0
    assert (found.outside, found.neighbour, found.is_outside) == (0.0, (), False)


def test_a_point_that_no_fire_circle_covers_has_none() -> None:
    """A hole in the fire service's cover is seen, and is no error."""
    assert names(ATLAS.locate(Spot(*town.middle(1, 1))))[3] == "-"


def test_a_circle_on_a_border_is_shared_out() -> None:
    """Half and half; the levels above agree."""
    lat, _ = town.middle(0, 0)
    found = ATLAS.locate(Spot(lat, EDGE, radius_m=200))
    assert {share.name for share in found.kelurahan} == {"Keputran", "Gubeng"}
    assert [share.probability for share in found.kelurahan] == pytest.approx([0.5, 0.5], abs=0.03)
    assert found.jurisdiction[0].probability == 1.0


def test_a_circle_at_a_confidence_is_a_normal_distribution() -> None:
    """At 95 %, a border at half the radius is crossed with the probability of 1.22 sigma."""
    lat, _ = town.middle(0, 0)
    lon = EDGE - 100 / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    found = ATLAS.locate(Spot(lat, lon, radius_m=200, confidence=95))
    sigma_m = 200 / math.sqrt(-2 * math.log(0.05))
    over = 0.5 * math.erfc(100 / sigma_m / math.sqrt(2))
    assert {share.name: share.probability for share in found.kelurahan}["Gubeng"] == pytest.approx(
        over, abs=0.02
    )


def test_less_confidence_in_the_same_circle_spreads_it_wider() -> None:
    """What was 39 % sure reaches into the neighbour's, what was 95 % sure does not."""
    lat, lon = town.middle(1, 0)
    sure = ATLAS.locate(Spot(lat, lon, 250, confidence=95))
    vague = ATLAS.locate(Spot(lat, lon, 250, confidence=39))
    assert sure.kelurahan[0].probability > 0.99 > 0.95 > vague.kelurahan[0].probability
    assert vague.outside > 0 == sure.outside


def test_an_ellipse_reaches_along_its_axis() -> None:
    """Pointing north it stays in its column, pointing east it does not; and it is the same turned by half."""
    lat, lon = town.middle(0, 0.5)
    share = {
        turn: ATLAS.locate(Spot(lat, lon, ellipse=Ellipse(900, 90, turn))).kecamatan[0].probability
        for turn in (0, 90, 180)
    }
    assert share[0] == share[180] == 1.0
    assert share[90] < 0.95
    # North-east: east of the middle means north of it.
    slanted = ATLAS.locate(Spot(lat, lon, ellipse=Ellipse(2000, 50, 45)))
    reached = {one.name: one.probability for one in slanted.kelurahan}
    assert reached["Gubeng"] > reached.get("Mojo", 0.0)


def test_a_polygon_is_even_inside_and_leaves_the_rest_open() -> None:
    """A quarter of it is over the border; what it leaves open is nobody's."""
    lat, lon = town.middle(0, 0)
    ring = [(lat + 0.001, EDGE - 0.003), (lat - 0.001, EDGE - 0.003), (lat - 0.001, EDGE + 0.001)]
    ring.append((lat + 0.001, EDGE + 0.001))
    found = ATLAS.locate(Spot(lat, lon, polygon=ring, confidence=90))
    assert [share.name for share in found.kelurahan] == ["Keputran", "Gubeng"]
    assert [share.probability for share in found.kelurahan] == pytest.approx([0.675, 0.225], abs=0.02)
    assert found.unplaced == pytest.approx(0.1)


def test_outside_names_the_neighbour() -> None:
    """In the neighbour; on the border; and where nobody is known."""
    there = ATLAS.locate(Spot(*town.middle(2, 1)))
    assert (there.is_outside, there.outside, there.kelurahan) == (True, 1.0, ())
    assert [share.name for share in there.neighbour] == ["Kabupaten Sidoarjo"]
    lat, _ = town.middle(1, 1)
    between = ATLAS.locate(Spot(lat, 112.76, radius_m=100))
    assert between.outside == pytest.approx(0.5, abs=0.03)
    assert between.neighbour[0].probability == pytest.approx(between.outside)
    nowhere = ATLAS.locate(Spot(0.0, 0.0, radius_m=100))
    assert (nowhere.outside, nowhere.neighbour) == (1.0, ())


def test_without_boundaries_it_says_unknown() -> None:
    """And nothing about outside or inside; a level alone that is missing is simply empty."""
    assert Atlas(Areas()).locate(Spot(-7.25, 112.75, 50)) == Placement(is_known=False)
    only_city = Areas(areas=town.areas().of(Level.JURISDICTION))
    found = Atlas(only_city).locate(Spot(*town.middle(0, 0), 30))
    assert (found.is_known, names(found)) == (True, ["-", "-", "Kota Surabaya", "-"])


def test_where_two_overlap_the_first_by_code_has_it_and_in_a_gap_the_nearest() -> None:
    """Drawings are never perfect; an answer is one all the same."""
    city = Area(Level.JURISDICTION, "35.78", "Kota", town.square(0, 0, 2, 2))
    drawn = (
        Area(Level.KELURAHAN, "35.78.05.1002", "B", town.square(0.4, 0, wide=0.58)),
        Area(Level.KELURAHAN, "35.78.05.1001", "A", town.square(0, 0, wide=0.6)),
    )
    atlas = Atlas(Areas(areas=(city, *drawn)))
    lat, lon = town.middle(0, 0)
    assert [share.name for share in atlas.locate(Spot(lat, lon)).kelurahan] == ["A"]
    in_the_gap = Spot(lat, EDGE - 0.0001)
    assert [share.name for share in atlas.locate(in_the_gap).kelurahan] == ["B"]
    assert atlas.locate(Spot(*town.middle(1, 1))).kelurahan == ()


def test_islands_are_one_area() -> None:
    """An area in two pieces is counted in both."""
    islands = MultiPolygon([town.square(0, 0), town.square(2, 0)])
    atlas = Atlas(Areas(areas=(Area(Level.JURISDICTION, "35.78", "Kota", islands),)))
    for column in (0, 2):
        assert atlas.locate(Spot(*town.middle(column, 0), 50)).outside == 0.0
    assert atlas.locate(Spot(*town.middle(1, 0), 50)).outside == 1.0


@given(
    st.floats(-7.3, -7.2), st.floats(112.7, 112.8), st.floats(0, 20_000), st.floats(1, 100),
)  # fmt: skip
@settings(max_examples=150)
def test_probabilities_are_probabilities(lat: float, lon: float, radius_m: float, confidence: float) -> None:
    """Inside and outside make one, and no level is more probable than the city."""
    found = ATLAS.locate(Spot(lat, lon, radius_m, confidence))
    inside = sum(share.probability for share in found.jurisdiction)
    assert inside + found.outside == pytest.approx(1.0)
    for shares in (found.kelurahan, found.kecamatan):
        assert sum(share.probability for share in shares) == pytest.approx(inside)
        ranked = [share.probability for share in shares]
        assert ranked == sorted(ranked, reverse=True)
    assert sum(share.probability for share in found.neighbour) <= found.outside + 1e-9


@pytest.mark.parametrize(
    ("spot", "field"),
    [
        (Spot(91, 0), "lat"), (Spot(math.nan, 0), "lat"), (Spot(0, 181), "lon"), (Spot(0, 0, -1), "radius"),
        (Spot(0, 0, math.inf), "radius"),
        (Spot(0, 0, 5, 0), "confidence"), (Spot(0, 0, 5, 101), "confidence"),
        (Spot(0, 0, ellipse=Ellipse(5, 0)), "ellipse"),
        (Spot(0, 0, ellipse=Ellipse(5, 5, math.nan)), "ellipse"),
        (Spot(0, 0, polygon=[(0, 0), (1, 1)]), "polygon"),
        (Spot(0, 0, polygon=[(0, 0), (1, 1), (0, 1), (1, 0)]), "polygon"),
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_by_its_field(spot: Spot, field: str) -> None:
    """Also where no boundaries are known."""
    for atlas in (ATLAS, Atlas(Areas())):
        with pytest.raises(PlaceInvalid) as caught:
            atlas.locate(spot)
        assert caught.value.field == field

"""The eight shapes of RFC 5491: what is read, where it is shown, and how far it reaches."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.location.geodesy import bearing_deg, destination, distance_m
from suar.location.shapes import ArcBand, Ellipse, Point, Polygon, Position, Prism, Shape
from tests.unit.location.documents import DEGREE, FLAT, METRE, SOLID, chunk, only

HOUSE = [(-7.2570, 112.7500), (-7.2580, 112.7500), (-7.2580, 112.7510), (-7.2570, 112.7510)]
RING = "".join(f"<gml:pos>{lat} {lon}</gml:pos>" for lat, lon in [*HOUSE, HOUSE[0]])
LIST = " ".join(f"{lat} {lon}" for lat, lon in [*HOUSE, HOUSE[0]])
SOLID_LIST = " ".join(f"{lat} {lon} 12.5" for lat, lon in [*HOUSE, HOUSE[0]])


def polygon(inside: str, srs: str = FLAT) -> str:
    ring = f"<gml:exterior><gml:LinearRing>{inside}</gml:LinearRing></gml:exterior>"
    return f"<gml:Polygon {srs}>{ring}</gml:Polygon>"


AXES = f"<gs:semiMajorAxis {METRE}>40</gs:semiMajorAxis><gs:semiMinorAxis {METRE}>15</gs:semiMinorAxis>"
HEIGHT = f"<gs:verticalAxis {METRE}>9</gs:verticalAxis>"
TURN = f"<gs:orientation {DEGREE}>30</gs:orientation>"
POS = "<gml:pos>-7.25 112.75</gml:pos>"
POS3 = "<gml:pos>-7.25 112.75 18.5</gml:pos>"


@pytest.mark.parametrize(
    ("text", "kind", "radius_m", "height_m"),
    [
        (f"<gml:Point {FLAT}>{POS}</gml:Point>", "Point", None, None),
        (f"<gml:Point {SOLID}>{POS3}</gml:Point>", "Point", None, None),
        (f"<gs:Circle {FLAT}>{POS}<gs:radius {METRE}>35.5</gs:radius></gs:Circle>", "Circle", 35.5, None),
        (f"<gs:Ellipse {FLAT}>{POS}{AXES}{TURN}</gs:Ellipse>", "Ellipse", 40.0, None),
        (f"<gs:Sphere {SOLID}>{POS3}<gs:radius {METRE}>20</gs:radius></gs:Sphere>", "Sphere", 20.0, 20.0),
        (
            f"<gs:Ellipsoid {SOLID}>{POS3}{AXES}{HEIGHT}{TURN}</gs:Ellipsoid>",
            "Ellipsoid", 40.0, 9.0,
        ),
    ],
)  # fmt: skip
def test_a_shape_with_a_centre_is_read_whole_and_without_a_flag(
    text: str, kind: str, radius_m: float | None, height_m: float | None
) -> None:
    """A document that does as RFC 5491 says has nothing to be forgiven."""
    claim = only(chunk(text))
    assert claim.shape is not None
    assert (claim.shape.name, claim.flags) == (kind, ())
    assert (claim.latitude, claim.longitude) == (-7.25, 112.75)
    assert (claim.uncertainty_m, claim.shape.height_m) == (radius_m, height_m)
    assert claim.altitude_m == (18.5 if SOLID in text else None)


def test_an_ellipse_keeps_its_axes_and_where_the_longer_one_points() -> None:
    """Clockwise from north."""
    shape = only(chunk(f"<gs:Ellipse {FLAT}>{POS}{AXES}{TURN}</gs:Ellipse>")).shape
    assert shape == Ellipse(Position(-7.25, 112.75), 40.0, 15.0, 30.0)


def test_an_arc_band_is_shown_inside_the_band_and_not_at_the_mast() -> None:
    """The mast is four kilometres away from everybody in it."""
    claim = only(
        chunk(
            f"<gs:ArcBand {FLAT}>{POS}<gs:innerRadius {METRE}>3594</gs:innerRadius>"
            f"<gs:outerRadius {METRE}>4148</gs:outerRadius><gs:startAngle {DEGREE}>20</gs:startAngle>"
            f"<gs:openingAngle {DEGREE}>20</gs:openingAngle></gs:ArcBand>"
        )
    )
    assert claim.flags == ()
    assert claim.latitude is not None
    assert claim.longitude is not None
    assert bearing_deg(-7.25, 112.75, claim.latitude, claim.longitude) == pytest.approx(30, abs=0.1)
    assert 3594 < distance_m(-7.25, 112.75, claim.latitude, claim.longitude) < 4148
    assert claim.uncertainty_m == pytest.approx(755, abs=1)


@pytest.mark.parametrize("ring", [RING, f"<gml:posList>{LIST}</gml:posList>"], ids=["many pos", "posList"])
def test_a_polygon_is_shown_at_its_centroid_and_reaches_its_corners(ring: str) -> None:
    """Each corner is kept once."""
    claim = only(chunk(polygon(ring)))
    assert claim.flags == ()
    assert claim.shape is not None
    assert claim.shape.as_json()["ring"] == [list(corner) for corner in HOUSE]
    assert claim.latitude == pytest.approx(-7.2575, abs=1e-7)
    assert claim.longitude == pytest.approx(112.7505, abs=1e-7)
    assert claim.uncertainty_m == pytest.approx(distance_m(-7.2575, 112.7505, *HOUSE[0]), rel=1e-6)


def test_a_prism_is_shown_half_way_up_its_storey() -> None:
    """RFC 5491, section 5.2.8."""
    base = polygon(f"<gml:posList>{SOLID_LIST}</gml:posList>", "")
    text = f"<gs:Prism {SOLID}><gs:base>{base}</gs:base><gs:height {METRE}>3</gs:height></gs:Prism>"
    claim = only(chunk(text))
    assert isinstance(claim.shape, Prism)
    assert (claim.flags, claim.altitude_m, claim.shape.height_m) == ((), 14.0, 1.5)


def test_a_polygon_across_the_date_line_is_not_shown_on_the_other_side_of_the_world() -> None:
    """Fiji has emergencies too."""
    ring = tuple(Position(lat, lon) for lat, lon in [(-17, 179), (-18, 179), (-18, -179), (-17, -179)])
    middle = Polygon(ring).representative
    assert abs(middle.longitude) == pytest.approx(180, abs=0.01)
    assert Polygon(ring).outer_radius_m < 130_000


def test_a_polygon_without_an_area_is_shown_among_its_corners() -> None:
    """Three points on a line have no centroid of area."""
    ring = tuple(Position(-7.25, lon) for lon in (112.70, 112.71, 112.75))
    assert Polygon(ring).representative.longitude == pytest.approx(112.72, abs=1e-4)


def test_a_band_all_the_way_round_is_shown_at_its_mast() -> None:
    """Its centroid is the mast."""
    band = ArcBand(Position(-7.25, 112.75), 500, 1000, 0, 360)
    assert distance_m(-7.25, 112.75, band.representative.latitude, band.representative.longitude) < 0.01
    assert band.outer_radius_m == pytest.approx(1000)


def test_a_point_does_not_claim_to_be_without_error() -> None:
    """Unknown is not zero."""
    assert Point(Position(1, 2)).outer_radius_m is None


@given(
    st.floats(-80, 80), st.floats(-180, 179), st.floats(0, 20_000), st.floats(0, 20_000),
    st.floats(0, 360), st.floats(0, 360), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_the_outer_radius_of_a_band_holds_every_point_of_it(
    lat: float, lon: float, one: float, other: float, start: float, opening: float, out: float, round_: float
) -> None:
    """Or else a caller is outside of what is drawn."""
    inner, outer = sorted((one, other))
    band = ArcBand(Position(lat, lon), inner, outer, start, opening)
    place = destination(lat, lon, start + opening * round_, inner + (outer - inner) * out)
    _holds(band, *place)


@given(st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), min_size=3, max_size=12))
def test_the_outer_radius_of_a_polygon_holds_every_corner(corners: list[tuple[float, float]]) -> None:
    """Crossing itself or not."""
    ring = tuple(Position(-7.25 + north, 112.75 + east) for north, east in corners)
    for corner in ring:
        _holds(Polygon(ring), corner.latitude, corner.longitude)


def _holds(shape: Shape, latitude: float, longitude: float) -> None:
    middle, radius = shape.representative, shape.outer_radius_m
    assert radius is not None
    assert math.isfinite(middle.latitude)
    assert math.isfinite(middle.longitude)
    away = distance_m(middle.latitude, middle.longitude, latitude, longitude)
    assert away <= radius * 1.002 + 0.5

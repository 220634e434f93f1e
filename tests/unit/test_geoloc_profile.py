"""Claims of a caller's place, from what Asterisk hands over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ari_app.calls.profile import presumed, read_profile
from suar.city import PresumedLocation
from suar.location import Claim
from suar.location.shapes import ArcBand, Circle, Ellipse, Point, Polygon, Position, Prism

CONFIDENCE = 'value="95",pdf="normal"'
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def one(place: str, form: str = "GML", method: str = "", confidence: str = "") -> Claim:
    (claim,) = read_profile(place, form, method, confidence, NOW).claims
    return claim


def test_a_circle_is_kept_with_its_radius_and_method() -> None:
    """As Asterisk writes it."""
    claim = one('shape="Circle",crs="2d",pos="-7.2796 112.7381",radius="35"', "GML", "GPS", CONFIDENCE)
    assert claim.shape == Circle(Position(-7.2796, 112.7381), 35.0)
    assert (claim.source, claim.method, claim.confidence) == ("pidf-lo", "GPS", 95.0)
    assert claim.flags == ("time-missing",)


def test_a_civic_address_is_kept_field_by_field() -> None:
    """RFC 5139's element names are kept, and an & is only an &."""
    claim = one('country="ID",A3="Tegalsari",RD="Tunjungan & Co"', "civicAddress")
    assert (claim.shape, claim.civic) == (
        None, {"country": "ID", "A3": "Tegalsari", "RD": "Tunjungan & Co"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "shape"),
    [
        ('shape="Polygon",crs="2d",pos="-7.2 112.7",pos="-7.2 112.71",pos="-7.21 112.71"', Polygon),
        ('shape="ArcBand",crs="2d",pos="-7.2 112.7",innerRadius="100",outerRadius="900",'
         'startAngle="10",openingAngle="120"', ArcBand),
        ('shape="Ellipse",crs="2d",pos="-7.2 112.7",semiMajorAxis="100",semiMinorAxis="90",'
         'orientation="0.5",orientation_uom="radians"', Ellipse),
        ('shape="Prism",crs="3d",pos="-7.2 112.7 5",pos="-7.2 112.71 5",pos="-7.21 112.71 5",height="3"',
         Prism),
    ],
)  # fmt: skip
def test_other_shapes_are_what_they_are(place: str, shape: type) -> None:
    """None is taken for a circle."""
    found = one(place).shape
    assert type(found) is shape
    if isinstance(found, Ellipse):
        assert found.orientation_deg == pytest.approx(28.6479, abs=1e-3)


def test_what_is_forgiven_is_flagged() -> None:
    """A comma in pos; a radius that is no number, of which the point is kept."""
    comma = one('shape="Point",pos="-7.2,112.7"')
    assert (comma.shape, "comma-in-position" in comma.flags) == (Point(Position(-7.2, 112.7)), True)
    wide = one('shape="Circle",pos="-7.2 112.7",radius="wide"')
    assert (wide.shape, "radius-unusable" in wide.flags) == (Point(Position(-7.2, 112.7)), True)


@pytest.mark.parametrize(
    "info",
    ["", "nonsense", 'shape="Circle"', 'shape="Circle",pos="0 0",radius="5"', 'shape="Point",pos="91 181"',
     'shape="Point",pos="1"', 'shape="Point",pos="nan 112"', 'pos="-7 112"', 'shape="Point",pos="1e400 1"',
     'shape="<x/>",pos="-7 112"'],
)  # fmt: skip
def test_what_cannot_be_a_place_is_none(info: str) -> None:
    """Never 0,0; never a guess; and the reading says what is wrong."""
    reading = read_profile(info, "GML", "", "", NOW)
    assert reading.claims == ()
    assert reading.errors


def test_a_trunks_presumption_says_what_it_is() -> None:
    """It carries its source, and the region's name."""
    claim = presumed(PresumedLocation(label="031", latitude=-7.2, longitude=112.7, radius_m=25000), NOW)
    assert (claim.source, claim.label, claim.uncertainty_m) == ("carrier", "031", 25000)

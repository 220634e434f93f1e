"""Claims of a caller's place, from what Asterisk hands over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ari_app.calls.location import from_profile, presumed, unknown
from suar.city import PresumedLocation

CONFIDENCE = 'value="95",pdf="normal"'
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_a_circle_is_kept_with_its_radius_and_method() -> None:
    """As Asterisk writes it."""
    claim = from_profile(
        'shape="Circle",crs="2d",pos="-7.2796 112.7381",radius="35"', "GML", "GPS", CONFIDENCE, NOW
    )
    assert claim is not None
    assert claim.confidence == 95.0
    assert (claim.source, claim.shape, claim.method) == ("pidf-lo", "Circle", "GPS")
    assert (claim.latitude, claim.longitude, claim.radius_m) == (-7.2796, 112.7381, 35.0)
    assert claim.flags == ()


def test_a_civic_address_is_kept_field_by_field() -> None:
    """RFC 5139's element names are kept."""
    claim = from_profile('country="ID",A3="Tegalsari",RD="Tunjungan"', "civicAddress", "", "", NOW)
    assert claim is not None
    assert claim.shape == "civic"
    assert claim.civic == {"country": "ID", "A3": "Tegalsari", "RD": "Tunjungan"}


def test_a_comma_in_pos_is_forgiven_and_flagged() -> None:
    """The field sends it."""
    claim = from_profile('shape="Point",pos="-7.2,112.7"', "GML", "", "", NOW)
    assert claim is not None
    assert (claim.latitude, claim.longitude, claim.flags) == (-7.2, 112.7, ("comma-in-pos",))


def test_a_radius_that_is_no_number_is_flagged_and_the_point_kept() -> None:
    """A place without its uncertainty is still a place."""
    claim = from_profile('shape="Circle",pos="-7.2 112.7",radius="wide"', "GML", "", "", NOW)
    assert claim is not None
    assert (claim.radius_m, claim.flags) == (None, ("radius-unusable",))


@pytest.mark.parametrize(
    "info",
    ["", "nonsense", 'shape="Circle"', 'shape="Circle",pos="0 0",radius="5"', 'shape="Point",pos="91 0"',
     'shape="Point",pos="1"', 'shape="Point",pos="nan 112"', 'pos="-7 112"', 'shape="Point",pos="1e400 1"'],
)  # fmt: skip
def test_what_cannot_be_a_place_is_none(info: str) -> None:
    """Never 0,0; never a guess."""
    assert from_profile(info, "GML", "", "", NOW) is None


def test_a_trunks_presumption_and_ignorance_say_what_they_are() -> None:
    """Both carry their source."""
    place = PresumedLocation(label="031", latitude=-7.2, longitude=112.7, radius_m=25000)
    assert presumed(place, NOW).as_json()["source"] == "carrier"
    assert unknown(NOW, "pidf-lo-unusable").as_json()["flags"] == ["pidf-lo-unusable"]

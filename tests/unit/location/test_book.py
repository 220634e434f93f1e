"""A call's claims: all are kept, the best changes only as news, and JSON brings them back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from suar import location
from suar.location import Book, Claim, ClaimInvalid, claim_from, reading_from
from suar.location.geodesy import destination
from suar.location.ranking import rank
from suar.location.shapes import Circle, Point, Position
from tests.unit.location.documents import NOW

HERE = Position(-7.2575, 112.7521)
CARRIER = Claim("carrier", NOW, Circle(HERE, 25_000), label="031", method="Manual")
PHONE = Claim("aml-https", NOW, Circle(HERE, 20), method="GPS", fix_at=NOW)
TOLD = Claim("operator", NOW, Circle(HERE, 300), label="Kel. Genteng", method="Manual", fix_at=NOW)


def away(claim: Claim, metres: float) -> Claim:
    assert claim.shape is not None
    there = Position(*destination(HERE.latitude, HERE.longitude, 90, metres))
    return replace(claim, shape=Circle(there, claim.uncertainty_m or 0))


def test_the_first_place_is_no_change_and_a_better_one_is() -> None:
    """The trunk's region, then the phone in it."""
    first = Book().add([CARRIER], NOW)
    assert (first.book.best, first.change) == (CARRIER, None)
    second = first.book.add([PHONE], NOW)
    assert second.book.claims == (CARRIER, PHONE)
    assert second.change is not None
    assert (second.change.old, second.change.new) == (CARRIER, PHONE)
    assert (second.change.reason.code, second.change.is_alarm) == ("refined", False)


def test_what_is_worse_is_kept_and_changes_nothing() -> None:
    """The trunk's region after the phone."""
    news = Book().add([PHONE], NOW).book.add([CARRIER], NOW)
    assert (news.book.best, news.fresh, news.change) == (PHONE, (CARRIER,), None)


def test_the_same_said_again_is_not_news() -> None:
    """Whenever it came; a younger fix is."""
    book = Book().add([PHONE, PHONE], NOW).book
    assert book.claims == (PHONE,)
    again = replace(PHONE, received_at=NOW + timedelta(seconds=5))
    assert book.add([again], NOW).fresh == ()
    assert book.add([replace(again, fix_at=NOW + timedelta(seconds=5))], NOW).fresh != ()


def test_together_the_best_is_told_first() -> None:
    """Whatever order they came in; what leads nowhere last."""
    nowhere = Claim("pidf-lo", NOW, civic={"country": "ID"})
    assert Book().add([nowhere, CARRIER, PHONE], NOW).fresh == (PHONE, CARRIER, nowhere)


def test_further_than_anybody_gets_is_an_alarm() -> None:
    """Two phones, 4 km and a second apart."""
    news = (
        Book().add([PHONE], NOW).book.add([replace(away(PHONE, 4_000), shape=away(PHONE, 4_000).shape)], NOW)
    )
    assert news.change is None or news.change.is_alarm
    better = replace(away(PHONE, 4_000), fix_at=NOW + timedelta(seconds=1))
    later = Book().add([PHONE], NOW).book.add([better], NOW + timedelta(seconds=1))
    assert later.change is not None
    assert later.change.is_alarm


def test_what_the_operator_was_told_comes_first_but_for_what_lies_in_it() -> None:
    """She has asked: a phone elsewhere does not replace her word, a phone inside her area refines it."""
    far = away(PHONE, 5_000)
    assert [one.claim for one in rank([far, TOLD, CARRIER], NOW)] == [TOLD, far, CARRIER]
    assert [one.claim for one in rank([PHONE, far, TOLD], NOW)] == [PHONE, TOLD, far]
    corrected = replace(away(TOLD, 9_000), label="Kel. Keputih")
    assert rank([PHONE, TOLD, corrected], NOW)[0].claim == corrected
    assert "source-operator" in {reason.code for reason in rank([TOLD], NOW)[0].reasons}


def test_a_trunks_region_beats_no_fix_however_old() -> None:
    """It says nothing of this caller."""
    assert rank([CARRIER, replace(PHONE, fix_at=NOW - timedelta(days=1))], NOW)[0].claim.source == "aml-https"


def test_every_claim_that_a_document_makes_comes_back_from_its_json() -> None:
    """All shapes of RFC 5491, and what AML says."""
    pos = "<gml:pos>-7.2 112.7 3</gml:pos>"
    metre, degree = (f'uom="urn:ogc:def:uom:EPSG::{number}"' for number in (9001, 9102))
    ring = "".join(
        f"<gml:pos>{corner} 3</gml:pos>"
        for corner in ("-7.2 112.7", "-7.2 112.71", "-7.21 112.71", "-7.2 112.7")
    )
    polygon = (
        f"<gml:Polygon><gml:exterior><gml:LinearRing>{ring}</gml:LinearRing></gml:exterior></gml:Polygon>"
    )
    axes = f"<gs:semiMajorAxis {metre}>9</gs:semiMajorAxis><gs:semiMinorAxis {metre}>4</gs:semiMinorAxis>"
    turned = f"<gs:orientation {degree}>9</gs:orientation>"
    shapes = [
        f"<gml:Point>{pos}</gml:Point>",
        f"<gs:Circle>{pos}<gs:radius {metre}>9</gs:radius></gs:Circle>",
        f"<gs:Sphere>{pos}<gs:radius {metre}>9</gs:radius></gs:Sphere>",
        f"<gs:Ellipse>{pos}{axes}{turned}</gs:Ellipse>",
        f"<gs:Ellipsoid>{pos}{axes}<gs:verticalAxis {metre}>3</gs:verticalAxis>{turned}</gs:Ellipsoid>",
        f"<gs:ArcBand>{pos}<gs:innerRadius {metre}>1</gs:innerRadius>"
        f"<gs:outerRadius {metre}>9</gs:outerRadius><gs:startAngle {degree}>9</gs:startAngle>"
        f"<gs:openingAngle {degree}>9</gs:openingAngle></gs:ArcBand>",
        polygon,
        f"<gs:Prism><gs:base>{polygon}</gs:base><gs:height {metre}>9</gs:height></gs:Prism>",
    ]
    for shape in shapes:
        document = (
            '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gml="http://www.opengis.net/gml" '
            'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gs="http://www.opengis.net/pidflo/1.0">'
            f"<tuple><status><gp:geopriv><gp:location-info>{shape}</gp:location-info></gp:geopriv></status>"
            "<timestamp>2026-11-24T08:00:00Z</timestamp></tuple></presence>"
        )
        reading = location.read(document.encode(), NOW)
        assert len(reading.claims) == 1, shape
        again = reading_from(json.loads(json.dumps(reading.as_json())))
        assert again.claims == reading.claims
    sms = location.read(b'A"ML=1;lt=+54.76397;lg=-0.18305;rd=50;top=20130717141935;lc=90;pm=W;ml=88', NOW)
    assert reading_from(json.loads(json.dumps(sms.as_json()))).claims == sms.claims != ()


def test_a_claim_of_a_journal_from_before_is_read_as_what_it_meant() -> None:
    """Its radius stands beside its middle, and its shape is a word."""
    old = {
        "source": "carrier", "received_at": NOW.isoformat(), "method": "Manual", "shape": "Circle",
        "latitude": -7.2575, "longitude": 112.7521, "radius_m": 25_000.0, "civic": {}, "label": "031",
        "confidence": None, "fix_at": None, "flags": ["comma-in-pos"],
    }  # fmt: skip
    assert claim_from(old) == replace(
        CARRIER, received_at=claim_from(old).received_at, flags=("comma-in-pos",)
    )
    assert claim_from({**old, "radius_m": None}).shape == Point(HERE)


GOOD = PHONE.as_json()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("source", {"source": ""}),
        ("source", {"source": 7}),
        ("received_at", {"received_at": "yesterday"}),
        ("received_at", {"received_at": None}),
        ("shape", {"shape": []}),
        ("shape.type", {"shape": {"type": "Blob"}}),
        ("shape.center", {"shape": {"type": "Point", "center": [0, 0]}}),
        ("shape.center", {"shape": {"type": "Point", "center": [91, 0]}}),
        ("shape.center", {"shape": {"type": "Point", "center": [float("nan"), 1]}}),
        ("shape.radius_m", {"shape": {"type": "Circle", "center": [1, 1]}}),
        ("shape.ring", {"shape": {"type": "Polygon", "ring": [[1, 1], [1, 2]]}}),
        ("shape.radius_m", {"shape": {"type": "Circle", "center": [1, 1], "radius_m": -3}}),
        ("confidence", {"confidence": 101}),
        ("confidence", {"confidence": True}),
        ("civic", {"civic": "Tunjungan"}),
        ("flags", {"flags": "a"}),
        ("label", {"label": "x" * 5000}),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(field: str, change: dict[str, object]) -> None:
    """The field is named."""
    with pytest.raises(ClaimInvalid) as refused:
        claim_from({**GOOD, **change})
    assert refused.value.field == field


NONSENSE: tuple[object, ...] = (
    None, True, 7, -1e400, float("nan"), "", "x", [], [1], [[1]], {}, {"type": "Polygon", "ring": 3},
    {"type": "Prism", "base": [[1, "a"]] * 3}, {"center": {}},
)  # fmt: skip


@pytest.mark.parametrize("field", [*GOOD, "claims", "references", "additional_data", "call"])
def test_nothing_else_than_a_refusal_comes_of_nonsense(field: str) -> None:
    """A door for strangers never breaks."""
    for value in NONSENSE:
        for reader in (claim_from, reading_from):
            with suppress(ClaimInvalid):
                reader({**GOOD, field: value})
    for value in NONSENSE:
        with suppress(ClaimInvalid):
            reading_from({"claims": [{**GOOD, field: value}], field: [value]})

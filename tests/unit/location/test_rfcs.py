"""A document for each RFC that a place is written by, as that RFC has it: nothing is lost or flagged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from suar.location.claim import UsageRules
from suar.location.pidf_lo.civic import RFC_5139
from suar.location.ranking import rank
from suar.location.shapes import Circle, Point, Position
from tests.unit.location.documents import CIRCLE, NOW, chunk, device, only, parse, presence


def test_rfc_4119_has_a_place_with_its_rules_its_method_and_its_provider() -> None:
    """Section 2: what a location object is made of."""
    claim = only(
        parse(
            '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"'
            ' xmlns:gml="http://www.opengis.net/gml" entity="pres:geotarget@example.com"><tuple id="sg89ae">'
            "<timestamp>2026-11-25T07:58:00Z</timestamp><status><gp:geopriv><gp:location-info>"
            '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>-7.2575 112.7521</gml:pos></gml:Point>'
            "</gp:location-info><gp:usage-rules>"
            "<gp:retransmission-allowed>no</gp:retransmission-allowed>"
            "<gp:retention-expiry>2026-11-26T08:00:00Z</gp:retention-expiry>"
            "<gp:ruleset-reference>https://rules.example.id/1</gp:ruleset-reference></gp:usage-rules>"
            "<gp:method>Triangulation</gp:method></gp:geopriv></status></tuple></presence>"
        )
    )
    assert (claim.shape, claim.method, claim.flags) == (
        Point(Position(-7.2575, 112.7521)),
        "Triangulation",
        (),
    )
    assert claim.fix_at == datetime(2026, 11, 25, 7, 58, tzinfo=UTC)
    assert (claim.identity.entity, claim.identity.element_id) == ("pres:geotarget@example.com", "sg89ae")
    expiry = datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert claim.rules == UsageRules(False, expiry, "https://rules.example.id/1")


def test_rfc_5139_has_thirty_one_parts_of_an_address() -> None:
    """Section 3.1: each is kept by its own name."""
    parts = "".join(
        f"<ca:{name}>{'ID' if name == 'country' else name.lower()}</ca:{name}>" for name in RFC_5139
    )
    claim = only(chunk(f"<ca:civicAddress>{parts}</ca:civicAddress>"))
    assert (len(claim.civic), set(claim.civic), claim.flags) == (31, set(RFC_5139), ())


def test_rfc_5491_has_a_place_described_twice() -> None:
    """Section 4.2, rule 4: a shape and an address in one location-info are one place."""
    claim = only(
        chunk(
            CIRCLE + "<ca:civicAddress><ca:country>ID</ca:country><ca:FLR>2</ca:FLR></ca:civicAddress>",
        )
    )
    assert isinstance(claim.shape, Circle)
    assert (claim.civic["FLR"], claim.flags) == ("2", ("compound",))


def test_rfc_6848_has_poles_mileposts_street_types_and_house_number_prefixes() -> None:
    """Section 5; and parts of anybody's making, which are kept under their names (section 4)."""
    claim = only(
        chunk(
            "<ca:civicAddress><ca:country>ID</ca:country><ca:A3>Surabaya</ca:A3><ca:RD>Darmo</ca:RD>"
            "<cae:STP>Jalan Raya</cae:STP><cae:HNP>Blok C-</cae:HNP><ca:HNO>12</ca:HNO><cae:MP>KM 7</cae:MP>"
            '<cae:PN>TJ-114</cae:PN><x:RT xmlns:x="https://ns.example.id/civic">04</x:RT></ca:civicAddress>'
        )
    )
    extensions = {name: claim.civic[name] for name in ("STP", "HNP", "MP", "PN", "RT")}
    assert extensions == {"STP": "Jalan Raya", "HNP": "Blok C-", "MP": "KM 7", "PN": "TJ-114", "RT": "04"}
    assert claim.flags == ("civic-unknown-element",)


@pytest.mark.parametrize(
    ("pdf", "confidence", "widened"),
    [("normal", "68", 1.62), ("rectangular", "68", 1.18), ("unknown", "95", 1.0), ("normal", "unknown", 1.0)],
)
def test_rfc_7459_has_how_sure_a_place_is(pdf: str, confidence: str, widened: float) -> None:
    """Section 5.4: in the order of claims each is scaled to 95 %, by how its error is spread."""
    claim = only(chunk(f'{CIRCLE}<con:confidence pdf="{pdf}">{confidence}</con:confidence>'))
    assert (claim.confidence_pdf, claim.flags) == (pdf, ())
    assert claim.confidence == (None if confidence == "unknown" else float(confidence))
    radius, now = claim.uncertainty_m, replace(claim, source="aml-sms", fix_at=NOW)
    assert radius is not None
    assert rank([now], NOW)[0].expected_error_m == pytest.approx(radius * widened, rel=0.01)


def test_rfc_7840_has_a_place_and_where_its_services_are_reached() -> None:
    """A HELD answer with both; without routing there is none."""
    place = only(chunk(CIRCLE))
    document = (
        '<locationResponse xmlns="urn:ietf:params:xml:ns:geopriv:held">'
        + presence(device(CIRCLE)).partition("\n")[2]
        + "{}</locationResponse>"
    )
    routing = (
        '<routingInformation xmlns="urn:ietf:params:xml:ns:geopriv:held:ri">'
        '<service serviceUri="urn:service:sos"><destination>sip:112@psap.example.id</destination></service>'
        "</routingInformation>"
    )
    with_routing, without = parse(document.format(routing)), parse(document.format(""))
    assert only(with_routing).shape == only(without).shape == place.shape
    assert with_routing.call == {
        "routing": [{"service": "urn:service:sos", "uris": ["sip:112@psap.example.id"]}]
    }
    assert without.call == {}

"""What a PIDF-LO document means: whose place, from when, how sure, and what may be done with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from suar.location import Identity, Motion
from suar.location.claim import UsageRules
from tests.unit.location.documents import CIRCLE, NOW, POINT, chunk, device, geopriv, only, parse, presence

CIVIC = (
    '<ca:civicAddress xml:lang="id"><ca:country>ID</ca:country><ca:A1>Jawa Timur</ca:A1>'
    "<ca:A3>Surabaya</ca:A3><ca:RD>Tunjungan</ca:RD><ca:HNO>65</ca:HNO><ca:FLR>2</ca:FLR>"
    "<cae:PN>TJ-114</cae:PN></ca:civicAddress>"
)


def test_everything_that_a_device_says_is_on_the_claim() -> None:
    """Nothing is dropped that Asterisk drops: the time, the motion, the rules, the identity."""
    claim = only(
        parse(
            presence(
                device(
                    CIRCLE
                    + '<con:confidence pdf="normal">90</con:confidence>'
                    + "<dyn:Dynamic><dyn:orientation>-3</dyn:orientation><dyn:speed>24</dyn:speed>"
                    + "<dyn:heading>102 8</dyn:heading></dyn:Dynamic>",
                    "<gp:usage-rules><gp:retransmission-allowed>yes</gp:retransmission-allowed>"
                    "<gp:retention-expiry>2026-11-26T00:00:00Z</gp:retention-expiry>"
                    "<gp:note-well>Untuk darurat</gp:note-well></gp:usage-rules>"
                    "<gp:method>gps</gp:method>"
                    "<gp:provided-by>Operator Contoh</gp:provided-by>",
                )
            )
        )
    )
    assert claim.flags == ()
    assert (claim.source, claim.method, claim.provider) == ("pidf-lo", "GPS", "Operator Contoh")
    assert (claim.confidence, claim.confidence_pdf) == (90.0, "normal")
    assert claim.fix_at == datetime(2026, 11, 25, 7, 59, 40, tzinfo=UTC)
    assert claim.received_at == NOW
    assert claim.motion == Motion(24.0, 102.0, 8.0, 357.0)
    assert claim.identity == Identity("pres:pelapor@example.id", "device", "d1", "mac:1234567890ab")
    assert claim.rules == UsageRules(True, datetime(2026, 11, 26, tzinfo=UTC), None, "Untuk darurat")


def test_nothing_said_is_nothing_claimed() -> None:
    """No method, no confidence, no time: null, and not a default that looks like a fact."""
    claim = only(parse(presence(device(POINT, "", fix=""))))
    assert (claim.method, claim.confidence, claim.fix_at, claim.motion, claim.rules) == (None,) * 5
    assert claim.uncertainty_m is None


def test_an_address_is_kept_by_its_names_with_its_language_and_extensions() -> None:
    """RFC 5139 and RFC 6848."""
    claim = only(chunk(CIVIC))
    assert claim.civic == {
        "country": "ID", "A1": "Jawa Timur", "A3": "Surabaya", "RD": "Tunjungan", "HNO": "65", "FLR": "2",
        "PN": "TJ-114",
    }  # fmt: skip
    assert (claim.civic_language, claim.flags, claim.shape) == ("id", (), None)
    assert claim.is_usable


@pytest.mark.parametrize("text", [CIRCLE + CIVIC, CIVIC + CIRCLE])
def test_a_compound_location_is_one_claim_with_a_shape_and_an_address(text: str) -> None:
    """RFC 5491, section 4.3: the same place, described twice; Asterisk loses the street."""
    claim = only(chunk(text))
    assert claim.civic["RD"] == "Tunjungan"
    assert (claim.uncertainty_m, claim.flags) == (35.0, ("compound",))


def test_two_shapes_of_one_place_are_two_claims_and_the_address_goes_with_the_finer() -> None:
    """RFC 5491, rule 7: the coarse comes first."""
    first, second = chunk(CIRCLE + POINT + CIVIC).claims
    assert (first.shape is not None, first.civic) == (True, {})
    assert second.civic["HNO"] == "65"


def test_devices_tuples_and_persons_are_each_a_claim_in_the_documents_order() -> None:
    """RFC 5491, rule 8: the order is the preference."""
    document = presence(
        f'<tuple id="t1"><status>{geopriv(CIRCLE)}</status>'
        + "<timestamp>2026-11-25T07:00:00Z</timestamp></tuple>"
        + device(POINT)
        + f'<dm:person id="p1">{geopriv(CIVIC)}</dm:person>'
    )
    claims = parse(document).claims
    assert [claim.identity.element for claim in claims] == ["tuple", "device", "person"]
    assert [claim.identity.element_id for claim in claims] == ["t1", "d1", "p1"]
    assert claims[0].fix_at == datetime(2026, 11, 25, 7, tzinfo=UTC)


def test_several_location_info_in_one_geopriv_are_all_kept() -> None:
    """RFC 5491 forbids it and senders do it."""
    both = geopriv(CIRCLE).replace("<gp:usage-rules/>", f"<gp:location-info>{POINT}</gp:location-info>")
    claims = parse(presence(f'<dm:device id="d">{both}</dm:device>')).claims
    assert len(claims) == 2
    assert all("several-locations" in claim.flags for claim in claims)


@pytest.mark.parametrize(
    ("text", "civic", "flags"),
    [
        ("<cl:civicAddress><cl:country>ID</cl:country><cl:A3>Gresik</cl:A3></cl:civicAddress>",
         {"country": "ID", "A3": "Gresik"}, ["namespace-old"]),
        ("<ca:civicAddress><ca:Country>id</ca:Country><ca:a3>Gresik</ca:a3></ca:civicAddress>",
         {"country": "ID", "A3": "Gresik"}, ["element-case", "civic-country"]),
        ("<ca:civicAddress><ca:country>Indonesia</ca:country><ca:A3>Gresik</ca:A3></ca:civicAddress>",
         {"country": "Indonesia", "A3": "Gresik"}, ["civic-country"]),
        ("<ca:civicAddress><ca:LMK>Tugu</ca:LMK><ca:LMK>Masjid</ca:LMK><ca:RD/></ca:civicAddress>",
         {"LMK": "Tugu; Masjid"}, ["civic-repeated"]),
        ("<ca:civicAddress><ca:RD>  Raya\n Darmo </ca:RD><x:RT xmlns:x='urn:x'>04</x:RT></ca:civicAddress>",
         {"RD": "Raya Darmo", "RT": "04"}, ["civic-unknown-element"]),
        ("<ca:civicAddress><ca:NAM>" + "a" * 300 + "</ca:NAM></ca:civicAddress>",
         {"NAM": "a" * 255}, ["civic-too-long"]),
    ],
)  # fmt: skip
def test_an_odd_address_is_read_as_it_is_meant(text: str, civic: dict[str, str], flags: list[str]) -> None:
    """Names are matched whatever their case; what is not known is kept."""
    claim = only(chunk(text))
    assert (claim.civic, list(claim.flags)) == (civic, flags)


def test_a_country_alone_leads_nowhere() -> None:
    """It is kept, and is not a usable claim."""
    reading = chunk("<ca:civicAddress><ca:country>ID</ca:country></ca:civicAddress>")
    assert only(reading).flags == ("civic-country-only",)
    assert not reading.is_usable


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (presence(device("<ca:civicAddress><ca:RD> </ca:RD></ca:civicAddress>")), "civic-empty"),
        (presence(device("")), "no-location"),
        (presence(""), "no-location"),
        ("<presence/>", "no-location"),
        (presence(device("<gs:Circle><gs:radius>5</gs:radius></gs:Circle>")), "position-missing"),
    ],
)
def test_a_document_without_a_place_says_so(document: str, fault: str) -> None:
    """And has no claim."""
    reading = parse(document)
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == [fault]


def test_a_confidence_that_is_unknown_is_unknown() -> None:
    """RFC 7459 has a word for it."""
    claim = only(chunk(CIRCLE + '<con:confidence pdf="unknown">unknown</con:confidence>'))
    assert (claim.confidence, claim.confidence_pdf, claim.flags) == (None, "unknown", ())


def test_a_provider_with_additional_data_is_named_and_its_block_kept() -> None:
    """RFC 7852, section 6: blocks may come in provided-by."""
    block = (
        '<ad:EmergencyCallData.ProviderInfo xmlns:ad="urn:ietf:params:xml:ns:EmergencyCallData:ProviderInfo">'
        "<ad:DataProviderString>Operator Contoh</ad:DataProviderString>"
        "<ad:ContactURI>tel:+62315550100</ad:ContactURI></ad:EmergencyCallData.ProviderInfo>"
    )
    reading = parse(presence(device(CIRCLE, f"<gp:provided-by>{block}</gp:provided-by>")))
    assert only(reading).provider == "Operator Contoh"
    assert [data.block for data in reading.additional_data] == ["ProviderInfo"]
    assert reading.additional_data[0].fields["ContactURI"] == "tel:+62315550100"


@pytest.mark.parametrize("cut", range(40, 900, 37))
def test_a_document_that_breaks_off_claims_nothing_that_it_had_not_finished_saying(cut: int) -> None:
    """Half a number is another number."""
    document = presence(device(CIRCLE))
    for claim in parse(document[:cut]).claims:
        assert (claim.latitude, claim.longitude, claim.uncertainty_m) == (-7.2575, 112.7521, 35.0)
        assert "xml-broken-off" in claim.flags

"""HELD: answers with places, with references, with errors; and the request (RFC 5985, 6155, 7840)."""

from __future__ import annotations

import pytest

from suar.location import held
from suar.location.markup import parse as parse_xml
from suar.location.notes import Notes
from tests.unit.location.documents import CIRCLE, device, parse, presence

PIDF = presence(device(CIRCLE)).partition("?>\n")[2]
HELD = 'xmlns="urn:ietf:params:xml:ns:geopriv:held"'
URIS = (
    '<locationUriSet expires="{expires}"><locationURI>https://lis.example.id/357yc6s64ceyoiuy5ax3o</locationURI>'
    "<locationURI>sip:9769+357yc6s64ceyoiuy5ax3o@lis.example.id</locationURI></locationUriSet>"
)


def answer(inside: str) -> str:
    return f'<?xml version="1.0"?><locationResponse {HELD}>{inside}</locationResponse>'


def test_an_answer_with_a_place_and_references_has_both() -> None:
    """RFC 5985, section 10.3."""
    reading = parse(answer(URIS.format(expires="2026-11-26T13:00:00Z") + PIDF))
    assert (reading.kind, reading.errors, reading.flags) == ("held", (), ())
    claim = reading.claims[0]
    assert (claim.source, claim.latitude, claim.uncertainty_m) == ("held", -7.2575, 35.0)
    assert [one.uri.partition(":")[0] for one in reading.references] == ["https", "sip"]
    assert reading.references[0].expires_at is not None
    assert reading.references[0].expires_at.day == 26


def test_an_answer_with_references_alone_is_no_error_and_no_claim() -> None:
    """They are to be fetched."""
    reading = parse(answer(URIS.format(expires="2026-11-26T13:00:00Z")))
    assert (reading.errors, reading.claims, len(reading.references)) == ((), (), 2)


@pytest.mark.parametrize(
    ("expires", "flag"), [("2020-01-01T00:00:00Z", "location-uri-expired"), ("soon", "time-unusable")]
)
def test_a_reference_that_has_expired_is_flagged(expires: str, flag: str) -> None:
    """It may still be tried."""
    reading = parse(answer(URIS.format(expires=expires)))
    assert all(reference.flags == (flag,) for reference in reading.references)
    assert len(reading.references) == 2


@pytest.mark.parametrize(
    ("code", "retryable"),
    [("requestError", False), ("xmlError", False), ("generalLocnError", True), ("locationUnknown", True),
     ("unsupportedMessage", False), ("timeout", True), ("cannotProvideLiType", False),
     ("notLocatable", False), ("badIdentifier", False), ("somethingNew", False)],
)  # fmt: skip
def test_an_error_is_told_with_its_code_its_words_and_whether_to_try_again(
    code: str, retryable: bool
) -> None:
    """RFC 5985, section 6.3."""
    reading = parse(f'<error {HELD} code="{code}"><message xml:lang="id">Maaf</message></error>')
    assert (reading.kind, reading.claims) == ("held-error", ())
    assert reading.call["held_error"] == {"code": code, "messages": {"id": "Maaf"}, "retryable": retryable}
    assert reading.errors[0].fault == "held-error"
    assert code in reading.errors[0].message


def test_the_routing_that_a_server_suggests_is_kept() -> None:
    """RFC 7840: several services, each with the addresses by which it is reached; the place stays a claim."""
    routing = (
        '<ri:routingInformation xmlns:ri="urn:ietf:params:xml:ns:geopriv:held:ri">'
        '<ri:service serviceUri="urn:service:sos"><ri:destination>sip:112@surabaya.example.id'
        "</ri:destination>"
        "<ri:destination> sips:112@surabaya.example.id </ri:destination></ri:service>"
        '<ri:service serviceUri="urn:service:sos.fire"><ri:destination>sip:113@surabaya.example.id'
        "</ri:destination></ri:service></ri:routingInformation>"
    )
    reading = parse(answer(PIDF + routing))
    assert reading.call["routing"] == [
        {
            "service": "urn:service:sos",
            "uris": ["sip:112@surabaya.example.id", "sips:112@surabaya.example.id"],
        },
        {"service": "urn:service:sos.fire", "uris": ["sip:113@surabaya.example.id"]},
    ]
    assert reading.is_usable


def test_routing_in_the_form_from_before_the_rfc_is_kept_too() -> None:
    """As LoST's mapping has it; a service without a name is none."""
    routing = (
        '<ri:routingInformation xmlns:ri="urn:ietf:params:xml:ns:geopriv:held:ri"><ri:result>'
        "<ri:service>urn:service:sos</ri:service><ri:uri>sip:112@surabaya.example.id</ri:uri>"
        "</ri:result></ri:routingInformation>"
    )
    assert parse(answer(PIDF + routing)).call["routing"] == [
        {"service": "urn:service:sos", "uris": ["sip:112@surabaya.example.id"]}
    ]


def test_a_request_asks_for_what_it_was_told_and_quotes_it() -> None:
    """What comes from outside cannot become an element."""
    made = held.build_request(
        ("geodetic", "locationURI"),
        is_exact=True,
        response_time=8000,
        device={"ip": "192.0.2.5", "msisdn": "62<8>1&2"},
        wants_routing=True,
    )
    notes = Notes()
    root = parse_xml(made, notes)
    assert notes.flags == ()
    assert (root.name, root.namespace) == ("locationRequest", "urn:ietf:params:xml:ns:geopriv:held")
    assert root.attributes["responsetime"] == "8000"
    kinds = root.first("locationtype")
    assert kinds is not None
    assert (kinds.text, kinds.attributes["exact"]) == ("geodetic locationURI", "true")
    who = root.first("device")
    assert who is not None
    assert who.namespace == held.DEVICE_NAMESPACE
    assert [(child.name, child.text) for child in who.children] == [
        ("ip", "192.0.2.5"),
        ("msisdn", "62<8>1&2"),
    ]
    assert root.first("requestroutinginformation") is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"types": ("place",)},
        {"types": ()},
        {"response_time": "soon"},
        {"response_time": 0},
        {"device": {"x": "y"}},
    ],
)
def test_a_request_that_held_does_not_have_is_refused(wrong: dict[str, object]) -> None:
    """With the words that it has."""
    with pytest.raises(ValueError, match=r"types|response_time|device"):
        held.build_request(**wrong)  # type: ignore[arg-type]

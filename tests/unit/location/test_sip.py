"""SIP messages: locations by value and by reference, nested bodies, additional data, and the headers."""

from __future__ import annotations

import base64

import pytest

from suar.location import Reading
from suar.location.sip import read_cells
from suar.location.sip.cells import Form
from tests.unit.location.documents import CIRCLE, POINT, device, parse, presence

PIDF = presence(device(CIRCLE))
SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
    "a=humintlang-send:id jv\r\na=humintlang-recv:id\r\nm=text 4002 RTP/AVP 98\r\na=hlang-send:en\r\n"
)
DEVICE_INFO = (
    '<d:EmergencyCallData.DeviceInfo xmlns:d="urn:ietf:params:xml:ns:EmergencyCallData:DeviceInfo">'
    "<d:DataProviderReference>ref-1</d:DataProviderReference>"
    "<d:DeviceClassification>mobile</d:DeviceClassification>"
    '<d:UniqueDeviceID TypeOfDeviceID="IMEI">356938035643809</d:UniqueDeviceID>'
    "</d:EmergencyCallData.DeviceInfo>"
)


def part(kind: str, content: str, cid: str = "", more: str = "") -> str:
    named = f"Content-ID: <{cid}>\r\n" if cid else ""
    return f"Content-Type: {kind}\r\n{named}{more}\r\n{content}\r\n"


def pidf(content: str = PIDF, cid: str = "lokasi@example.id") -> str:
    return part("application/pidf+xml", content, cid)


def multipart(*parts: str, boundary: str = "batas") -> str:
    return "".join(f"--{boundary}\r\n{one}" for one in parts) + f"--{boundary}--\r\n"


def invite(headers: str, body: str, kind: str = "multipart/mixed; boundary=batas") -> str:
    return (
        "INVITE urn:service:sos SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
        'From: "Pelapor" <sip:+6281234567890@example.id>;tag=1\r\nTo: <urn:service:sos>\r\n'
        f"Call-ID: abc@192.0.2.1\r\nCSeq: 1 INVITE\r\n{headers}Content-Type: {kind}\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )


def by_value(geolocation: str = "<cid:lokasi@example.id>", body: str = "", headers: str = "") -> str:
    return invite(
        f"Geolocation: {geolocation}\r\nGeolocation-Routing: yes\r\n{headers}",
        body or multipart(part("application/sdp", SDP), pidf()),
    )


def places(reading: Reading) -> list[tuple[float | None, float | None]]:
    return [(claim.latitude, claim.longitude) for claim in reading.claims]


HERE = (-7.2575, 112.7521)


def test_a_location_by_value_is_a_claim_without_a_flag() -> None:
    """The plain case of RFC 6442."""
    reading = parse(by_value())
    assert (reading.kind, places(reading), reading.claims[0].flags) == ("sip", [HERE], ())
    assert (reading.flags, reading.errors, reading.references) == ((), (), ())


@pytest.mark.parametrize(
    "uri",
    [
        "https://lis.example.id/abc?x=1,2;y",
        "http://lis.example.id/abc",
        "sip:lokasi@lis.example.id",
        "sips:lokasi@lis.example.id;transport=tls",
        "pres:lokasi@lis.example.id",
    ],
)
def test_a_location_by_reference_is_a_reference_and_no_claim(uri: str) -> None:
    """It has to be fetched first."""
    reading = parse(invite(f"Geolocation: <{uri}>;loc-src=carrier.example.id\r\n", SDP, "application/sdp"))
    assert reading.claims == ()
    assert [(one.uri, one.purpose, one.provider) for one in reading.references] == [
        (uri, "location", "carrier.example.id")
    ]
    assert not reading.is_usable


def test_every_geolocation_header_and_every_value_in_it_counts() -> None:
    """Asterisk looks at the first only; carriers send HELD first and the body second."""
    body = multipart(pidf(), pidf(presence(device(POINT.replace("7.2575", "7.3"))), "kedua@example.id"))
    reading = parse(
        invite(
            "Geolocation: <https://lis.example.id/1>, <cid:kedua@example.id>;loc-src=a.example.id\r\n"
            'Geolocation: <cid:lokasi@example.id>;loc-src="b.example.id"\r\n',
            body,
        )
    )
    assert places(reading) == [(-7.3, 112.7521), HERE]
    assert [claim.provider for claim in reading.claims] == ["a.example.id", "b.example.id"]
    assert [one.uri for one in reading.references] == ["https://lis.example.id/1"]


def test_bodies_within_bodies_are_all_read() -> None:
    """Asterisk reads the outermost only."""
    deep = multipart(part("text/plain", "halo"), pidf(), boundary="dalam")
    middle = multipart(part("multipart/related; boundary=dalam", deep), boundary='batas-2"')
    body = multipart(
        part("application/sdp", SDP), part('multipart/alternative; boundary="batas-2\\""', middle)
    )
    assert places(parse(by_value(body=body))) == [HERE]


def test_a_body_that_is_the_document_itself_is_read() -> None:
    """Without any multipart."""
    reading = parse(invite("", PIDF, "application/pidf+xml;charset=UTF-8"))
    assert places(reading) == [HERE]
    assert reading.claims[0].flags == ("not-referenced",)


WHOLE = by_value()
LINES = WHOLE.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("message", "flags"),
    [
        (LINES, ["line-endings"]),
        (WHOLE.replace("\r\n", "\r"), ["line-endings"]),
        ("\r\n\r\n" + WHOLE, []),
        ("".join(f"      {line}\n" for line in LINES.split("\n")), ["indented-message", "line-endings"]),
        (by_value("cid:lokasi@example.id"), ["bare-uri"]),
        (by_value("<cid:lokasi%40example.id>"), []),
        (by_value("<CID:Lokasi@Example.id>"), ["cid-spelling"]),
        (by_value("<cid:<lokasi@example.id>>"), ["cid-spelling"]),
        (
            WHOLE.replace("Content-ID: <lokasi@example.id>", "Content-ID: lokasi@example.id"),
            ["content-length-wrong", "cid-spelling"],
        ),
        (
            WHOLE.replace("Content-ID: <lokasi@example.id>\r\n", ""),
            ["content-length-wrong", "cid-unresolved"],
        ),
        (WHOLE.replace("Geolocation:", "GEOLOCATION :"), []),
        (WHOLE.replace("Geolocation: ", "Geolocation:\r\n  "), []),
        (WHOLE.replace("Content-Type: multipart", "c: multipart").replace("Content-Length", "l"), []),
        (WHOLE.replace("--batas--\r\n", ""), ["content-length-wrong", "multipart-unclosed"]),
        (WHOLE.replace("boundary=batas", "boundary=salah"), ["header-unusable"]),
        (WHOLE.replace("; boundary=batas", ""), ["header-unusable"]),
        (WHOLE.replace("; boundary=batas", ';boundary="batas";charset=utf-8'), []),
        (WHOLE.replace("application/pidf+xml", "application/PIDF+XML"), []),
        (WHOLE.replace("application/pidf+xml", "text/xml"), ["content-length-wrong", "content-type-wrong"]),
        (WHOLE.replace("Content-Length: ", "Content-Length: 9"), ["content-length-wrong"]),
        (WHOLE.replace("Content-Length: ", "Content-Length: -"), ["content-length-wrong"]),
        (WHOLE.replace("Geolocation-Routing: yes", "Geolocation-Routing: no"), ["routing-not-allowed"]),
        (WHOLE.replace("Geolocation: <cid:lokasi@example.id>\r\n", ""), ["not-referenced"]),
        (WHOLE.replace("CSeq: 1 INVITE", "CSeq 1 INVITE"), ["header-unusable"]),
        (by_value("<cid:lokasi@example.id>, <geo-is-not-a-scheme>"), ["header-unusable"]),
        (WHOLE.replace("INVITE urn", "SIP/2.0 200 OK\r\nX: urn", 1), []),
    ],
)
def test_an_odd_message_is_read_and_its_oddity_named(message: str, flags: list[str]) -> None:
    """Whatever a script, a gateway or an old stack makes of it."""
    reading = parse(message)
    assert places(reading) == [HERE]
    assert list(reading.claims[0].flags) == flags


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_part_in_a_transfer_encoding_is_decoded(encoding: str) -> None:
    """RFC 2045, though SIP is eight bits wide."""
    text = base64.encodebytes(PIDF.encode()).decode() if encoding == "base64" else PIDF.replace("=", "=3D")
    body = multipart(
        part("application/pidf+xml", text, "lokasi@example.id", f"Content-Transfer-Encoding: {encoding}\r\n")
    )
    assert places(parse(by_value(body=body))) == [HERE]


def test_a_pointer_to_nowhere_is_told() -> None:
    """And nothing is made up for it."""
    reading = parse(by_value("<cid:tidak-ada@example.id>", multipart(part("application/sdp", SDP))))
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == ["location-part-missing"]


def test_a_broken_location_does_not_hide_the_message() -> None:
    """The garbled body of a conformance suite: the call's ids are still read."""
    body = multipart(pidf("<presence><gp:geopriv></cl:civicAddress></presence>"))
    reading = parse(
        by_value(body=body, headers="Call-Info: urn:emergency:uid:callid:a1b2c3d4e5:bcf.example.id\r\n")
    )
    assert reading.claims == ()
    assert "xml-broken" in [problem.fault for problem in reading.errors]
    assert reading.call["emergency_call_id"] == "urn:emergency:uid:callid:a1b2c3d4e5:bcf.example.id"


def test_a_message_without_a_location_says_so() -> None:
    """An ordinary call."""
    reading = parse(invite("", SDP, "application/sdp"))
    assert [problem.fault for problem in reading.errors] == ["no-location"]


def test_additional_data_is_read_by_value_and_pointed_at_by_reference() -> None:
    """RFC 7852: the block in the body, and those that have to be fetched."""
    body = multipart(
        pidf(),
        part("application/EmergencyCallData.DeviceInfo+xml", DEVICE_INFO, "perangkat@example.id"),
        part(
            "application/EmergencyCallData.Comment+xml",
            '<c:EmergencyCallData.Comment xmlns:c="urn:ietf:params:xml:ns:EmergencyCallData:Comment">'
            "<c:Comment>Sesak</c:Comment><c:Comment>Asma</c:Comment></c:EmergencyCallData.Comment>",
        ),
    )
    reading = parse(
        by_value(
            body=body,
            headers="Call-Info: <cid:perangkat@example.id>;purpose=EmergencyCallData.DeviceInfo\r\n"
            "Call-Info: <https://data.example.id/1>;purpose=EmergencyCallData.ProviderInfo, "
            "<https://data.example.id/icon.png>;purpose=icon\r\n",
        )
    )
    device_info, comment = reading.additional_data
    assert (device_info.block, device_info.flags) == ("DeviceInfo", ())
    assert device_info.fields["UniqueDeviceID"] == {"@typeofdeviceid": "IMEI", "text": "356938035643809"}
    assert (comment.block, comment.fields["Comment"]) == ("Comment", ["Sesak", "Asma"])
    assert comment.flags == ("not-referenced",)
    assert [(one.uri, one.purpose) for one in reading.references] == [
        ("https://data.example.id/1", "EmergencyCallData.ProviderInfo")
    ]


def test_what_the_headers_say_of_the_call_is_kept() -> None:
    """Ids, priority, languages, errors, cells."""
    call = parse(
        by_value(
            headers="Call-Info: <urn:emergency:uid:callid:a1b2c3d4e5:x.id>;purpose=emergency-CallId\r\n"
            "Call-Info: <urn:emergency:uid:incidentid:f6:x.id>;purpose=emergency-IncidentId\r\n"
            "Resource-Priority: esnet.1, wps.3\r\nPriority: emergency\r\n"
            "Accept-Language: id, jv;q=0.8\r\nContent-Language: id\r\n"
            'P-Asserted-Identity: "A, B" <tel:+6281234567890>, <sip:+6281234567890@ims.example.id>\r\n'
            'Geolocation-Error: 100;code="Cannot Process Location"\r\n'
            "P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=51010A1B20012345;network-provided\r\n"
        )
    ).call
    assert call["method"] == "INVITE"
    assert call["emergency_call_id"] == "urn:emergency:uid:callid:a1b2c3d4e5:x.id"
    assert call["incident_id"] == "urn:emergency:uid:incidentid:f6:x.id"
    assert (call["resource_priority"], call["priority"]) == (["esnet.1", "wps.3"], "emergency")
    assert (call["accept_language"], call["content_language"]) == (["id", "jv"], ["id"])
    assert call["asserted_identities"] == ["tel:+6281234567890", "sip:+6281234567890@ims.example.id"]
    assert call["geolocation_errors"] == [{"code": 100, "text": "Cannot Process Location"}]
    cell = call["access_networks"][0]
    assert (cell["network"], cell["area"], cell["cell"]) == ("510-10", "A1B2", "0012345")
    assert cell["network_provided"]
    assert call["media_languages"] == [
        {"media": "audio", "send": ["id", "jv"], "recv": ["id"]},
        {"media": "text", "send": ["en"], "recv": []},
    ]


@pytest.mark.parametrize(
    ("cell", "decoded"),
    [
        ("510101234567890A", {"network": "510-10", "area": "1234", "cell": "567890A"}),
        ("5100101234567890A", {"network": "510-010", "area": "1234", "cell": "567890A"}),
        ("51010A1B2C3123456789", {"network": "510-10", "area": "A1B2C3", "cell": "123456789"}),
        ("5101012345678", {"network": "510-10", "area": "1234", "cell": "5678"}),
        ("not-a-cell", {}),
        ("510101", {}),
    ],
)
def test_a_cell_is_taken_apart_only_where_its_form_is_known(cell: str, decoded: dict[str, str]) -> None:
    """E-UTRAN, NR and GERAN; it is never a place by itself."""
    headers = f"P-Access-Network-Info: 3GPP-X;utran-cell-id-3gpp={cell}\r\n"
    reading = parse(invite(headers, SDP, "application/sdp"))
    access = reading.call["access_networks"][0]
    assert access["cell_id"] == cell
    assert {name: access[name] for name in ("network", "area", "cell") if name in access} == decoded
    assert reading.claims == ()


@pytest.mark.parametrize(
    ("value", "form", "parameter", "found"),
    [
        ("510-10-4660-43981", "cell", "", {"cell_id": "510-10-4660-43981"}),
        ("<510.10.4660.43981>", "cell", "", {"cell_id": "510-10-4660-43981"}),
        ("510-10-1234-ABCD", "cell-hex", "", {"cell_id": "510-10-4660-43981"}),
        ("510-10-300000001", "cell", "", {"cell_id": "510-10-300000001"}),
        ('BTS;cgi="510-10-4660-43981";v=2', "cell", "CGI", {"cell_id": "510-10-4660-43981"}),
        ("cgi=510-10-4660-43981", "cell", "cgi", {"cell_id": "510-10-4660-43981"}),
        ("SBY0123 A", "code", "", {"code": "SBY0123 A"}),
        ("x;site=SBY0123", "code", "site", {"code": "SBY0123"}),
        ("510-10-1234-ABCD", "cell", "", None),
        ("somewhere", "cell", "", None),
        ("x;site=SBY0123", "code", "bts", None),
        ("y" * 61, "code", "", None),
        ("", "code", "", None),
    ],
)
def test_a_carriers_own_header_names_the_cell_as_it_is_said_to(
    value: str, form: Form, parameter: str, found: dict[str, str] | None
) -> None:
    """Decimal or hexadecimal, the header or a parameter of it; what is not so written is no cell."""
    common = {"type": "carrier", "header": "x-cell", "network_provided": True}
    assert read_cells([value], "X-Cell", form, parameter) == ([] if found is None else [common | found])


def test_a_carriers_own_header_may_be_written_as_the_standard_one() -> None:
    """RFC 7315, under another name; a network without a cell is none."""
    values = ["3GPP-GERAN;cgi-3gpp=510101234ABCD;network-provided, IEEE-802.11;i-wlan-node-id=x"]
    (one,) = read_cells(values, "X-PANI", "access-network")
    assert (one["cell_id"], one["area"], one["header"], one["network_provided"]) == (
        "510101234ABCD",
        "1234",
        "x-pani",
        True,
    )


def test_a_test_call_is_known_as_one() -> None:
    """RFC 6881: urn:service:test.sos."""
    assert (
        parse(WHOLE.replace("urn:service:sos SIP", "urn:service:test.sos SIP")).call["is_test_call"] is True
    )
    assert "is_test_call" not in parse(WHOLE).call


def test_a_body_that_is_nested_without_end_is_cut() -> None:
    """Nine boxes in each other are no call."""
    body = pidf()
    for level in range(12):
        body = part(f"multipart/mixed; boundary=b{level}", multipart(body, boundary=f"b{level}"))
    reading = parse(by_value(body=multipart(body)))
    assert reading.claims == ()
    assert "multipart-too-deep" in [problem.fault for problem in reading.errors]


def test_http_around_a_document_is_taken_off() -> None:
    """As a capture of a HELD dereference, or of a phone's post, has it."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/pidf+xml\r\n\r\n"
    assert (parse(head + PIDF).kind, places(parse(head + PIDF))) == ("pidf-lo", [HERE])
    form = (
        "POST /aml HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        "v=1&device_number=%2B62811&location_latitude=-7.2575&location_longitude=112.7521&location_accuracy=9"
    )
    assert (parse(form).kind, places(parse(form))) == ("aml-https", [HERE])
    assert parse("HTTP/1.1 200 OK\r\n\r\n" * 50 + PIDF).claims == ()

"""Advanced Mobile Location: SMS of both versions, packed and plain, and the HTTPS form (ETSI TS 103 625)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from suar.location.aml import is_authentic
from suar.location.shapes import Circle, Point, Position
from tests.unit.location.documents import only, parse

V1 = (
    'A"ML=1;lt=-07.25750;lg=+112.75210;rd=12;top=20261125075940;lc=68;pm=G;si=510101234567890;'
    "ei=356938035643809;mcc=510;mnc=10;ml=129"
)
V2 = (
    'A"ML=2;en=112;et=1795593570;lo=-7.25750,112.75210,12.5;lt=10;lc=68;lz=5.2,3.1;ls=G;ei=356938035643809;'
    "nc=51010;hc=51011;lg=id-ID,en"
)
NO_FIX = 'A"ML=1;lt=+00.00000;lg=+000.00000;rd=N;top=20261125075940;lc=0;pm=N;si=510101234567890;ml=88'
# V1 in the GSM alphabet, packed seven bits to a character by an independent program.
PACKED = (
    "415193d98bedd8f45e0b7673c96ab71a6cc73ef756b198cc75abc962b09d9cdc8bc976f437bc2783c96cb198ac06bbd57234d88e3deed9"
    "703b78bb77dccdd3bd5a0c1683c564335acd76c3e560bb72ba37abd972331c6c56b3d16638586ed71e8f7bb5186cd7768f7b31d8aecdee"
    "c56439"
)
SHIFTED = (int.from_bytes(bytes.fromhex(PACKED), "little") << 1).to_bytes(115, "little")
FORM = (
    "v=3&thunderbird_version=34&emergency_number=112&source=call&time=1795593570000&location_latitude=-7.25750"
    "&location_longitude=112.75210&location_time=1795593580000&location_altitude=5.2&location_floor=LG"
    "&location_source=gps&location_accuracy=12.5&location_vertical_accuracy=3.1&location_confidence=0.68"
    "&location_bearing=90.0&location_speed=1.5&device_number=%2B6281234567890&device_model=Contoh"
    "&device_imsi=510101234567890&device_imei=356938035643809&device_iccid=8962100000000000000"
    "&cell_home_mcc=510&cell_home_mnc=11&cell_network_mcc=510&cell_network_mnc=10&device_languages=id-ID%2Cen"
)
FIX = datetime(2026, 11, 25, 7, 59, 40, tzinfo=UTC)


def test_version_1_is_read_whole() -> None:
    """Place, radius, confidence, method, time and who it is."""
    claim = only(parse(V1))
    assert claim.shape == Circle(Position(-7.2575, 112.7521), 12.0)
    assert (claim.source, claim.confidence, claim.method, claim.fix_at) == ("aml-sms", 68.0, "GNSS", FIX)
    assert (claim.identity.imsi, claim.identity.imei) == ("510101234567890", "356938035643809")
    assert (claim.identity.serving_network, claim.flags) == ("510-10", ())


def test_version_2_is_read_whole_and_its_lt_and_lg_are_not_degrees() -> None:
    """There they are seconds and languages."""
    reading = parse(V2)
    claim = only(reading)
    assert claim.shape == Circle(Position(-7.2575, 112.7521, 5.2), 12.5)
    assert (claim.confidence, claim.method, claim.fix_at) == (68.0, "GNSS", FIX)
    assert claim.call_started_at == datetime(2026, 11, 25, 7, 59, 30, tzinfo=UTC)
    assert (claim.vertical_uncertainty_m, claim.flags) == (3.1, ())
    assert (claim.identity.home_network, claim.identity.languages) == ("510-11", ("id-ID", "en"))
    assert reading.call["emergency_number"] == "112"


@pytest.mark.parametrize(
    ("document", "flags"),
    [
        (PACKED, ["decoded-hex", "decoded-septets"]),
        (PACKED.upper(), ["decoded-hex", "decoded-septets"]),
        (bytes.fromhex(PACKED).hex(" "), ["decoded-hex", "decoded-septets"]),
        (bytes.fromhex(PACKED), ["decoded-septets"]),
        # A user data header with two ports (16 bits each) before it, and one bit to fill the septet.
        (b"\x06\x05\x04\x0b\x84\x00\x00" + bytes.fromhex(PACKED), ["decoded-septets"]),
        (
            "0605040b840000" + SHIFTED.hex(),
            ["decoded-hex", "decoded-septets"],
        ),
        (base64.b64encode(bytes.fromhex(PACKED)), ["decoded-base64", "decoded-septets"]),
        (base64.b64encode(V1.encode()), ["decoded-base64"]),
        (V1.encode().hex(), ["decoded-hex"]),
        (V1.encode("utf-16-be").hex(), ["decoded-hex"]),
        (V1 + "\r\n", []),
    ],
)  # fmt: skip
def test_a_message_is_recognised_in_whatever_a_modem_or_a_gateway_made_of_it(
    document: str | bytes, flags: list[str]
) -> None:
    """Packed septets, hexadecimal, base64, and the headers of a port-addressed SMS."""
    claim = only(parse(document))
    assert (claim.latitude, claim.longitude, claim.uncertainty_m) == (-7.2575, 112.7521, 12.0)
    assert list(claim.flags) == flags


@pytest.mark.parametrize(
    "document",
    [
        NO_FIX,
        'A"ML=1;lt=0;lg=0;rd=N;pm=N;ml=28',
        'A"ML=1;rd=N;pm=N',
        'A"ML=1;lt=+00.00000;lg=+000.00000;rd=50;top=20261125075940;lc=90;pm=W;ml=66',
        'A"ML=2;en=112;et=1795593570;lo=;lt=10;ls=U',
        'A"ML=2;en=112;et=1795593570;lo=0.00000,0.00000,0.0;lt=10;ls=U',
        'A"ML=2;en=112;et=1795593570;lo=,,;ls=N',
        'A"ML=2;en=112;et=1795593570;ei=356938035643809;nc=51010',
        'A"ML=1;lt=N;lg=N;rd=N;top=20261125075940;lc=0;pm=N;si=510101234567890;ml=73',
        'A"ML=1;lt=;lg=;rd=;top=;lc=;pm=U;si=510101234567890;ml=55',
        'A"ML=2;en=112;et=1795593570;lo=N,N,N;lt=10;ls=N;lg=id',
        'A"ML=2;en=112;et=1795593570;lo=N;ls=N;lg=id',
        'A"ML=2;en=112;et=1795593570;lo=NaN,NaN,NaN;ls=U;lg=id',
        'A"ML=2;en=112;et=1795593570;lo=+00.00000,+000.00000,N;lt=10;lc=0;ls=N;lg=id',
        'A"ML=2;en=112;et=1795593570;lo=;lt=;lc=;lz=;ls=',
        "v=3&device_number=%2B62811&location_latitude=NaN&location_longitude=NaN&location_source=unknown",
        "v=3&device_number=%2B62811&location_latitude=&location_longitude=&location_accuracy=",
        '{"v": 3, "device_number": "+62811", "location_latitude": null, "location_longitude": null}',
        '{"v": 3, "device_number": "+62811", "location_latitude": 0, "location_longitude": 0.0}',
        "v=1&device_number=%2B62811&emergency_number=112",
        "v=1&device_number=%2B62811&location_latitude=0.0&location_longitude=0.0&location_accuracy=0",
    ],
)
def test_no_fix_is_no_location_and_never_0_0(document: str) -> None:
    """The phone says that it does not know."""
    reading = parse(document)
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == ["aml-no-fix"]


def test_who_calls_is_known_even_without_a_fix() -> None:
    """The call can still be matched."""
    assert parse(NO_FIX).call["identity"]["imsi"] == "510101234567890"


@pytest.mark.parametrize(
    ("document", "flags"),
    [
        (V1.replace("ml=129", "ml=128"), ["aml-length-wrong"]),
        (V1.replace("ml=129", "ml=x"), ["aml-length-wrong"]),
        (V1[: V1.index(";mnc")], ["aml-damaged"]),
        (V1.replace("ML=1", "ML=01"), ["aml-length-wrong"]),
        (V1.removeprefix('A"ML=1;'), ["aml-header-missing", "aml-length-wrong"]),
        (V1.replace('A"ML', "AML").replace("129", "128"), ["aml-damaged"]),
        (V1.replace('A"ML', 'A""ML').replace("129", "130"), ["aml-damaged"]),
        (V1.replace(";lc=68", ";lc=68;zz=1").replace("129", "134"), ["aml-key-unknown"]),
        (V1.replace(";lc=68", ";lc=68;lt=1").replace("129", "134"), ["aml-key-repeated"]),
        (V1.replace("lc=68", "lc=6?"), ["confidence-unusable"]),
        (V1.replace("pm=G", "pm=Z"), ["method-unknown"]),
        (V1.replace("20261125075940", "20261325075940"), ["time-unusable"]),
        (V1.replace("20261125075940", "20271125075940"), ["time-in-future"]),
        (V1.replace(";mcc", "#mcc"), ["aml-damaged"]),
        (V2.replace("et=1795593570", "et=1795593570000"), ["time-spelling"]),
        (V2.replace("et=1795593570", "et=soon"), ["time-unusable"]),
        (V2 + ";garbage", ["aml-damaged"]),
        (FORM + "&hmac=00", ["aml-not-authenticated"]),
        (FORM.replace("location_confidence=0.68", "location_certainty=68"), ["aml-old-field"]),
        (FORM.replace("location_confidence=0.68", "location_confidence=68"), ["confidence-percent"]),
        (FORM + "&gt_location_latitude=1.0&gt_location_longitude=2.0", ["aml-test"]),
        (FORM + "&adr_carcrash_time=1795593560000", ["aml-car-crash"]),
        (FORM + "&location_longitude=5", ["aml-key-repeated"]),
        (FORM + "&colour=blue", ["aml-key-unknown"]),
        (FORM.replace("location_time=1795593580000", "location_time=1795593580"), ["time-spelling"]),
        (FORM.replace("location_speed=1.5", "location_speed=fast"), ["motion-unusable"]),
    ],
)
def test_a_damaged_message_keeps_what_can_be_used_and_says_so(document: str, flags: list[str]) -> None:
    """A place with a doubt is better than none."""
    claim = only(parse(document))
    assert (claim.latitude, claim.longitude) == (-7.2575, 112.7521)
    assert list(claim.flags) == flags


@pytest.mark.parametrize(
    "document",
    [
        V1[: V1.index("7521")],
        V1[: V1.index("lg=") + 5],
        V1[: V1.index("2.75210")],
        V2[: V2.index("7521")],
        V2[: V2.index("2.75210")],
        V1.replace("+112.75210", "+112.7?210"),
        V1.replace("lg=", "gl="),
        V2.replace("-7.25750,", "-7.2575O,"),
        FORM.replace("112.75210", "112.75.210"),
        V1.replace("+112.75210", "+912.75210"),
    ],
)
def test_half_a_coordinate_is_not_another_place(document: str) -> None:
    """Cut off or scrambled, it is none."""
    reading = parse(document)
    assert reading.claims == ()
    assert reading.errors


def test_a_message_cut_in_its_radius_keeps_the_place_without_it() -> None:
    """rd=1 may have been rd=12, or rd=1200."""
    claim = only(parse(V1[: V1.index(";top") - 1]))
    assert claim.shape == Point(Position(-7.2575, 112.7521))
    assert {"aml-damaged", "radius-unusable"} <= set(claim.flags)


def test_a_version_from_the_future_is_not_guessed_at() -> None:
    """Its keys may mean something else, as lt and lg once did."""
    reading = parse(V1.replace("ML=1", "ML=3"))
    assert [problem.fault for problem in reading.errors] == ["aml-version-unknown"]
    assert reading.claims == ()


def test_the_form_is_read_whole() -> None:
    """Every field that helps to find or to call back."""
    reading = parse(FORM)
    claim = only(reading)
    assert (reading.kind, claim.flags) == ("aml-https", ())
    assert claim.shape == Circle(Position(-7.2575, 112.7521, 5.2), 12.5)
    assert (claim.confidence, claim.method, claim.floor) == (68.0, "GPS", "LG")
    assert (claim.fix_at, claim.vertical_uncertainty_m) == (FIX, 3.1)
    assert claim.motion is not None
    assert (claim.motion.speed_mps, claim.motion.heading_deg) == (1.5, 90.0)
    assert (claim.identity.number, claim.identity.home_network) == ("+6281234567890", "510-11")
    assert (reading.call["emergency_number"], reading.call["started_by"]) == ("112", "call")


def test_the_form_as_a_json_object_is_the_same() -> None:
    """Gateways forward it so."""
    fields = dict(pair.split("=") for pair in FORM.replace("%2B", "+").replace("%2C", ",").split("&"))
    assert only(parse(json.dumps(fields))).shape == only(parse(FORM)).shape


def test_the_ground_truth_of_a_test_is_never_taken_for_the_place() -> None:
    """It is what the tester knows, and not what the phone found."""
    reading = parse("v=1&device_number=1&gt_location_latitude=-7.2&gt_location_longitude=112.7")
    assert reading.claims == ()


SIGNED = b"v=3&device_number=%2B6281234567890&location_latitude=-7.25750&location_longitude=112.75210"
SIGNATURE = b"e2eec5876667f95a8184c29a0982fd8b94b82df6"
"""By openssl dgst -sha1 -hmac kunci."""


@pytest.mark.parametrize(
    ("body", "key", "good"),
    [
        (SIGNED + b"&hmac=" + SIGNATURE, b"kunci", True),
        (SIGNED + b"&hmac=" + SIGNATURE.upper() + b"\n", b"kunci", True),
        (SIGNED + b"&hmac=" + SIGNATURE, b"lain", False),
        (SIGNED.replace(b"7.2", b"7.3") + b"&hmac=" + SIGNATURE, b"kunci", False),
        (SIGNED + b"&hmac=" + SIGNATURE[:-1], b"kunci", False),
        (SIGNED + b"&hmac=", b"kunci", False),
        (SIGNED + b"&hmac=\xff\xfe", b"kunci", False),
        (SIGNED, b"kunci", False),
        (b"", b"kunci", False),
    ],
)
def test_only_the_right_hmac_is_authentic(body: bytes, key: bytes, good: bool) -> None:
    """Over everything before it."""
    assert is_authentic(body, key) is good

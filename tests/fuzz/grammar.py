"""A grammar of location documents: mostly right, so that the wrong parts get deep into the readers.

``document(random)`` is a function of the generator's state alone: a seed is a document.
"""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Callable

ODD_NUMBERS = (
    "0",
    "-0",
    "0.0",
    "1e308",
    "-1e308",
    "1e-320",
    "NaN",
    "INF",
    "-INF",
    "",
    " ",
    "1_0",
    "0x7f",
    "١٢",
    "1.2.3",
    "--5",
    "+-5",
    "9" * 400,
    "." * 30,
    "1e",
    "e5",
    "180",
    "-180",
    "90.0000001",
    "360",
    "1,5",
    "- 7",
    "7 .5",
    "7:15:26S",
    "112°45'7\"E",
    "\u2212" + "7.2",
    "1" + "0" * 30,
    "5 m",
    "12 ft",
)
WORDS = (
    "",
    "a",
    "ID",
    "x" * 300,
    "\u0000",
    "é",
    "😀",
    "<",
    "&",
    "&amp;",
    "&#0;",
    "&#x1F600;",
    "]]>",
    "%00",
    "\ud83d",
)
UOMS = (
    "urn:ogc:def:uom:EPSG::9001",
    "urn:ogc:def:uom:EPSG::9002",
    "urn:ogc:def:uom:EPSG::9101",
    "urn:ogc:def:uom:EPSG::9102",
    "m",
    "ft",
    "km",
    "deg",
    "rad",
    "parsec",
    "",
    ":" * 50,
)
SYSTEMS = (
    "urn:ogc:def:crs:EPSG::4326",
    "urn:ogc:def:crs:EPSG::4979",
    "EPSG:4326",
    "CRS84",
    "urn:ogc:def:crs:EPSG::3857",
    "http://www.opengis.net/gml/srs/epsg.xml#4326",
    "WGS84",
    "",
    "epsg" * 80,
    "epsg" + ":1.2" * 60,
)
TIMES = (
    "2026-11-25T07:59:40Z",
    "2026-11-25 07:59:40",
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:60+14:59",
    "0001-01-01T00:00:00+15:00",
    "1795593580",
    "1795593580000",
    "20261125075940",
    "",
    "Z",
    "2" * 99,
)
NAMESPACES = (
    'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
    'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" '
    'xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" '
    'xmlns:dyn="urn:ietf:params:xml:ns:pidf:geopriv10:dynamic"'
)
SHAPES = (
    "Point",
    "Circle",
    "Ellipse",
    "ArcBand",
    "Polygon",
    "Sphere",
    "Ellipsoid",
    "Prism",
    "LineString",
    "Envelope",
)

Random = random.Random


def document(rng: Random) -> bytes:
    """Return a document of any kind, whole, mutated, or inside of another; or a copy of one in HEP."""
    maker = rng.choice((presence, presence, sip, sip, held, aml_sms, aml_form, hostile))
    data = maker(rng).encode("utf-8", "surrogatepass")
    if rng.random() < 0.15:
        data = hep(rng, data)
    while rng.random() < 0.6:
        data = rng.choice(MUTATIONS)(rng, data)
    return data[:1_100_000]


def number(rng: Random, low: float = -180, high: float = 180) -> str:
    if rng.random() < 0.12:
        return rng.choice(ODD_NUMBERS)
    return f"{rng.uniform(low, high):.{rng.randrange(8)}f}"


def position(rng: Random) -> str:
    parts = [number(rng, -90, 90), number(rng)]
    if rng.random() < 0.3:
        parts += [number(rng, -50, 500) for _ in range(rng.choice((1, 1, 1, 2)))]
    return rng.choice((" ", " ", " ", " ", ",", ", ", ";", "\n\t")).join(parts)


def attribute(rng: Random, name: str, values: tuple[str, ...]) -> str:
    return (
        "" if rng.random() < 0.1 else f' {name}="{rng.choice(values[:2] if rng.random() < 0.6 else values)}"'
    )


def measure(rng: Random, name: str, high: float) -> str:
    return f"<gs:{name}{attribute(rng, 'uom', UOMS)}>{number(rng, 0, high)}</gs:{name}>"


def ring(rng: Random) -> str:
    count = rng.choice((0, 1, 3, 4, 5, 12, 60, 400))
    corners = [position(rng) for _ in range(count)]
    if corners and rng.random() < 0.7:
        corners.append(corners[0])
    if rng.random() < 0.5:
        inside = f"<gml:posList>{' '.join(corners)}</gml:posList>"
    else:
        inside = "".join(f"<gml:pos>{corner}</gml:pos>" for corner in corners)
    return f"<gml:exterior><gml:LinearRing>{inside}</gml:LinearRing></gml:exterior>"


def shape(rng: Random) -> str:
    name = rng.choice(SHAPES)
    space = "gml" if name in {"Point", "Polygon"} else "gs"
    inside = f"<gml:pos>{position(rng)}</gml:pos>" if rng.random() < 0.95 else ""
    if name == "Polygon":
        inside = ring(rng)
    elif name == "Prism":
        inside = f"<gs:base><gml:Polygon>{ring(rng)}</gml:Polygon></gs:base>" + measure(rng, "height", 90)
    for part, high in (
        ("radius", 5000),
        ("semiMajorAxis", 500),
        ("semiMinorAxis", 300),
        ("verticalAxis", 90),
        ("innerRadius", 900),
        ("outerRadius", 5000),
        ("startAngle", 400),
        ("openingAngle", 400),
        ("orientation", 400),
    ):
        if rng.random() < 0.7:
            inside += measure(rng, part, high)
    return f"<{space}:{name}{attribute(rng, 'srsName', SYSTEMS)}>{inside}</{space}:{name}>"


def civic(rng: Random) -> str:
    names = ("country", "A1", "A3", "RD", "HNO", "LMK", "LMK", "RT", "a6", "x" * 60)
    parts = "".join(
        f"<ca:{name}>{rng.choice(WORDS)}</ca:{name}>" for name in rng.sample(names, rng.randrange(len(names)))
    )
    return f"<ca:civicAddress>{parts}</ca:civicAddress>"


def presence(rng: Random) -> str:
    inside = ""
    for index in range(rng.choice((0, 1, 1, 1, 2, 3, 30))):
        chunks = "".join(
            rng.choice((shape, shape, shape, civic))(rng) for _ in range(rng.choice((0, 1, 1, 2, 5)))
        )
        chunks += rng.choice(("", f"<con:confidence pdf='normal'>{number(rng, 0, 100)}</con:confidence>"))
        chunks += rng.choice(
            (
                "",
                f"<dyn:Dynamic><dyn:speed>{number(rng)}</dyn:speed><dyn:heading>{position(rng)}</dyn:heading></dyn:Dynamic>",
            )
        )
        holder = rng.choice(("dm:device", "tuple", "dm:person", "other"))
        inside += (
            f'<{holder} id="{index}"><status><gp:geopriv><gp:location-info>{chunks}</gp:location-info>'
            f"<gp:usage-rules><gp:retention-expiry>{rng.choice(TIMES)}</gp:retention-expiry></gp:usage-rules>"
            f"<gp:method>{rng.choice(('GPS', 'Cell', *WORDS))}</gp:method></gp:geopriv></status>"
            f"<timestamp>{rng.choice(TIMES)}</timestamp></{holder}>"
        )
    spaces = NAMESPACES if rng.random() < 0.9 else ""
    encoding = rng.choice(("UTF-8", "UTF-8", "utf-16", "ISO-8859-1", "latin-99"))
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<presence {spaces} entity="pres:a">{inside}</presence>'
    )


def _motion(rng: Random) -> str:
    return f"<dyn:speed>{number(rng)}</dyn:speed><dyn:heading>{position(rng)}</dyn:heading>"


def hep(rng: Random, payload: bytes) -> bytes:
    """Return a packet as res_hep sends it (HEPv3), or one that only looks so."""
    chunks = [(11, bytes([rng.choice((1, 1, 1, 5))])), (17, b"a1@carrier"), (14, b"key"), (1, b"\x02")]
    zipped = rng.random() < 0.3
    chunks.append((16, zlib.compress(payload)) if zipped else (15, payload))
    if rng.random() < 0.2:
        chunks = [rng.choice(chunks) for _ in range(rng.choice((0, 3, 70)))]
    inside = b"".join(
        struct.pack("!HHH", rng.choice((0, 0, 0, 9)), kind, (6 + len(content)) & 0xFFFF) + content
        for kind, content in chunks
    )
    said = rng.choice((6 + len(inside), 6 + len(inside), rng.randrange(70_000))) & 0xFFFF
    return struct.pack("!4sH", b"HEP3", said) + inside


def held(rng: Random) -> str:
    if rng.random() < 0.2:
        words = f'<message xml:lang="id">{rng.choice(WORDS)}</message>'
        return f'<error code="{rng.choice(WORDS[:5])}">{words}</error>'
    uris = "".join(
        f"<locationURI>{rng.choice(WORDS)}https://x/{n}</locationURI>" for n in range(rng.randrange(4))
    )
    return (
        '<locationResponse xmlns="urn:ietf:params:xml:ns:geopriv:held">'
        f'<locationUriSet expires="{rng.choice(TIMES)}">{uris}</locationUriSet>'
        f"{presence(rng).partition('?>')[2]}{routing(rng)}</locationResponse>"
    )


def routing(rng: Random) -> str:
    services = "".join(
        f'<service serviceUri="{rng.choice(WORDS)}">{"<destination>sip:a@x</destination>" * rng.randrange(9)}'
        f"{rng.choice(WORDS)}</service>"
        for _ in range(rng.choice((0, 0, 1, 2, 40)))
    )
    return (
        f'<routingInformation xmlns="urn:ietf:params:xml:ns:geopriv:held:ri">{services}</routingInformation>'
    )


def aml_sms(rng: Random) -> str:
    if rng.random() < 0.5:
        keys = {
            "lt": number(rng, -90, 90),
            "lg": number(rng),
            "rd": rng.choice(("N", number(rng, 0, 900))),
            "top": rng.choice(TIMES),
            "lc": number(rng, 0, 100),
            "pm": rng.choice("GWCNUZ"),
            "si": "510101234567890",
            "ei": number(rng),
            "mcc": "510",
            "mnc": "10",
            "ml": str(rng.randrange(160)),
        }
    else:
        place = ",".join((number(rng, -90, 90), number(rng), number(rng, 0, 900)))
        keys = {
            "en": "112",
            "et": number(rng, 1.7e9, 1.8e9),
            "lo": place,
            "lt": number(rng),
            "lc": number(rng, 0, 100),
            "lz": position(rng),
            "ls": rng.choice("GWCNUZ"),
            "ei": "356938035643809",
            "nc": "51010",
            "lg": "id",
        }
    head = rng.choice(('A"ML=1', 'A"ML=2', 'A"ML=1', 'A"ML=2', "AML=1", 'A"ML=99999', ""))
    return ";".join([head, *(f"{key}={value}" for key, value in keys.items() if rng.random() < 0.93)])


def aml_form(rng: Random) -> str:
    fields = {
        "v": "3",
        "location_latitude": number(rng, -90, 90),
        "location_longitude": number(rng),
        "location_accuracy": number(rng, 0, 900),
        "location_time": rng.choice((*TIMES, number(rng, 1.7e12, 1.8e12))),
        "location_confidence": number(rng, 0, 1),
        "device_number": "%2B628123",
        "location_bearing": number(rng),
        "location_speed": number(rng),
        "adr_carcrash_time": rng.choice(TIMES),
        "location_altitude": number(rng),
    }
    if rng.random() < 0.1:
        return "{" + ",".join(f'"{key}": "{value}"' for key, value in fields.items()) + "}"
    return "&".join(f"{key}={value}" for key, value in fields.items() if rng.random() < 0.9)


def sip(rng: Random) -> str:
    boundary = rng.choice(("b", "batas", "-" * 60, "a b", ""))
    parts = ""
    for index in range(rng.choice((0, 1, 1, 2, 3, 12))):
        kind, maker = rng.choice(
            (
                ("application/pidf+xml", presence),
                ("application/held+xml", held),
                ("text/plain", aml_sms),
                ("application/EmergencyCallData.DeviceInfo+xml", hostile),
            )
        )
        body = maker(rng) if rng.random() < 0.8 or len(parts) > 20_000 else sip(rng)
        parts += f"--{boundary}\r\nContent-Type: {kind}\r\nContent-ID: <p{index}@x>\r\n\r\n{body}\r\n"
    headers = "".join(
        rng.choice(
            (
                f"Geolocation: <cid:p{rng.randrange(4)}@x>;loc-src=a\r\n",
                "Geolocation: https://lis/1, <cid:p1@x>\r\n",
                "Geolocation-Routing: no\r\n",
                f'Geolocation-Error: {number(rng)};code="{rng.choice(WORDS)}"\r\n',
                "Call-Info: <cid:p2@x>;purpose=EmergencyCallData.DeviceInfo\r\n",
                "Call-Info: <" * 40 + "\r\n",
                f"P-Access-Network-Info: 3GPP-NR;utran-cell-id-3gpp={number(rng)}\r\n",
                f"X-Cell: {rng.choice(WORDS)};cgi={cell(rng)};{rng.choice(WORDS)}\r\n",
                f"X-Cell: {cell(rng)}\r\n",
                f"X: {rng.choice(WORDS)}\r\n folded\r\n",
                'Geolocation: "' + '\\"' * 50 + "\r\n",
                "Accept-Language: id,en;q=0.5\r\n",
                f"{rng.choice(WORDS)}\r\n",
            )
        )
        for _ in range(rng.randrange(8))
    )
    return (
        f"INVITE urn:service:sos SIP/2.0\r\nTo: <urn:service:sos>\r\n{headers}"
        f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{parts}--{boundary}--\r\n"
    )


def cell(rng: Random) -> str:
    """Return a cell's identity, in one of the ways in which carriers write it, or in none."""
    parts = [
        str(rng.randrange(1000)),
        str(rng.randrange(1000)),
        *(f"{rng.randrange(1 << 36):X}" for _ in "ab"),
    ]
    return rng.choice(("-", ":", ".", "")).join(parts[: rng.randrange(5)]) or rng.choice(WORDS)


def hostile(rng: Random) -> str:
    return rng.choice(
        (
            '<!DOCTYPE a [<!ENTITY b "c">]><presence>&b;</presence>',
            "<a>" * rng.choice((40, 5_000, 60_000)),
            "<a/>" * rng.choice((10, 60_000)),
            "<a " + " ".join(f'xmlns:n{n}="u"' for n in range(300)) + "/>",
            "<presence>" + "a<!---->" * 20_000 + "</presence>",
            "HTTP/1.1 200 OK\r\n\r\n" * 200,
            "[" * 50_000 + "location_latitude=",
            "{" * 50_000 + '"location_latitude":',
            "," * 100_000,
            "\r\n" * 100_000,
            "-" * 100_000,
            "<" * 100_000,
            "&" * 200_000,
            " " * 500_000 + "x",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n" * 30_000,
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "\r\n " * 30_000 + "--c",
            "Geolocation: " + "<cid:a>," * 8_000 + "\r\n\r\n",
            "lt=" + "1" * 50 + ";" + "aa=1;" * 20_000,
            "a=1&" * 60_000 + "location_latitude=1",
            "<gml:Polygon><gml:posList>" + "1,1 " * 60_000 + "</gml:posList></gml:Polygon>",
            "<gml:Point><gml:pos>" + "1" * 100_000 + "</gml:pos></gml:Point>",
            "41" * 400_000,
            "QUFB" * 200_000,
        )
    )


def _flip(rng: Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 30))):
        if found:
            found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def _cut(rng: Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 2, 10, 200)) :]


def _repeat(rng: Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((1, 8, 80, 800))]
    return data[:start] + piece * rng.choice((2, 5, 60, 3_000)) + data[start:]


def _insert(rng: Random, data: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    word = rng.choice(
        (*WORDS, *ODD_NUMBERS, *UOMS, "<!--", "-->", "<![CDATA[", "</", '"', ";", "=", "\r\n\r\n", "--b")
    )
    return data[:start] + word.encode("utf-8", "surrogatepass") + data[start:]


def _swap_bytes(rng: Random, data: bytes) -> bytes:
    encoding = rng.choice(("utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-8-sig"))
    return data.decode("latin-1").encode(encoding, "replace")


def _dress(rng: Random, data: bytes) -> bytes:
    return rng.choice((bytes.hex, _base64))(data).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


MUTATIONS: tuple[Callable[[Random, bytes], bytes], ...] = (
    _flip,
    _flip,
    _cut,
    _drop,
    _drop,
    _repeat,
    _insert,
    _insert,
    _insert,
    _swap_bytes,
    _dress,
)

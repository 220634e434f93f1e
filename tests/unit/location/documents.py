"""Documents for the tests, made from what the RFCs say. Surabaya's places, nobody's persons."""

from __future__ import annotations

from datetime import UTC, datetime

from suar.location import Claim, Reading, read

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
FIX = "2026-11-25T07:59:40Z"
METRE = 'uom="urn:ogc:def:uom:EPSG::9001"'
DEGREE = 'uom="urn:ogc:def:uom:EPSG::9102"'
FLAT = 'srsName="urn:ogc:def:crs:EPSG::4326"'
SOLID = 'srsName="urn:ogc:def:crs:EPSG::4979"'
POINT = f"<gml:Point {FLAT}><gml:pos>-7.2575 112.7521</gml:pos></gml:Point>"
CIRCLE = f"<gs:Circle {FLAT}><gml:pos>-7.2575 112.7521</gml:pos><gs:radius {METRE}>35</gs:radius></gs:Circle>"
NAMESPACES = (
    'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
    'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:gs="http://www.opengis.net/pidflo/1.0" '
    'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" '
    'xmlns:cae="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr:ext" '
    'xmlns:cl="urn:ietf:params:xml:ns:pidf:geopriv10:civicLoc" '
    'xmlns:dyn="urn:ietf:params:xml:ns:pidf:geopriv10:dynamic" '
    'xmlns:con="urn:ietf:params:xml:ns:geopriv:conf"'
)


def geopriv(chunks: str, around: str = "<gp:usage-rules/><gp:method>GPS</gp:method>") -> str:
    """A geopriv element."""
    return f"<gp:geopriv><gp:location-info>{chunks}</gp:location-info>{around}</gp:geopriv>"


def device(chunks: str, around: str = "<gp:usage-rules/><gp:method>GPS</gp:method>", fix: str = FIX) -> str:
    """A device of RFC 4479, as RFC 5491 recommends."""
    time = f"<dm:timestamp>{fix}</dm:timestamp>" if fix else ""
    identity = "<dm:deviceID>mac:1234567890ab</dm:deviceID>"
    return f'<dm:device id="d1">{geopriv(chunks, around)}{identity}{time}</dm:device>'


def presence(inside: str, namespaces: str = NAMESPACES) -> str:
    """A whole document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<presence {namespaces} entity="pres:pelapor@example.id">{inside}</presence>'
    )


def parse(document: str | bytes) -> Reading:
    """Read it as received now."""
    return read(document.encode() if isinstance(document, str) else document, NOW)


def chunk(text: str) -> Reading:
    """Read a document with these location chunks."""
    return parse(presence(device(text)))


def only(reading: Reading) -> Claim:
    """The one claim."""
    assert len(reading.claims) == 1, reading.as_json()
    return reading.claims[0]

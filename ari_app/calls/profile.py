"""What Asterisk has made of an INVITE's PIDF-LO, its ``GEOLOC_PROFILE``: for calls whose INVITE nothing saw.

It has one place, without its time, and nothing of what else was claimed. It is written as the PIDF-LO that it
was read from, so that there is one reader, with one set of liberties.
"""

from __future__ import annotations

import re
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from suar import location
from suar.city import PresumedLocation
from suar.location import Claim, Reading
from suar.location.shapes import Circle, Position

_FIELD = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_LENGTHS = (
    "radius", "semiMajorAxis", "semiMinorAxis", "verticalAxis", "innerRadius", "outerRadius", "height",
)  # fmt: skip
_ANGLES = ("orientation", "startAngle", "openingAngle")
_SHAPES = ("Point", "Circle", "Sphere", "Ellipse", "Ellipsoid", "ArcBand", "Polygon", "Prism")
_METRE, _DEGREE = "urn:ogc:def:uom:EPSG::9001", "urn:ogc:def:uom:EPSG::9102"
_RADIAN = "urn:ogc:def:uom:EPSG::9101"
_HEAD = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" '
    'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" '
    'xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" entity="pres:asterisk">'
    '<tuple id="asterisk"><status><gp:geopriv><gp:location-info>'
)


def presumed(place: PresumedLocation, received_at: datetime) -> Claim:
    """What the trunk alone says."""
    shape = Circle(Position(place.latitude, place.longitude), place.radius_m)
    return Claim("carrier", received_at, shape, label=place.label, method="Manual")


def read_profile(place: str, form: str, method: str, confidence: str, received_at: datetime) -> Reading:
    """Read the fields of a ``GEOLOC_PROFILE``. Never raises.

    ``place`` is Asterisk's ``location_info``, such as
    ``shape="Circle",crs="2d",pos="-7.26 112.74",radius="35"``; ``form`` its ``format``; ``confidence`` is
    written ``value="95",pdf="normal"`` (RFC 7459), in percent.
    """
    fields = _FIELD.findall(place)
    body = _civic(fields) if form == "civicAddress" else _shape(fields)
    how = f"<gp:method>{escape(method)}</gp:method>" if method else ""
    document = (
        f"{_HEAD}{body}{_confidence(confidence)}</gp:location-info><gp:usage-rules/>{how}</gp:geopriv>"
        "</status></tuple></presence>"
    )
    return location.read(document.encode(), received_at)


def _civic(fields: list[tuple[str, str]]) -> str:
    parts = "".join(f"<ca:{name}>{escape(text)}</ca:{name}>" for name, text in fields if text)
    return f"<ca:civicAddress>{parts}</ca:civicAddress>"


def _shape(fields: list[tuple[str, str]]) -> str:
    known = dict(fields)
    shape = known.get("shape", "")
    if shape not in _SHAPES:
        return ""
    places = [text for name, text in fields if name in {"pos", "posList"}]
    if shape == "Prism":
        # A floor plan, which Asterisk lists as the corners alone.
        inside = f"<gs:base>{_polygon(places)}</gs:base>" + _measures(known)
    elif shape == "Polygon":
        return _polygon(places)
    else:
        inside = "".join(f"<gml:pos>{escape(text)}</gml:pos>" for text in places[:1]) + _measures(known)
    prefix = "gml" if shape == "Point" else "gs"
    return f"<{prefix}:{shape}{_system(known.get('crs'))}>{inside}</{prefix}:{shape}>"


def _polygon(places: list[str]) -> str:
    corners = "".join(f"<gml:pos>{escape(text)}</gml:pos>" for text in places)
    ring = f"<gml:exterior><gml:LinearRing>{corners}</gml:LinearRing></gml:exterior>"
    three = bool(places) and len(places[0].split()) == 3
    return f"<gml:Polygon{_system('3d' if three else '2d')}>{ring}</gml:Polygon>"


def _system(crs: str | None) -> str:
    return f" srsName={quoteattr('urn:ogc:def:crs:EPSG::' + ('4979' if crs == '3d' else '4326'))}"


def _measures(known: dict[str, str]) -> str:
    lengths = [(name, _METRE) for name in _LENGTHS]
    angles = [
        (name, _RADIAN if known.get(f"{name}_uom", "").startswith("rad") else _DEGREE) for name in _ANGLES
    ]
    return "".join(
        f"<gs:{name} uom={quoteattr(unit)}>{escape(known[name])}</gs:{name}>"
        for name, unit in (*lengths, *angles)
        if name in known
    )


def _confidence(text: str) -> str:
    known = dict(_FIELD.findall(text))
    if "value" not in known:
        return ""
    spread = quoteattr(known.get("pdf", "unknown"))
    return f"<con:confidence pdf={spread}>{escape(known['value'])}</con:confidence>"

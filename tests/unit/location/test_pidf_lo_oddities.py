"""What the field sends instead of what the RFCs say: it is read, and each liberty is a flag."""

from __future__ import annotations

import time

import pytest

from suar.location import Claim
from suar.location.shapes import Circle, Point
from tests.unit.location.documents import (
    DEGREE,
    FLAT,
    METRE,
    NAMESPACES,
    POINT,
    SOLID,
    chunk,
    device,
    only,
    parse,
    presence,
)

HERE = (-7.2575, 112.7521)


def pos(text: str, srs: str = FLAT) -> str:
    return f"<gml:Point {srs}><gml:pos>{text}</gml:pos></gml:Point>"


def circle(radius: str, uom: str = METRE) -> str:
    position = "<gml:pos>-7.2575 112.7521</gml:pos>"
    return f"<gs:Circle {FLAT}>{position}<gs:radius {uom}>{radius}</gs:radius></gs:Circle>"


def place(claim: Claim) -> tuple[float | None, float | None]:
    return claim.latitude, claim.longitude


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("-7.2575 112.7521", []),
        ("\n   -7.2575\t\n 112.7521  ", []),
        ("-7.2575E0 1.127521e2", []),
        ("-7.2575,112.7521", ["comma-in-position"]),
        ("-7.2575, 112.7521", ["comma-in-position"]),
        ("-7.2575;112.7521", ["comma-in-position"]),
        ("-7,2575 112,7521", ["decimal-comma"]),
        ("-7,2575, 112,7521", ["decimal-comma", "comma-in-position"]),
        ("-7,2575;112,7521", ["comma-in-position", "decimal-comma"]),
        ("- 7.2575 112.7521", ["space-in-number"]),
        ("-7. 2575 112 .7521", ["space-in-number"]),
        ("\u22127.2575 112.7521", []),
        ("112.7521 -7.2575", ["lat-lon-swapped"]),
        ("112.7521,-7.2575", ["comma-in-position", "lat-lon-swapped"]),
        ("7.2575S 112.7521E", ["degrees-minutes-seconds"]),
        ("112.7521E 7.2575S", ["degrees-minutes-seconds"]),
        ("S7.2575 E112.7521", ["degrees-minutes-seconds"]),
        ("-7.2575° 112.7521°", ["degrees-minutes-seconds"]),
        ("7°15'27\"S, 112°45'7.56\"E", ["degrees-minutes-seconds"]),
        ("-7.2575 112.7521 30", ["srs-dimension"]),
        ("-7.2575 112.7521 999999999", ["srs-dimension", "altitude-unusable"]),
    ],
)
def test_a_position_is_read_as_it_is_meant(text: str, flags: list[str]) -> None:
    """One meaning, many spellings."""
    claim = only(chunk(pos(text)))
    assert place(claim) == pytest.approx(HERE, abs=1e-9)
    assert list(claim.flags) == flags


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0 0", "position-zero"),
        ("0.00000 0.00000", "position-zero"),
        ("-0.0 +0.0 0", "position-zero"),
        ("112.7521 98.1", "position-out-of-range"),
        ("-7.2575 400", "position-out-of-range"),
        ("999 999", "position-out-of-range"),
        ("-7.2575", "position-unusable"),
        ("", "position-unusable"),
        ("nan nan", "position-unusable"),
        ("INF 112", "position-unusable"),
        ("-7.2575 112.7521 3 4", "position-unusable"),
        ("-7.2575 east", "position-unusable"),
        ("1_0 112.7", "position-unusable"),
        ("0x10 112.7", "position-unusable"),
        ("-7 2575 112.7521", "position-out-of-range"),
        ("7.2575N 3.1N", "position-unusable"),
        ("-7.2575S 112.7521E", "position-unusable"),
        ("7:75:00S 112:00:00E", "position-unusable"),
        ("1e999 1", "position-unusable"),
    ],
)
def test_what_cannot_be_a_position_is_no_claim_and_says_why(text: str, fault: str) -> None:
    """Never 0,0; never a guess."""
    reading = chunk(pos(text))
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == [fault]


def test_latitude_and_longitude_are_not_swapped_where_both_orders_are_possible() -> None:
    """A place in Somalia may well be one: a wish is no reading."""
    claim = only(chunk(pos("7.2575 48.5")))
    assert place(claim) == (7.2575, 48.5)
    assert claim.flags == ()


def test_a_longitude_counted_all_the_way_round_is_brought_back() -> None:
    """0 to 360 instead of -180 to 180."""
    claim = only(chunk(pos("40.7 285.5")))
    assert place(claim) == pytest.approx((40.7, -74.5))
    assert claim.flags == ("longitude-wrapped",)


def test_whole_degrees_are_not_shown_as_if_they_were_exact() -> None:
    """Somebody rounded a hundred kilometres away."""
    assert "whole-degrees" in only(chunk(pos("-7 112"))).flags


@pytest.mark.parametrize(
    ("srs", "flags"),
    [
        ("", ["srs-missing"]),
        ('srsName="EPSG:4326"', ["srs-spelling"]),
        ('srsName="epsg:4326"', ["srs-spelling"]),
        ('srsName="urn:ogc:def:crs:EPSG:4326"', ["srs-spelling"]),
        ('srsName="urn:ogc:def:crs:EPSG:6.6:4326"', ["srs-spelling"]),
        ('srsName="http://www.opengis.net/gml/srs/epsg.xml#4326"', ["srs-spelling"]),
        ('srsName="http://www.opengis.net/def/crs/EPSG/0/4326"', ["srs-spelling"]),
        ('srsName="WGS84"', ["srs-spelling"]),
        ('srsName="WGS-84"', ["srs-spelling"]),
        ('srsname="urn:ogc:def:crs:EPSG::4326"', []),
        (SOLID, ["srs-dimension"]),
        ('srsName="urn:ogc:def:crs:EPSG::9470"', ["srs-near-wgs84"]),
        ('srsName="urn:ogc:def:crs:EPSG::4258"', ["srs-near-wgs84"]),
    ],
)
def test_a_reference_system_is_known_by_many_names(srs: str, flags: list[str]) -> None:
    """WGS 84, latitude first."""
    claim = only(chunk(pos("-7.2575 112.7521", srs)))
    assert place(claim) == HERE
    assert list(claim.flags) == flags


def test_crs84_has_the_longitude_first_by_its_definition() -> None:
    """Where both orders are possible, its name decides."""
    claim = only(chunk(pos("48.5 7.2575", 'srsName="urn:ogc:def:crs:OGC:1.3:CRS84"')))
    assert (place(claim), claim.flags) == ((7.2575, 48.5), ("longitude-first",))


@pytest.mark.parametrize("code", ["3857", "32749", "4211", "27700", "900913"])
def test_a_projection_or_a_far_datum_is_not_guessed_at(code: str) -> None:
    """Metres east of somewhere are no degrees, and the datum of Batavia is hundreds of metres off."""
    reading = chunk(pos("-7.2575 112.7521", f'srsName="urn:ogc:def:crs:EPSG::{code}"'))
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == ["srs-unsupported"]


@pytest.mark.parametrize(
    ("radius", "uom", "metres", "flags"),
    [
        ("35", METRE, 35.0, []),
        (" 35 \n", METRE, 35.0, []),
        ("35", "", 35.0, ["uom-missing"]),
        ("35", 'uom="m"', 35.0, ["uom-spelling"]),
        ("35", 'uom="urn:ogc:def:uom:EPSG:9001"', 35.0, ["uom-spelling"]),
        ("35", 'uom="metres"', 35.0, ["uom-spelling"]),
        ("35 m", METRE, 35.0, ["uom-spelling"]),
        ("100", 'uom="urn:ogc:def:uom:EPSG::9002"', 30.48, ["uom-converted"]),
        ("100", 'uom="ft"', 30.48, ["uom-spelling", "uom-converted"]),
        ("100", 'uom="Feet"', 30.48, ["uom-spelling", "uom-converted"]),
        ("1.5", 'uom="km"', 1500.0, ["uom-spelling", "uom-converted"]),
        ("1", 'uom="urn:ogc:def:uom:EPSG::9030"', 1852.0, ["uom-converted"]),
        ("35,5", METRE, 35.5, ["decimal-comma"]),
    ],
)
def test_a_radius_is_in_metres_whatever_it_was_given_in(
    radius: str, uom: str, metres: float, flags: list[str]
) -> None:
    """Feet taken for metres would send a crew to the wrong street."""
    claim = only(chunk(circle(radius, uom)))
    assert isinstance(claim.shape, Circle)
    assert claim.uncertainty_m == pytest.approx(metres)
    assert list(claim.flags) == flags


@pytest.mark.parametrize(
    ("radius", "uom"),
    [
        ("wide", METRE),
        ("-5", METRE),
        ("", METRE),
        ("NaN", METRE),
        ("1e12", METRE),
        ("35", 'uom="parsec"'),
        ("35", DEGREE),
    ],
)
def test_a_radius_that_cannot_be_used_leaves_a_point_whose_error_is_unknown(radius: str, uom: str) -> None:
    """A place without its uncertainty is still a place, but not an exact one."""
    claim = only(chunk(circle(radius, uom)))
    assert isinstance(claim.shape, Point)
    assert claim.uncertainty_m is None
    assert "radius-unusable" in claim.flags


def test_a_radius_of_zero_is_not_certainty() -> None:
    """Phones send it for 'I do not know'."""
    claim = only(chunk(circle("0")))
    assert (claim.uncertainty_m, claim.flags) == (None, ("radius-zero",))


ELLIPSE = (
    f"<gs:Ellipse {FLAT}><gml:pos>-7.25 112.75</gml:pos>"
    "<gs:semiMajorAxis {metre}>{major}</gs:semiMajorAxis>{minor}{turn}</gs:Ellipse>"
)


def ellipse(major: str = "40", minor: str | None = "15", turn: str | None = "30", uom: str = DEGREE) -> str:
    return ELLIPSE.format(
        metre=METRE,
        major=major,
        minor="" if minor is None else f"<gs:semiMinorAxis {METRE}>{minor}</gs:semiMinorAxis>",
        turn="" if turn is None else f"<gs:orientation {uom}>{turn}</gs:orientation>",
    )


@pytest.mark.parametrize(
    ("text", "shape", "flags"),
    [
        (ellipse(major="15", minor="40"), ("Ellipse", 40.0, 15.0, 120.0), ["axes-swapped"]),
        (ellipse(turn="-30"), ("Ellipse", 40.0, 15.0, 150.0), ["angle-wrapped"]),
        (
            ellipse(turn="0.5235987755982988", uom='uom="urn:ogc:def:uom:EPSG::9101"'),
            ("Ellipse", 40.0, 15.0, 30.0),
            ["uom-converted"],
        ),
        (
            ellipse(turn="120", uom='uom="urn:ogc:def:uom:EPSG::9101"'),
            ("Ellipse", 40.0, 15.0, 120.0),
            ["uom-converted", "uom-wrong"],
        ),
        (ellipse(turn="30", uom=""), ("Ellipse", 40.0, 15.0, 30.0), ["uom-missing"]),
        (ellipse(turn="30", uom='uom="degrees"'), ("Ellipse", 40.0, 15.0, 30.0), ["uom-spelling"]),
        (ellipse(turn=None), ("Circle", 40.0, None, None), ["angle-missing"]),
        (ellipse(minor=None), ("Circle", 40.0, None, None), ["axis-missing"]),
        (ellipse(major="x"), ("Point", None, None, None), ["axis-missing", "radius-unusable"]),
        (ellipse(major="x", minor=None), ("Point", None, None, None), ["radius-unusable"]),
    ],
)
def test_an_ellipse_that_lacks_something_becomes_what_holds_it(
    text: str, shape: tuple[object, ...], flags: list[str]
) -> None:
    """Larger than it was, never smaller."""
    claim = only(chunk(text))
    assert claim.shape is not None
    found = claim.shape.as_json()
    measures = (found.get("semi_major_m", found.get("radius_m")), found.get("semi_minor_m"))
    turned = found.get("orientation_deg")
    assert (found["type"], *measures) == shape[:3]
    assert turned == (None if shape[3] is None else pytest.approx(shape[3]))
    assert list(claim.flags) == flags


def band(inner: str = "500", outer: str = "900", start: str = "266", opening: str = "120") -> str:
    parts = ""
    for name, value, unit in [("innerRadius", inner, METRE), ("outerRadius", outer, METRE),
                              ("startAngle", start, DEGREE), ("openingAngle", opening, DEGREE)]:  # fmt: skip
        parts += f"<gs:{name} {unit}>{value}</gs:{name}>" if value else ""
    return f"<gs:ArcBand {FLAT}><gml:pos>-7.25 112.75</gml:pos>{parts}</gs:ArcBand>"


@pytest.mark.parametrize(
    ("text", "kind", "flags"),
    [
        (band(), "ArcBand", []),
        (band(inner=""), "ArcBand", ["axis-missing"]),
        (band(inner="900", outer="500"), "ArcBand", ["axes-swapped"]),
        (band(start="-94"), "ArcBand", ["angle-wrapped"]),
        (band(start=""), "Circle", ["angle-missing", "band-simplified"]),
        (band(opening="400"), "Circle", ["angle-missing", "band-simplified"]),
        (band(outer=""), "Point", ["radius-unusable"]),
    ],
)
def test_an_arc_band_that_lacks_something_becomes_what_holds_it(
    text: str, kind: str, flags: list[str]
) -> None:
    """The whole circle around the mast, at worst."""
    claim = only(chunk(text))
    assert claim.shape is not None
    assert (claim.shape.name, list(claim.flags)) == (kind, flags)


HOUSE = "-7.2570 112.7500 -7.2580 112.7500 -7.2580 112.7510 -7.2570 112.7510"
CLOSED = HOUSE + " -7.2570 112.7500"
PAIRS = list(zip(CLOSED.split()[::2], CLOSED.split()[1::2], strict=True))
CLOCKWISE = " ".join(f"{latitude} {longitude}" for latitude, longitude in reversed(PAIRS))
SWAPPED = " ".join(f"{longitude} {latitude}" for latitude, longitude in PAIRS)


def polygon(points: str, srs: str = FLAT, attributes: str = "") -> str:
    listed = f"<gml:posList {attributes}>{points}</gml:posList>"
    ring = f"<gml:exterior><gml:LinearRing>{listed}</gml:LinearRing></gml:exterior>"
    return f"<gml:Polygon {srs}>{ring}</gml:Polygon>"


SOLID_POINTS = "-7.2570 112.7500 5 -7.2580 112.7500 5 -7.2580 112.7510 5 -7.2570 112.7500 5"


@pytest.mark.parametrize(
    ("text", "corners", "flags"),
    [
        (polygon(CLOSED), 4, []),
        (polygon(HOUSE), 4, ["ring-open"]),
        (polygon(CLOSED.replace(" ", ",")), 4, ["comma-in-position"]),
        (
            polygon("-7.2570,112.7500 -7.2580,112.7500 -7.2580,112.7510 -7.2570,112.7500"),
            3,
            ["comma-in-position"],
        ),
        (polygon(CLOCKWISE), 4, ["ring-clockwise"]),
        (polygon(f"-7.2570 112.7500 {CLOSED}"), 4, ["ring-point-repeated"]),
        (polygon(SOLID_POINTS, SOLID), 3, []),
        (polygon(SOLID_POINTS, FLAT), 3, ["srs-dimension"]),
        (polygon(SOLID_POINTS, FLAT, 'srsDimension="3"'), 3, ["srs-dimension"]),
        (polygon(CLOSED, SOLID), 4, ["srs-dimension"]),
        (
            polygon(SOLID_POINTS.replace("5 -7.2580 112.7510 5", "5 -7.2580 112.7510 8"), SOLID),
            3,
            ["ring-unlevel"],
        ),
        (
            polygon(CLOSED).replace("<gml:exterior>", "").replace("</gml:exterior>", ""),
            4,
            ["structure-unusual"],
        ),
        (polygon(CLOSED).replace("</gml:Polygon>", "<gml:interior/></gml:Polygon>"), 4, ["interior-ignored"]),
        (polygon(SWAPPED), 4, ["lat-lon-swapped"]),
    ],
)
def test_a_polygon_is_read_as_it_is_meant(text: str, corners: int, flags: list[str]) -> None:
    """Every corner, or none."""
    claim = only(chunk(text))
    assert claim.shape is not None
    assert len(claim.shape.as_json()["ring"]) == corners
    assert list(claim.flags) == flags


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (polygon("-7.25 112.75 -7.26 112.75"), "ring-too-short"),
        (polygon("-7.25 112.75 -7.26 112.75 -7.25 112.75"), "ring-too-short"),
        (polygon(""), "position-unusable"),
        (polygon("-7.25 112.75 x"), "position-unusable"),
        (polygon("-7.25 112.75 -7.26 112.75 -7.27"), "position-unusable"),
        (polygon(CLOSED.replace("-7.2580 112.7510", "0 0")), "position-zero"),
        (polygon("-7.25 112.75 " * 2100), "ring-too-long"),
        (f"<gml:Polygon {FLAT}/>", "ring-too-short"),
    ],
)
def test_a_polygon_that_misses_a_corner_is_not_another_polygon(text: str, fault: str) -> None:
    """It is none."""
    reading = chunk(text)
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == [fault]


def test_a_prism_without_a_height_is_its_floor() -> None:
    """The place is known, the storey's height is not."""
    text = f"<gs:Prism {SOLID}><gs:base>{polygon(SOLID_POINTS, '')}</gs:base></gs:Prism>"
    claim = only(chunk(text))
    assert claim.shape is not None
    assert (claim.shape.name, claim.flags) == ("Polygon", ("height-unusable",))


def test_the_first_example_of_rfc_4119_is_still_read() -> None:
    """Degrees, minutes and seconds in gml:coordinates, inside gml:location."""
    old = (
        '<gml:location><gml:Point gml:id="point1" srsName="epsg:4326">'
        "<gml:coordinates>37:46:30N 122:25:10W</gml:coordinates></gml:Point></gml:location>"
    )
    claim = only(parse(presence(f'<tuple id="t"><status>{device(old)[19:-12]}</status></tuple>')))
    assert place(claim) == pytest.approx((37.775, -122.419444), abs=1e-6)
    assert {"gml-coordinates", "degrees-minutes-seconds", "srs-spelling"} <= set(claim.flags)


def test_a_boundary_is_not_a_caller() -> None:
    """The answer of a LoST server has a polygon, which is an authority's."""
    boundary = polygon(CLOSED).replace("<gml:Polygon", f"<gml:Polygon {NAMESPACES}", 1)
    reading = parse(f"<serviceBoundary>{boundary}</serviceBoundary>")
    assert not reading.is_usable


@pytest.mark.parametrize("name", ["LineString", "Envelope", "MultiPoint"])
def test_a_shape_that_rfc_5491_does_not_have_is_said_to_be_unsupported(name: str) -> None:
    """Rather than passed over."""
    reading = chunk(f"<gml:{name} {FLAT}><gml:pos>-7.25 112.75</gml:pos></gml:{name}>")
    assert [problem.fault for problem in reading.errors] == ["shape-unsupported"]
    assert reading.claims == ()


def test_one_bad_location_does_not_take_the_good_one_with_it() -> None:
    """And its fault is still told."""
    reading = parse(presence(device(pos("0 0")) + device(POINT)))
    assert place(only(reading)) == HERE
    assert [problem.fault for problem in reading.errors] == ["position-zero"]


@pytest.mark.parametrize(
    "document",
    [
        pos("-7.2575 112.7521", f'srsName="epsg{":" * 3000}{":1.2" * 1000}"'),
        circle("35", f'uom="{"epsg" * 4000}"'),
        circle("35", f'uom="uom{"/" * 12000}"'),
    ],
)
def test_a_name_without_an_end_costs_no_time(document: str) -> None:
    """It is no system's, and no unit's: nobody is made to wait while a code is looked for in it."""
    whole = presence(device(document))
    began = time.process_time()
    reading = parse(whole)
    assert time.process_time() - began < 0.05
    assert all(claim.uncertainty_m is None for claim in reading.claims)

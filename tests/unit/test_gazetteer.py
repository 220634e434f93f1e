"""The operator's own words: names with slips and abbreviations, coordinates in many spellings, plus codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suar.areas import Areas, Atlas
from suar.areas.gazetteer import Finder, Index, Kind, Place
from suar.areas.gazetteer.coordinates import parse_coordinates, parse_plus_code
from suar.areas.words import same_name, words_of
from suar.city import load
from tests import town

CITY = load(Path(__file__).parents[2] / "cities" / "surabaya.toml")
NEAR = (-7.2575, 112.7521)
PLACES = [
    Place(Kind.STREET, "Jalan Tunjungan", lat=-7.2550, lon=112.7410),
    Place(Kind.STREET, "Jalan Raya Darmo", lat=-7.2870, lon=112.7390),
    Place(Kind.LANDMARK, "RSUD Dr. Soetomo", lat=-7.2680, lon=112.7580),
    Place(Kind.LANDMARK, "Pasar Atom", lat=-7.2403, lon=112.7390, aliases=("Pasar Atum",)),
    Place(Kind.LANDMARK, "Masjid Al-Akbar", lat=-7.3366, lon=112.7150),
    Place(Kind.LANDMARK, "Plaza Tunjungan", lat=-7.2620, lon=112.7390),
]
FINDER = Finder(CITY, Atlas(Areas()), PLACES)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gubeng", "Kec. Gubeng"),
        ("kec gubeng", "Kec. Gubeng"),
        ("kel. gubeng", "Kel. Gubeng, Kec. Gubeng, 60281"),
        ("GUBE", "Kec. Gubeng"),
        ("karangpilang", "Kec. Karang Pilang"),
        ("tegal sari", "Kec. Tegalsari"),
        ("60285", "Kel. Mojo, Kec. Gubeng, 60285"),
        ("35.78.08.1002", "Kel. Mojo, Kec. Gubeng, 60285"),
        ("mojo gubeng", "Kel. Mojo, Kec. Gubeng, 60285"),
        ("wonkromo", "Kec. Wonokromo"),
        ("wonokrmoo", "Kec. Wonokromo"),
        ("xonokromo", "Kec. Wonokromo"),
        ("tunj", "Jalan Tunjungan"),
        ("jl tunjungan", "Jalan Tunjungan"),
        ("jln. tunjugan", "Jalan Tunjungan"),
        ("Jl. Tunjungan No. 12", "Jalan Tunjungan 12"),
        ("raya darmo 5a", "Jalan Raya Darmo 5a"),
        ("rs soetomo", "RSUD Dr. Soetomo"),
        ("rumah sakit dokter sutomo", "RSUD Dr. Soetomo"),
        ("rsud sutomo surabaya", "RSUD Dr. Soetomo"),
        ("pasar atum", "Pasar Atom"),
        ("psr aton", "Pasar Atom"),
        ("mesjid al akbar", "Masjid Al-Akbar"),
        ("masjíd akbár", "Masjid Al-Akbar"),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, first: str) -> None:
    """Begun, abbreviated, in old spelling, with a slip, with a house's number."""
    found = FINDER.find(typed)
    assert found
    assert found[0].words == first


def test_every_kecamatan_and_kelurahan_is_found_by_its_name() -> None:
    """31 and 153, each the first or, of several of one name, among the first."""
    index = FINDER.index
    official = [place for place in index.places if place.kind in {Kind.KECAMATAN, Kind.KELURAHAN}]
    assert sum(place.kind is Kind.KECAMATAN for place in official) == 31
    assert sum(place.kind is Kind.KELURAHAN for place in official) == 153
    for place in official:
        assert place in [found.place for found in index.search(f"{place.kind} {place.name}")], place


def test_what_nobody_is_called_finds_nothing() -> None:
    """Nor do signs and blanks, nor any text in an index without places."""
    for typed in ("xqzvy", "", " ", "!?", "\x00"):
        assert FINDER.find(typed) == []
    assert Index([]).search("gubeng") == []


def test_places_say_where_they_are_when_boundaries_are_known() -> None:
    """An imported place is told from its namesake; a kelurahan has a middle and a reach."""
    lat, lon = town.middle(1, 1)
    finder = Finder(CITY, Atlas(town.areas()), [Place(Kind.LANDMARK, "Warung Biru", lat=lat, lon=lon)])
    assert finder.find("warung")[0].words == "Warung Biru, Kel. Mojo, Kec. Gubeng"
    mojo = next(one.place for one in finder.find("kel mojo") if one.place.kind is Kind.KELURAHAN)
    assert (mojo.lat, mojo.lon) == pytest.approx((lat, lon))
    assert mojo.radius_m == pytest.approx(785, rel=0.02)


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_answered(text: str) -> None:
    """With at most as many as were asked for, the best first."""
    found = FINDER.find(text, limit=5)
    assert len(found) <= 5
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


HERE = pytest.approx((-7.2575, 112.7521), abs=2e-5)


@pytest.mark.parametrize(
    "text",
    [
        "-7.2575, 112.7521", "-7.2575 112.7521", "-7.2575,112.7521", "−7.2575; 112.7521",
        "-7,2575, 112,7521", "-7,2575 112,7521", "-7,2575;112,7521", "(-7.2575, 112.7521)",
        "112.7521, -7.2575", "7.2575 S, 112.7521 E", "S 7.2575 E 112.7521", "7.2575 LS 112.7521 BT",
        "7,2575° LS, 112,7521° BT", "7.2575, 112.7521", "lat: -7.2575, lon: 112.7521",
        "7°15'27.0\"S 112°45'07.6\"E", "7° 15′ 27″ LS, 112° 45′ 7.6″ BT", "7°15'27''S 112°45'7.56''E",
        "7°15.45'S 112°45.126'E", "S 7 15 27 E 112 45 7.6", "112°45'7.6\" BT 7°15'27\" LS",
        "geo:-7.2575,112.7521;u=35", "https://maps.google.com/?q=-7.2575,112.7521",
        "https://www.google.com/maps/@-7.2575,112.7521,17z", "https://maps.google.com/maps?q=-7.2575%2C112.7521",
    ],
)  # fmt: skip
def test_coordinates_are_read_as_people_write_them(text: str) -> None:
    """Each of these is one place."""
    assert parse_coordinates(text, NEAR) == HERE


@pytest.mark.parametrize(
    "text",
    ["", "12", "Jl. Tunjungan 12", "7 112", "91.5, 95.5", "-7.2575", "0, 0", "0.0, 0.0", "7°75'S 112°45'E",
     "7 S 8 S", "112.5 E 113.5 E", "-7.2575, 192.7", "60281", "35.78.08.1001", "081234567890", "gubeng 1, 2"],
)  # fmt: skip
def test_what_is_no_place_is_not_read_as_one(text: str) -> None:
    """Never 0, 0, which is what a phone says that knows nothing."""
    assert parse_coordinates(text, NEAR) is None


def test_a_sign_that_is_written_is_kept() -> None:
    """Only what is left open is guessed; without a city nothing is."""
    assert parse_coordinates("7.2575 N 112.7521 E", NEAR) == pytest.approx((7.2575, 112.7521))
    assert parse_coordinates("+7.2575, 112.7521", NEAR) == pytest.approx((7.2575, 112.7521))
    assert parse_coordinates("7.2575, 112.7521") == pytest.approx((7.2575, 112.7521))


def test_plus_codes_are_read_whole_and_short() -> None:
    """A short one is the nearest to the city; without a city it is nothing."""
    whole = parse_plus_code("6P4JQP3Q+J4")
    short = parse_plus_code("di QP3Q+J4 Surabaya", NEAR)
    assert whole is not None
    assert whole == short
    assert (whole.lat, whole.lon) == pytest.approx((-7.2459375, 112.7378125))
    assert whole.radius_m < 15
    assert parse_plus_code("qp3q+j4", NEAR) == whole
    for text in ("QP3Q+J4", "C+", "A+B", "1+1", "Jl. A+ 5"):
        assert parse_plus_code(text) is None


def test_the_finder_offers_exactly_what_is_spelled_out() -> None:
    """One suggestion, with a place, in words that say it again."""
    for typed, kind in (("-7,2575, 112,7521", Kind.COORDINATES), ("QP3Q+J4", Kind.PLUS_CODE)):
        (found,) = FINDER.find(typed)
        assert found.place.kind is kind
        assert found.place.lat is not None
        assert FINDER.find(found.words)[0].place.lat == pytest.approx(found.place.lat, abs=1e-4)


def test_words_are_folded_alike_on_both_sides() -> None:
    """Case, accents, abbreviations, old spelling; a code is one word."""
    assert words_of("Jl. Dr. Soetomo") == words_of("jalan dokter sutomo")
    assert words_of("35.78.08.1001") == ["3578081001"]
    assert same_name("Kel. Karang Pilang") == same_name("KARANGPILANG")
    assert same_name("Tjokroaminoto") == same_name("Cokroaminoto")

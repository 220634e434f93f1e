"""``suar areas``: boundaries imported, refused, checked and asked, as an administrator types it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapefile
from shapely import Point
from shapely.geometry import shape
from typer.testing import CliRunner, Result

from suar import cli
from suar.areas import Level, storing
from suar.areas.errors import AreasUnusable
from tests import town
from tests.component.conftest import CITY

Suar = Callable[..., Result]
UTM_49S = (
    'PROJCS["WGS_1984_UTM_Zone_49S",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,'
    '298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",'
    '10000000.0],PARAMETER["Central_Meridian",111.0],PARAMETER["Scale_Factor",0.9996],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def suar(state: Path) -> Suar:
    """Run ``suar`` on Surabaya, with a state of its own."""

    def run(*arguments: object, city: Path = CITY) -> Result:
        command = ["--city", str(city), "--state", str(state), *map(str, arguments)]
        return CliRunner().invoke(cli.app, command)

    return run


def imported(state: Path, level: Level) -> dict[str, str]:
    return {area.code: area.name for area in storing.load(state / "areas").of(level)}


def test_kelurahan_make_their_kecamatan_and_the_city(suar: Suar, state: Path, tmp_path: Path) -> None:
    """One file is enough; it is kept under Kemendagri's names, and opened by any map program."""
    file = town.write(tmp_path / "kel.geojson", town.features())
    result = suar("areas", "import", file, "--licence", "MIT", "--origin", "Bappeda")
    assert result.exit_code == 0, result.exception
    assert imported(state, Level.KELURAHAN) == {code: name for code, (name, *_) in town.KELURAHAN.items()}
    assert imported(state, Level.KECAMATAN) == town.KECAMATAN
    assert imported(state, Level.JURISDICTION) == {"35.78": "Kota Surabaya"}
    kept = json.loads((state / "areas" / "areas.geojson").read_text())
    assert kept["type"] == "FeatureCollection"
    assert kept["suar"]["sources"][0]["licence"] == "MIT"
    where = suar("areas", "where", *town.middle(1, 1), "--radius", 50).output
    assert "100.0%  Mojo (35.78.08.1002)" in where
    assert "outside      0.0%" in where


@pytest.mark.parametrize(
    "renamed",
    [
        {"code": "KDEPUM", "name": "WADMKD", "parent": "WADMKC"},
        {"code": "KODE_KD", "name": "DESA_KELUR", "parent": "KECAMATAN"},
        {"code": "fid", "name": "nmdesa", "parent": "nmkec"},
    ],
)
def test_the_columns_of_the_offices_are_known(
    suar: Suar, state: Path, tmp_path: Path, renamed: dict[str, str]
) -> None:
    """BIG's, the civil registry's, and BPS's, where the names alone decide."""
    result = suar("areas", "import", town.write(tmp_path / "kel.geojson", town.features(**renamed)))
    assert result.exit_code == 0, result.exception
    assert set(imported(state, Level.KELURAHAN)) == set(town.KELURAHAN)


def test_bps_codes_are_not_taken_for_kemendagris(suar: Suar, state: Path, tmp_path: Path) -> None:
    """They look the same, and mean another kecamatan: names go before them."""
    features = town.features(code="iddesa", name="nmdesa", parent="nmkec")
    # In BPS's count this is Gubeng; the same digits would be another kelurahan of Kemendagri's.
    for feature, code in zip(features, ("3578051001", "3578080001", "3578081002", "3578080004"), strict=True):
        feature["properties"]["iddesa"] = code
    result = suar("areas", "import", town.write(tmp_path / "kel.geojson", features))
    assert result.exit_code == 0, result.exception
    assert imported(state, Level.KELURAHAN) == {code: name for code, (name, *_) in town.KELURAHAN.items()}
    assert "Gubeng (35.78.08.1001)" in suar("areas", "where", *town.middle(1, 0)).output


def shapefile_of(path: Path, prj: str | None, *, with_names: bool = True) -> Path:
    """Write the town as a shapefile, in UTM 49S."""
    # What the corners are in UTM 49S, as PROJ 9 has them: column and row to metres.
    corner = {
        (112.74, -7.25): (692109.4695, 9198246.1376), (112.75, -7.25): (693213.8807, 9198241.8915),
        (112.76, -7.25): (694318.2976, 9198237.6209),
    }  # fmt: skip
    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON) as writer:
        writer.field("WADMKD", "C", 40)
        writer.field("WADMKC", "C", 40)
        for name, west in (("Keputran", 112.74), ("Gubeng", 112.75)):
            (x, y), (x_east, y_east) = corner[west, -7.25], corner[round(west + 0.01, 2), -7.25]
            writer.poly([[(x, y), (x_east, y_east), (x_east - 4, y_east - 1105), (x - 4, y - 1105), (x, y)]])
            writer.record(name, {"Keputran": "TEGALSARI", "Gubeng": "GUBENG"}[name])
    if prj:
        path.with_suffix(".prj").write_text(prj)
    if not with_names:
        path.with_suffix(".dbf").unlink()
    return path


def test_a_shapefile_in_utm_is_read_in_degrees(suar: Suar, state: Path, tmp_path: Path) -> None:
    """By its .prj, zipped or not; what the corners are was computed by another program."""
    file = shapefile_of(tmp_path / "batas.shp", UTM_49S)
    with zipfile.ZipFile(tmp_path / "batas.zip", "w") as archive:
        for part in tmp_path.glob("batas.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    for given in (file, tmp_path / "batas.zip"):
        assert suar("areas", "import", given).exit_code == 0
        (gubeng,) = [
            area for area in storing.load(state / "areas").of(Level.KELURAHAN) if area.name == "Gubeng"
        ]
        assert gubeng.shape.bounds == pytest.approx((112.75, -7.26, 112.76, -7.25), abs=1e-4)
        assert gubeng.shape.exterior.distance(Point(112.75, -7.25)) < 1e-8


def test_coordinates_that_cannot_be_read_are_refused_with_the_way_out(suar: Suar, tmp_path: Path) -> None:
    """Another datum; metres in a file that says nothing; a number that is no CRS; then told with --crs."""
    batavia = UTM_49S.replace("D_WGS_1984", "D_Batavia")
    file = shapefile_of(tmp_path / "batas.shp", batavia)
    assert "on the datum 'D_Batavia'; say --crs" in str(suar("areas", "import", file).exception)
    silent = shapefile_of(tmp_path / "silent.shp", None)
    refused = str(suar("areas", "import", silent).exception)
    assert "silent.shp: feature 1 (Keputran): geometry: lies at 692105" in refused
    assert "these look like metres; say --crs EPSG:<number>" in refused
    assert "--crs: 'EPSG:9999'" in str(suar("areas", "import", silent, "--crs", "EPSG:9999").exception)
    for given in (file, silent):
        assert suar("areas", "import", given, "--crs", "EPSG:32749").exit_code == 0
    named = town.write(
        tmp_path / "old.geojson", town.features(), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4211"}}
    )
    assert "EPSG::4211' is not read here" in str(suar("areas", "import", named).exception)


def test_a_shapefile_without_its_names_is_refused(suar: Suar, tmp_path: Path) -> None:
    """Cities do send them so."""
    file = shapefile_of(tmp_path / "batas.shp", UTM_49S, with_names=False)
    assert "its .dbf is missing" in str(suar("areas", "import", file).exception)


def square_with(coordinates: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


OPEN = [[112.74, -7.25], [112.75, -7.25], [112.75, -7.26], [112.74, -7.26]]
SPIKE = [[*OPEN[0]], [112.745, -7.25], [112.745, -7.249], [112.745, -7.25], *OPEN[1:], OPEN[0]]
BOW_TIE = [OPEN[0], OPEN[2], OPEN[1], OPEN[3], OPEN[0]]


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (None, "has no geometry"),
        (square_with([112.7, -7.2], "Point"), "is a Point, not a polygon"),
        (square_with([]), "is empty"),
        (square_with([[[112.7, -7.2], [112.8, -7.2], "x"]]), "coordinates that cannot be read"),
        (square_with([[OPEN[0], OPEN[1], OPEN[0], OPEN[0]]]), "nothing left when repaired"),
        (square_with([BOW_TIE]), "changes its area when repaired (self-intersection)"),
        (square_with([[[692108, 9198245], [693213, 9198241], [692108, 9197140]]]), "look like metres"),
    ],
)  # fmt: skip
def test_a_shape_that_cannot_be_is_refused_naming_the_feature(
    suar: Suar, state: Path, tmp_path: Path, geometry: Any, says: str
) -> None:
    """With its number and its name; and what was imported before stays as it was."""
    features = town.features()
    assert suar("areas", "import", town.write(tmp_path / "good.geojson", features)).exit_code == 0
    before = (state / "areas" / "areas.geojson").read_bytes()
    features[2]["geometry"] = geometry
    refused = suar("areas", "import", town.write(tmp_path / "bad.geojson", features))
    assert "bad.geojson: feature 3 (Gubeng): geometry:" in str(refused.exception)
    assert says in str(refused.exception)
    assert (state / "areas" / "areas.geojson").read_bytes() == before


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (square_with([OPEN]), None),
        (square_with([SPIKE]), "was repaired"),
        (square_with([[[lat, lon] for lon, lat in OPEN]]), "had latitude before longitude"),
        (square_with([[[*corner, 3.5] for corner in OPEN]]), None),
        (square_with([[OPEN]], "MultiPolygon"), None),
    ],
)
def test_a_shape_whose_meaning_is_clear_is_repaired(
    suar: Suar, state: Path, tmp_path: Path, geometry: Any, says: str | None
) -> None:
    """Told where it is more than a form: rings are closed and heights dropped in silence."""
    features = town.features()
    features[0]["geometry"] = geometry
    result = suar("areas", "import", town.write(tmp_path / "kel.geojson", features))
    assert result.exit_code == 0, result.exception
    if says:
        assert f"feature 1 (Keputran): {says}" in result.output
    else:
        assert "Keputran" not in result.output
    (keputran,) = [one for one in storing.load(state / "areas").of(Level.KELURAHAN) if one.name == "Keputran"]
    assert keputran.shape.equals(shape(square_with([[*OPEN, OPEN[0]]])))


def test_everything_wrong_is_told_at_once_and_names_its_field(suar: Suar, tmp_path: Path) -> None:
    """A name that no kelurahan has, a code that is none, an empty one, one that two have."""
    features = town.features()
    features[0]["properties"] |= {"kode": "3578059999", "nama": "Atlantis"}
    features[1]["properties"] |= {"kode": "nanti"}
    features[2]["properties"] |= {"nama": "", "kode": None}
    file = town.write(tmp_path / "kel.geojson", features)
    told = str(
        suar("areas", "import", file, "--level", "kelurahan", "--code", "kode", "--name", "nama").exception
    )
    assert "feature 1 (Atlantis): kode = '3578059999': no kelurahan of Surabaya" in told
    assert "feature 2 (Tegalsari): kode = 'nanti': a code of 4, 6, 7 or 10 digits" in told
    assert "feature 3: nama or kode: is empty" in told
    file = town.write(
        tmp_path / "bare.geojson", [{**feature, "properties": {"warna": 1}} for feature in features]
    )
    assert "level: no property tells what its areas are; say --level" in str(
        suar("areas", "import", file).exception
    )
    assert "it has: warna" in str(suar("areas", "import", file, "--level", "fire").exception)
    assert "--name jalan: no such property" in str(suar("areas", "import", file, "--name", "jalan").exception)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.kml", "<kml/>", "not a file that is read here"),
        ("a.geojson", "{", "no GeoJSON"),
        ("a.geojson", '{"type": "Topology"}', "`type` has to be FeatureCollection"),
        ("a.geojson", '{"type": "FeatureCollection", "features": 5}', "`features` has to be a list"),
        ("a.geojson", '{"type": "FeatureCollection", "features": []}', "it has no features"),
        ("a.geojson", '{"type": "FeatureCollection", "features": [null]}', "feature 1: no GeoJSON feature"),
        ("a.shp", "not one", "no shapefile"),
        ("a.zip", "not one", "no zip archive"),
        ("none.geojson", None, "No such file"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(
    suar: Suar, tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    """And leaves nothing behind."""
    if content is not None:
        (tmp_path / name).write_text(content)
    refused = suar("areas", "import", tmp_path / name)
    assert refused.exit_code != 0
    assert name in str(refused.exception)
    assert says in str(refused.exception)


def neighbour(code: str, name: str, column: float) -> dict[str, Any]:
    geometry = json.loads(json.dumps(town.square(column, 0).__geo_interface__))
    return {"type": "Feature", "properties": {"kode": code, "nama": name}, "geometry": geometry}


def test_neighbours_are_found_in_a_larger_file_and_named(suar: Suar, state: Path, tmp_path: Path) -> None:
    """A province's file: the city's part, two pieces of a neighbour's, and what is neither."""
    others = [
        neighbour("35.15.18.2001", "Waru", 2),
        neighbour("35.15.18.2002", "Medaeng", 3),
        neighbour("33.74.01.1001", "Semarang", 9),
    ]
    for one in others:
        one["properties"]["kecamatan"] = "X"
    result = suar("areas", "import", town.write(tmp_path / "jatim.geojson", [*town.features(), *others]))
    assert "1 features of other cities were left out" in result.output
    assert imported(state, Level.NEIGHBOUR) == {"35.15": "Kabupaten Sidoarjo"}
    where = suar("areas", "where", *town.middle(3, 0), "--radius", 50).output
    assert "neighbour  100.0%  Kabupaten Sidoarjo (35.15), hand over to sip:112@127.0.0.21" in where
    assert "outside    100.0%" in where


def test_a_level_is_renewed_and_the_others_stay(suar: Suar, state: Path, tmp_path: Path) -> None:
    """The fire circles do not go when the kelurahan come anew; the sources tell which is of which."""
    circles = [
        {"type": "Feature", "properties": {"rayon": name}, "geometry": square_with([OPEN])}
        for name in ("Rayon Pusat", "Rayon Pusat")
    ]
    kelurahan = town.write(tmp_path / "kel.geojson", town.features())
    for given in (
        (kelurahan,),
        (town.write(tmp_path / "fire.geojson", circles), "--level", "fire"),
        (kelurahan,),
    ):
        assert suar("areas", "import", *given).exit_code == 0
    areas = storing.load(state / "areas")
    assert [area.name for area in areas.of(Level.FIRE)] == ["Rayon Pusat"]
    assert (areas.version, len(areas.of(Level.KELURAHAN))) == (3, 4)
    assert {source.file: source.levels for source in areas.sources} == {
        "fire.geojson": (Level.FIRE,),
        "kel.geojson": (Level.KELURAHAN,),
    }


def test_check_tells_what_is_odd(suar: Suar, tmp_path: Path) -> None:
    """Nothing imported; kelurahan that are missing, overlap, or lie outside; a post outside of the city."""
    assert "no boundary of the city is imported" in suar("areas", "check").output
    features = town.features()
    features[0]["geometry"] = json.loads(json.dumps(town.square(0, 0, wide=1.5).__geo_interface__))
    assert suar("areas", "import", town.write(tmp_path / "kel.geojson", features)).exit_code == 0
    kecamatan = [neighbour("35.78.05", "Tegalsari", 0), neighbour("35.78.08", "Gubeng", 1)]
    assert suar("areas", "import", town.write(tmp_path / "kec.geojson", kecamatan)).exit_code == 0
    checked = suar("areas", "check")
    assert checked.exit_code == 1
    for says in (
        "kelurahan: 149 of 153 are not drawn",
        "kelurahan Keputran and Gubeng overlap by 50%",
        "lie partly outside of their kecamatan",
        "kecamatan: 50% of the city is in none",
        "neighbours (gresik): no boundary is imported",
        "posts (posko-utara): latitude, longitude: it stands outside",
    ):
        assert says in checked.output, checked.output


def test_where_without_boundaries_says_unknown(suar: Suar) -> None:
    """And is no failure; a latitude that is none is."""
    result = suar("areas", "where", -7.25, 112.75, "--radius", 50)
    assert (result.exit_code, "unknown" in result.output) == (0, True)
    assert "lat: degrees from -90 to 90" in str(suar("areas", "where", 95, 112).exception)


def test_a_city_without_a_code_of_its_own_imports_too(suar: Suar, state: Path, tmp_path: Path) -> None:
    """The names are then the file's."""
    small = Path(__file__).parents[1] / "data" / "kota_kecil.toml"
    file = town.write(tmp_path / "kel.geojson", town.features())
    assert suar("areas", "import", file, city=small).exit_code == 0
    assert imported(state, Level.KECAMATAN) == town.KECAMATAN
    assert imported(state, Level.JURISDICTION) == {"rwj7": "Kota Rawa Jati"}


def test_a_damaged_file_is_told_and_the_one_before_it_helps(suar: Suar, state: Path, tmp_path: Path) -> None:
    """Cut, of another format, or not a feature's: with its name and the way out."""
    file = town.write(tmp_path / "kel.geojson", town.features())
    for _ in range(2):
        suar("areas", "import", file)
    kept = state / "areas" / "areas.geojson"
    whole = kept.read_text()
    for damaged in (
        whole[:500],
        whole.replace('"format":1', '"format":2'),
        whole.replace('"level"', '"lebel"'),
    ):
        kept.write_text(damaged)
        with pytest.raises(AreasUnusable, match=r"areas\.geojson: .*put areas\.before\.geojson in its place"):
            storing.load(state / "areas")
    shutil.copy(kept.with_name("areas.before.geojson"), kept)
    assert storing.load(state / "areas").version == 1
    kept.unlink()
    shutil.rmtree(state / "areas")
    (state / "areas").touch()
    assert "areas.geojson: " in str(suar("areas", "import", file).exception)


def test_a_backup_has_the_areas(suar: Suar, state: Path, tmp_path: Path) -> None:
    """What was imported comes back; what has changed since is put aside."""
    file = town.write(tmp_path / "kel.geojson", town.features())
    suar("areas", "import", file)
    assert suar("backup", tmp_path / "monday").exit_code == 0
    suar("areas", "import", file)
    assert storing.load(state / "areas").version == 2
    restored = suar("restore", tmp_path / "monday", "--force")
    assert restored.exit_code == 0, restored.exception
    assert storing.load(state / "areas").version == 1
    assert [path for path in (state / "areas").iterdir() if ".replaced-" in path.name]


CSV = """\ufeffNama;Jenis;Lintang;Bujur;Alias
Masjid Al-Akbar;masjid;-7,3366;112,7150;Masjid Agung
Jalan Darmo;jalan;;;
"""


def test_places_are_imported_from_a_spreadsheet_and_found(suar: Suar, tmp_path: Path) -> None:
    """With decimal commas and semicolons, as a spreadsheet in Indonesian writes it; twice is once."""
    (tmp_path / "tempat.csv").write_text(CSV, "utf-8")
    for _ in range(2):
        result = suar("areas", "import-places", tmp_path / "tempat.csv")
        assert result.exit_code == 0, result.exception
    assert "1 places have a name and no coordinates" in result.output
    assert [line.split() for line in result.output.splitlines()[-2:]] == [["landmark", "1"], ["street", "1"]]
    assert "Masjid Al-Akbar  -7.33660, 112.71500" in suar("areas", "find", "mesjid agung").output
    assert "Jalan Darmo 8" in suar("areas", "find", "jl darmo 8").output


def test_pieces_of_a_street_are_one_and_its_namesake_another(suar: Suar, tmp_path: Path) -> None:
    """A map has a street in pieces; nameless ones, and what has no geometry to speak of, are passed over."""

    def line(name: str | None, *corners: list[float]) -> dict[str, Any]:
        geometry = {"type": "LineString", "coordinates": list(corners)}
        return {"type": "Feature", "properties": {"name": name, "highway": "primary"}, "geometry": geometry}

    features = [
        line("Jalan Darmo", [112.73, -7.28], [112.73, -7.29]),
        line("Jalan Darmo", [112.73, -7.29], [112.73, -7.30]),
        line("Jalan Darmo", [112.65, -7.20], [112.65, -7.21]),
        line(None, [112.65, -7.20], [112.65, -7.21]),
        {
            "type": "Feature",
            "properties": {"name": "Taman Bungkul", "amenity": "park"},
            "geometry": town.square(0, 0).__geo_interface__,
        },
    ]
    result = suar("areas", "import-places", town.write(tmp_path / "peta.geojson", features))
    assert [line.split() for line in result.output.splitlines()[-2:]] == [["landmark", "1"], ["street", "2"]]
    streets = suar("areas", "find", "jalan darmo").output
    assert "-7.29000, 112.73000" in streets
    assert "-7.20500, 112.65000" in streets
    assert "Taman Bungkul, park  -7.25500, 112.74500" in suar("areas", "find", "bungkul").output


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "Alamat,Lat\nx,1\n", "name: no column is called nama or name; it has: Alamat, Lat"),
        ("a.csv", "", "name: no column is called nama"),
        ("a.csv", "nama,lat,lon\nPasar,utara,112\n", "line 2 (Pasar): lat, lon = 'utara; 112': degrees"),
        ("a.csv", "nama,lat,lon\nPasar,-7.2,\n", "line 2 (Pasar): lat, lon = '-7.2; '"),
        ("a.csv", "nama,lat,lon\n,-7.2,112.7\n", "line 2: nama: is empty"),
        ("a.csv", "nama\n", "it has no places"),
        ("a.pdf", "x", "not a file that is read here"),
        ("a.geojson", "[]", "no GeoJSON with features"),
        (
            "a.geojson",
            '{"features": [{"properties": {"name": "A"}, '
            '"geometry": {"type": "Point", "coordinates": [7e5, 9e6]}}]}',
            "feature 1 (A): geometry: is not in degrees",
        ),
    ],
)
def test_places_that_cannot_be_read_name_the_line_and_the_field(
    suar: Suar, state: Path, tmp_path: Path, name: str, content: str, says: str
) -> None:
    """And nothing is imported."""
    (tmp_path / name).write_text(content)
    refused = suar("areas", "import-places", tmp_path / name)
    assert refused.exit_code != 0
    assert says in str(refused.exception)
    assert not (state / "areas").exists()

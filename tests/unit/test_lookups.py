"""Tables of lines and cells: read with an eye on every row, kept, and found again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from suar.location import read
from suar.location.shapes import ArcBand, Circle, Position
from suar.lookups import cells, lines
from suar.lookups.cells import Cell
from suar.lookups.errors import RowsInvalid, TableUnusable
from suar.lookups.imported import Tables
from suar.telephone import NumberPlan

PLAN = NumberPlan(area_code="31")
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
LINES = """Nomor;Jalan;No. Rumah;Kelurahan;Kecamatan;Kode Pos;Lat;Lon
(031) 5031234;Jl. Tunjungan;12;Genteng;Genteng;60275;-7,2589;112,7384
031-5035678;Jl. Raya Darmo;5;;;;;
"""
CELLS = """cgi,lat,lon,radius,azimuth,beam,site
510-10-4660-43981,-7.26,112.74,1500,350,60,SBY-01
510-10-300000001,-7.27,112.75,800,,,
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_a_line_is_found_by_its_number(tmp_path: Path) -> None:
    """However the table and the trunk write it; what the table does not know is left out."""
    tables = Tables(tmp_path / "kept")
    assert tables.line("+62315031234") is None
    assert tables.import_lines(written(tmp_path, LINES), PLAN) == 2
    line = tables.line("+62315031234")
    assert line is not None
    (claim,) = lines.claim(line, NOW).claims
    assert claim.civic == {
        "RD": "Jl. Tunjungan", "HNO": "12", "A5": "Genteng", "A4": "Genteng", "PC": "60275",
    }  # fmt: skip
    assert (claim.source, claim.latitude, claim.longitude, claim.uncertainty_m) == (
        "ali",
        -7.2589,
        112.7384,
        None,
    )
    plain = tables.line("+62315035678")
    assert plain is not None
    assert (plain.place, plain.civic) == (None, {"RD": "Jl. Raya Darmo", "HNO": "5"})
    assert tables.line("+62315039999") is None


def test_every_wrong_row_is_told_and_nothing_is_imported(tmp_path: Path) -> None:
    """With its line, its column and what would be right; the table from before stays."""
    tables = Tables(tmp_path / "kept")
    tables.import_lines(written(tmp_path, LINES), PLAN)
    wrong = (
        "number,street,lat,lon\n"
        ",Jl. A,,\n"
        "hello,Jl. A,,\n"
        "0315030001,,,\n"
        "0315030002,Jl. A,-7.2,\n"
        "0315030003,Jl. A,97,112\n"
        "0315030004,Jl. A,0,0\n"
        "0315030005,Jl. A,,\n"
        "5030005,Jl. B,,\n"
    )
    with pytest.raises(RowsInvalid) as refused:
        tables.import_lines(written(tmp_path, wrong), PLAN)
    assert [problem.partition(" (")[0] for problem in refused.value.problems] == [
        "line 2, nomor: is missing",
        "line 3, nomor: 'hello' is no telephone number",
        "line 4, jalan: there is neither an address nor a place",
        "line 5, lon: is missing: both, or neither",
        "line 6, lat: '97' is no number from -90 to 90",
        "line 7, lat: 0,0 is no place; leave both empty where it is not known",
        "line 9: the same as line 8; each may be there once",
    ]
    assert tables.line("+62315031234") is not None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column is known"), (b"a,b\n1,2\n", "no column is known"), (b"nomor\n", "has no rows"),
        (b"nomor,jalan\n\xff\xfe,x\n", "not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """With the way out; one that is not there, too."""
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(RowsInvalid, match=says):
        Tables(tmp_path).import_lines(path, PLAN)
    with pytest.raises(RowsInvalid, match="cannot be read"):
        Tables(tmp_path).import_lines(tmp_path / "nowhere.csv", PLAN)


def test_a_cell_is_a_sector_or_a_circle(tmp_path: Path) -> None:
    """A beam around north begins west of it."""
    tables = Tables(tmp_path / "kept")
    assert tables.import_cells(written(tmp_path, CELLS)) == 2
    sector = tables.cell({"cell_id": "510101234ABCD"})
    assert sector is not None
    assert sector.shape == ArcBand(Position(-7.26, 112.74), 0.0, 1500.0, 320.0, 60.0)
    (claim,) = cells.claim(sector, NOW, {"network_provided": True}).claims
    assert (claim.source, claim.method, claim.label) == ("cell", "Cell", "SBY-01")
    assert claim.flags == ()
    assert cells.claim(sector, NOW, {"network_provided": False}).claims[0].flags == ("cell-not-confirmed",)
    # A cell of the fourth generation is known without its area: 300000001 is 11E1A301.
    whole = tables.cell({"cell_id": "51010" + "12AB" + "1E1A301"})
    assert whole is None
    lte = Cell(cells.key("510", "10", None, 0x1E1A301), -7.3, 112.7, 500.0)
    assert lte.key in cells.keys_of({"cell_id": "5101012AB1E1A301"})
    assert lte.shape == Circle(Position(-7.3, 112.7), 500.0)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("x,-7,112,100,,", "line 2, cgi: 'x' is neither"),
        ("510-10-1-2,,112,100,,", "line 2, lat: is missing"),
        ("510-10-1-2,-7,112,,,", "line 2, radius: is missing"),
        ("510-10-1-2,-7,112,0,,", "line 2, radius: '0' is no number"),
        ("510-10-1-2,-7,112,100,90,", "line 2, beam: is missing"),
        ("510-10-1-2,-7,112,100,400,60", "line 2, azimuth: '400' is no number"),
    ],
)
def test_a_wrong_cell_says_what_is_wrong(tmp_path: Path, row: str, says: str) -> None:
    """By line and column."""
    with pytest.raises(RowsInvalid) as refused:
        Tables(tmp_path).import_cells(written(tmp_path, f"cgi,lat,lon,radius,azimuth,beam\n{row}\n"))
    assert says in str(refused.value)


def test_columns_of_their_own_name_a_cell_as_well(tmp_path: Path) -> None:
    """As planning tools export them."""
    text = "MCC,MNC,LAC,CI,Latitude,Longitude,Radius\n510,10,4660,43981,-7.26,112.74,900\n"
    tables = Tables(tmp_path)
    tables.import_cells(written(tmp_path, text))
    assert tables.cell({"cell_id": "510101234ABCD"}) is not None


def test_a_cell_is_found_by_its_carriers_own_name_for_it(tmp_path: Path) -> None:
    """Two carriers may have the same; one that the table gives to no carrier is any carrier's."""
    text = (
        "kode,carrier,cgi,lat,lon,radius\n"
        "SBY0123,telkomsel,510-10-4660-43981,-7.26,112.74,900\n"
        "sby0123,indosat,,-7.30,112.70,700\n"
        "Wonokromo,,,-7.29,112.73,2000\n"
    )
    tables = Tables(tmp_path)
    assert tables.import_cells(written(tmp_path, text), ["telkomsel", "indosat"]) == 3

    def latitude(code: str, carrier: str) -> float | None:
        cell = tables.cell({"code": code, "carrier": carrier})
        return None if cell is None else cell.latitude

    assert [latitude("sby0123", one) for one in ("telkomsel", "indosat", "telkom")] == [-7.26, -7.30, None]
    assert [latitude("WONOKROMO", one) for one in ("telkomsel", "")] == [-7.29, -7.29]
    by_identity = tables.cell({"cell_id": "510101234ABCD"})
    assert by_identity is not None
    assert (by_identity.latitude, by_identity.name) == (-7.26, "SBY0123")


def test_a_carrier_that_the_city_does_not_have_is_told(tmp_path: Path) -> None:
    """And a code that two rows of one carrier have."""
    text = (
        "kode,carrier,lat,lon,radius\nA1,tsel,-7.2,112.7,900\nA1,telkomsel,-7.2,112.7,900\n"
        "a1,telkomsel,-7.3,112.7,900\n"
    )
    with pytest.raises(RowsInvalid) as refused:
        Tables(tmp_path).import_cells(written(tmp_path, text), ["telkomsel"])
    assert refused.value.problems == (
        "line 2, carrier: 'tsel' is no carrier's id; there are telkomsel",
        "line 4: the same as line 3; each may be there once",
    )


def test_what_a_carrier_writes_is_found_in_the_table(tmp_path: Path) -> None:
    """From P-Access-Network-Info of a whole INVITE to the sector."""
    tables = Tables(tmp_path)
    tables.import_cells(written(tmp_path, CELLS))
    invite = (
        b"INVITE sip:112@x SIP/2.0\r\nCall-ID: 1\r\nFrom: <sip:+628121234567@x>;tag=1\r\nTo: <sip:112@x>\r\n"
        b"P-Access-Network-Info: 3GPP-GERAN;cgi-3gpp=510101234ABCD;network-provided\r\n\r\n"
    )
    (access,) = read(invite, NOW).call["access_networks"]
    found = tables.cell(access)
    assert found is not None
    assert found.name == "SBY-01"
    assert tables.cell({"cell_id": None}) is tables.cell({}) is None


def test_a_damaged_table_says_what_to_do(tmp_path: Path) -> None:
    """Import it again."""
    (tmp_path / "lines.sqlite").write_bytes(b"this is no database, and longer than its header would be" * 40)
    with pytest.raises(TableUnusable, match="import the table again"):
        Tables(tmp_path).line("+62315031234")

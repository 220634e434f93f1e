"""Fixed lines and where they end (ALI): a number, the parts of its address, and coordinates if known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from suar.location import Claim, Reading
from suar.location.claim import Identity
from suar.location.shapes import Point, Position
from suar.lookups.rows import CellInvalid, Row
from suar.telephone import NumberPlan

SOURCE = "ali"
COLUMNS = {
    "number": "nomor number telepon notelepon notelp nomortelepon telephone phone msisdn",
    "RD": "jalan street road namajalan rd",
    "HNO": "nomorrumah norumah housenumber no hno",
    "BLD": "gedung building bld",
    "FLR": "lantai floor flr",
    "UNIT": "unit kamar room",
    "A6": "rtrw rt rw a6",
    "A5": "kelurahan desa village a5",
    "A4": "kecamatan district a4",
    "A3": "kota kabupaten city a3",
    "PC": "kodepos postalcode postcode pc",
    "NAM": "nama name namatempat nam",
    "LOC": "patokan keterangan remark landmark loc",
    "lat": "lat latitude lintang",
    "lon": "lon lng long longitude bujur",
}
"""By the names of RFC 5139 in Indonesia's order: city A3, kecamatan A4, kelurahan A5, RT/RW A6."""
_ADDRESS = tuple(name for name in COLUMNS if name not in {"number", "lat", "lon"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``civic`` by the names of RFC 5139."""

    number: str
    civic: dict[str, str]
    place: tuple[float, float] | None = None


def read_line(row: Row, plan: NumberPlan) -> Line:
    """Read a row. Raises CellInvalid."""
    number = plan.to_e164(row.fields.get("number"))
    if number is None:
        told = row.fields.get("number")
        raise CellInvalid("number", f"{told!r} is no telephone number" if told else "is missing")
    civic = {name: row.fields[name] for name in _ADDRESS if name in row.fields}
    place = row.place()
    if not civic and place is None:
        raise CellInvalid("RD", "there is neither an address nor a place")
    return Line(number, civic, place)


def claim(line: Line, at: datetime) -> Reading:
    """Return what a line says of a caller; where it ends, it ended at any time."""
    shape = None if line.place is None else Point(Position(*line.place))
    told = Claim(
        SOURCE,
        at,
        shape=shape,
        civic=dict(line.civic),
        method="Manual",
        fix_at=at,
        identity=Identity(number=line.number),
    )
    return Reading(SOURCE, (told,))

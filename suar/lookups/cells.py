"""Mobile cells and where they serve: a sector of a ring around the mast, or a circle."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from suar.location import Claim, Flag, Reading
from suar.location.shapes import ArcBand, Circle, Position, Shape
from suar.lookups.rows import CellInvalid, Row

SOURCE = "cell"
COLUMNS = {
    "cell": "cgi ecgi ncgi cellid cgiecgi cell",
    "mcc": "mcc",
    "mnc": "mnc",
    "area": "lac tac area",
    "ci": "ci eci nci cid",
    "code": "kode code kodesel kodebts idbts btsid siteid sectorid",
    "carrier": "carrier penyelenggara",
    "lat": "lat latitude lintang",
    "lon": "lon lng long longitude bujur",
    "radius": "radius radiusm range jangkauan",
    "azimuth": "azimuth azimut arah bearing",
    "beam": "beam beamwidth lebar hbw",
    "name": "nama name site sitename",
}
_DASHED = re.compile(r"(\d{3})[-:.](\d{2,3})(?:[-:.](\d{1,8}))?[-:.](\d{1,11})", re.ASCII)
_PACKED = {13: (2, 4), 14: (3, 4), 16: (2, 4), 17: (3, 4), 20: (2, 6), 21: (3, 6)}
"""By the length of a CGI, ECGI or NCGI with its area (RFC 7315): digits of the MNC and of the area."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. Degrees, metres; ``azimuth_deg`` is where its beam points, clockwise from north."""

    key: str
    latitude: float
    longitude: float
    radius_m: float
    azimuth_deg: float | None = None
    beam_deg: float | None = None
    name: str | None = None
    code: str | None = None
    """Its carrier's own name for it, as :func:`code_key` makes a key of it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Everything that it is found by."""
        return tuple(dict.fromkeys(one for one in (self.key, self.code) if one))

    @property
    def shape(self) -> Shape:
        """Where its callers are."""
        mast = Position(self.latitude, self.longitude)
        if self.azimuth_deg is None or self.beam_deg is None or self.beam_deg >= 360:
            return Circle(mast, self.radius_m)
        start = (self.azimuth_deg - self.beam_deg / 2) % 360
        return ArcBand(mast, 0.0, self.radius_m, start, self.beam_deg)


def key(mcc: str, mnc: str, area: int | None, cell: int) -> str:
    """Return how a cell is kept: numbers without leading zeros; an ECGI or NCGI stands without its area."""
    return f"{mcc}-{mnc}-{'' if area is None else area}-{cell}"


def code_key(carrier: str, code: str) -> str:
    """Return how a carrier's own name of a cell is kept; of no carrier (``""``) it is any carrier's."""
    return f"{carrier}/{code.casefold()}"


def read_cell(row: Row, carriers: Collection[str]) -> Cell:
    """Read a row; ``carriers`` are those that the city file knows. Raises CellInvalid."""
    place = row.place()
    if place is None:
        raise CellInvalid("lat", "is missing")
    radius = row.number("radius", 1, 200_000)
    if radius is None:
        raise CellInvalid("radius", "is missing: how far the cell reaches, in metres")
    azimuth, beam = row.number("azimuth", 0, 360), row.number("beam", 1, 360)
    if (azimuth is None) != (beam is None) and beam != 360:
        raise CellInvalid("azimuth" if azimuth is None else "beam", "is missing: both, or neither")
    carrier, code = row.fields.get("carrier", ""), row.fields.get("code")
    if carrier and carrier not in carriers:
        raise CellInvalid("carrier", f"{carrier!r} is no carrier's id; there are {', '.join(carriers)}")
    named = code_key(carrier, code) if code else None
    has_identity = any(name in row.fields for name in ("cell", "mcc", "mnc", "area", "ci"))
    identity = _key(row) if has_identity or named is None else named
    return Cell(identity, *place, radius, azimuth, beam, row.fields.get("name") or code, named)


def _key(row: Row) -> str:
    text = row.fields.get("cell")
    if text is not None:
        found = parse(text)
        if found is None:
            raise CellInvalid("cell", f"{text!r} is neither 510-10-4660-43981 nor as RFC 7315 writes it")
        return found
    parts = {name: row.fields.get(name, "") for name in ("mcc", "mnc", "area", "ci")}
    for name, form in (("mcc", r"\d{3}"), ("mnc", r"\d{2,3}"), ("area", r"\d{0,8}"), ("ci", r"\d{1,11}")):
        if not re.fullmatch(form, parts[name], re.ASCII):
            raise CellInvalid(name, f"{parts[name]!r} is no such number" if parts[name] else "is missing")
    return key(parts["mcc"], parts["mnc"], int(parts["area"]) if parts["area"] else None, int(parts["ci"]))


def parse(text: str) -> str | None:
    """Return the key of ``510-10-4660-43981``, ``510-10-<ECI>`` or RFC 7315's digits; None if neither."""
    if found := _DASHED.fullmatch(text.strip()):
        return key(found[1], found[2], int(found[3]) if found[3] else None, int(found[4]))
    packed = text.strip()
    if len(packed) not in _PACKED or not re.fullmatch(r"\d{5}[0-9A-Fa-f]+", packed, re.ASCII):
        return None
    mnc, area = _PACKED[len(packed)]
    network, rest = packed[: 3 + mnc], packed[3 + mnc :]
    if not network.isdecimal():
        return None
    return key(network[:3], network[3:], int(rest[:area], 16), int(rest[area:], 16))


def keys_of(access: Mapping[str, Any]) -> list[str]:
    """Return under which keys the cell of an access network may be kept, the most exact first.

    ``access`` is as `suar.location` reads P-Access-Network-Info (RFC 7315, section 5.4), or a carrier's own
    header.
    """
    if code := access.get("code"):
        return [code_key(str(access.get("carrier") or ""), str(code)), code_key("", str(code))]
    whole = parse(str(access.get("cell_id") or ""))
    if whole is None:
        return []
    mcc, mnc, _, cell = whole.split("-")
    # Only cells of the fourth and fifth generation are told apart without their area.
    return [whole, key(mcc, mnc, None, int(cell))] if int(cell) > 0xFFFF else [whole]


def claim(cell: Cell, at: datetime, access: Mapping[str, Any]) -> Reading:
    """Return what the cell of an access network says of a caller: where it serves."""
    flags = () if access.get("network_provided") else (str(Flag.CELL_NOT_CONFIRMED),)
    told = Claim(SOURCE, at, shape=cell.shape, label=cell.name, method="Cell", fix_at=at, flags=flags)
    return Reading(SOURCE, (told,))

"""Civic addresses: RFC 5139, its extensions (RFC 6848), and what came before (RFC 4119)."""

from __future__ import annotations

import re

from suar.location.faults import Fault
from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.pidf_lo import namespaces as ns

RFC_5139 = (
    "country", "A1", "A2", "A3", "A4", "A5", "A6", "PRM", "PRD", "RD", "STS", "POD", "POM", "RDSEC", "RDBR",
    "RDSUBBR", "HNO", "HNS", "LMK", "LOC", "FLR", "NAM", "PC", "BLD", "UNIT", "ROOM", "SEAT", "PLC", "PCN",
    "POBOX", "ADDCODE",
)  # fmt: skip
RFC_6848 = ("PN", "MP", "STP", "HNP")
LONGEST = 255
"""Characters of one part: RFC 4776 has no room for more."""
MOST_PARTS = 80

_NAMES = {name.lower(): name for name in (*RFC_5139, *RFC_6848)}
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,39}", re.ASCII)


def is_civic(element: Element) -> bool:
    """Whether it is a civic address."""
    return element.key in {"civicaddress", "civicloc"}


def read_civic(element: Element, notes: Notes) -> tuple[dict[str, str], str | None] | None:
    """Return the address's parts and its language, or None if it says nothing.

    Parts that are not known are kept under their own name: RFC 6848, section 4, has a recipient keep them.
    """
    ns.check(element, "civicAddress", ns.CIVIC, notes=notes)
    parts: dict[str, str] = {}
    for child in element.children[:MOST_PARTS]:
        text = " ".join(child.text.split())
        if not child.is_whole or not text:
            continue
        name = _NAMES.get(child.key)
        if name is None:
            if not _NAME.fullmatch(child.name):
                continue
            notes.flag(Flag.CIVIC_UNKNOWN_ELEMENT)
            name = child.name
        else:
            own = (ns.CIVIC, ns.CIVIC_EXTENSION) if name in RFC_6848 else (ns.CIVIC,)
            ns.check(child, name, *own, notes=notes)
        if len(text) > LONGEST:
            notes.flag(Flag.CIVIC_TOO_LONG)
            text = text[:LONGEST]
        if name == "country":
            text = _country(text, notes)
        if name in parts:
            notes.flag(Flag.CIVIC_REPEATED)
            # Only a landmark may be repeated; of anything else the first is the better one.
            text = f"{parts[name]}; {text}"[:LONGEST] if name == "LMK" else parts[name]
        parts[name] = text
    if not parts:
        notes.fault(Fault.CIVIC_EMPTY, "The civic address has no part with text.", element.where)
        return None
    if set(parts) == {"country"}:
        notes.flag(Flag.CIVIC_COUNTRY_ONLY)
    return parts, element.attributes.get("lang", "").strip() or None


def _country(text: str, notes: Notes) -> str:
    if len(text) == 2 and text.isascii() and text.isalpha() and text.isupper():
        return text
    notes.flag(Flag.CIVIC_COUNTRY)
    return text.upper() if len(text) == 2 and text.isascii() and text.isalpha() else text

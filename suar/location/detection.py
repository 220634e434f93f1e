"""What kind of document it is, and which reader reads it."""

from __future__ import annotations

from datetime import datetime

from suar.location import aml, pidf_lo
from suar.location.armour import undress
from suar.location.decoding import decode
from suar.location.faults import DocumentRefused, Fault, Problem
from suar.location.flags import Flag
from suar.location.markup import parse
from suar.location.notes import Notes
from suar.location.reading import Reading

MOST_BYTES = 1024 * 1024


def read(data: bytes, received_at: datetime) -> Reading:
    """Read a document of any kind that a location comes in. Never raises.

    ``received_at`` is aware of its zone: the age of a fix, and times in the future, are told from it.
    """
    if not data.strip(b" \t\r\n\0"):
        return _refused(Fault.EMPTY, "The document is empty.")
    if len(data) > MOST_BYTES:
        return _refused(
            Fault.TOO_LARGE, f"The document has {len(data)} bytes: at most {MOST_BYTES} are read."
        )
    return _read(data, received_at, Notes(), may_undress=True)


def _read(data: bytes, received_at: datetime, notes: Notes, may_undress: bool) -> Reading:
    packed = aml.find_packed(data)
    if packed is not None:
        notes.flag(Flag.DECODED_SEPTETS)
        return aml.read_sms(packed, received_at, notes)
    text = decode(data, notes)
    if text.lstrip().startswith("<"):
        return _xml(text, received_at, notes)
    if aml.is_sms(text):
        return aml.read_sms(text, received_at, notes)
    if may_undress:
        mine = Notes()
        inside = undress(text, mine)
        if inside is not None:
            notes.merge(mine)
            return _read(inside, received_at, notes, may_undress=False)
    if aml.is_form(text):
        return aml.read_form(text, received_at, notes)
    return _refused(
        Fault.KIND_UNKNOWN,
        "This is neither a SIP message, PIDF-LO, HELD nor AML. Give one of them, whole and as received.",
        notes,
    )


def _xml(text: str, received_at: datetime, notes: Notes) -> Reading:
    try:
        root = parse(text, notes)
    except DocumentRefused as refused:
        return Reading("unknown", flags=notes.flags, errors=(*notes.problems, refused.problem))
    return pidf_lo.read_root(root, received_at, notes)


def _refused(fault: Fault, message: str, notes: Notes | None = None) -> Reading:
    return Reading("unknown", flags=notes.flags if notes else (), errors=(Problem(fault, message),))

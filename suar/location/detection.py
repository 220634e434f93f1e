"""What kind of document it is, and which reader reads it."""

from __future__ import annotations

from datetime import datetime

from suar.location import aml, held, pidf_lo, sip
from suar.location.additional import block_name, read_block
from suar.location.armour import undress
from suar.location.decoding import decode
from suar.location.faults import DocumentRefused, Fault, Problem
from suar.location.flags import Flag
from suar.location.markup import parse
from suar.location.notes import Notes
from suar.location.reading import Reading
from suar.location.sip.message import split

MOST_BYTES = 512 * 1024
MOST_LAYERS = 2
"""How often a document may be inside of something: hexadecimal, base64, an HTTP message."""


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
    return _read(data, received_at, Notes(), layers=MOST_LAYERS)


def _read(data: bytes, received_at: datetime, notes: Notes, layers: int) -> Reading:
    packed = aml.find_packed(data)
    if packed is not None:
        notes.flag(Flag.DECODED_SEPTETS)
        return aml.read_sms(packed, received_at, notes)
    if sip.looks_like(data):
        return _message(data, received_at, notes, layers)
    text = decode(data, notes)
    if text.lstrip().startswith("<"):
        return _xml(text, received_at, notes)
    if aml.is_sms(text):
        return aml.read_sms(text, received_at, notes)
    if layers:
        mine = Notes()
        inside = undress(text, mine)
        if inside is not None:
            notes.merge(mine)
            return _read(inside, received_at, notes, layers=layers - 1)
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
    if held.is_held(root):
        return held.read_root(root, received_at, notes)
    if block_name(root) is not None:
        return Reading("additional-data", additional_data=(read_block(root, notes),), flags=notes.flags)
    return pidf_lo.read_root(root, received_at, notes)


def _message(data: bytes, received_at: datetime, notes: Notes, layers: int) -> Reading:
    """A SIP message; of an HTTP message what it carries, unless that is a message's body itself."""
    message = split(data, notes)
    if message.is_http and not (message.first("content-type") or "").lower().startswith("multipart/"):
        if not message.body.strip():
            return _refused(Fault.EMPTY, "The HTTP message has no body.", notes)
        if not layers:
            return _refused(Fault.KIND_UNKNOWN, "There are HTTP messages in HTTP messages in it.", notes)
        return _read(message.body, received_at, Notes(), layers=layers - 1)
    return sip.read(message, received_at, notes)


def _refused(fault: Fault, message: str, notes: Notes | None = None) -> Reading:
    return Reading("unknown", flags=notes.flags if notes else (), errors=(Problem(fault, message),))

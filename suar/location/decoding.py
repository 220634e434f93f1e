"""Bytes to characters, for documents that say the wrong thing about themselves, or nothing."""

from __future__ import annotations

import codecs
import re

from suar.location.flags import Flag
from suar.location.notes import Notes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # Before UTF-16: its mark begins with UTF-16's.
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", re.IGNORECASE)
_SINGLE_BYTE = re.compile(r"(iso8859-\d{1,2}|cp125\d|ascii|koi8-[ru])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def decode(data: bytes, notes: Notes) -> str:
    """Return the text. Nothing that bytes can be makes it fail; what had to be assumed is flagged.

    A mark decides, then NULs that give UTF-16 away, then UTF-8 if that is what the bytes are, then what an
    XML declaration says, and at last Windows-1252, which is what unlabelled bytes mostly are.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            notes.flag(Flag.BYTE_ORDER_MARK)
            return _without_controls(_strictly(data[len(mark) :], encoding, notes), notes)
    if (guessed := _by_nuls(data)) is not None:
        return _without_controls(_strictly(data, guessed, notes), notes)
    declared = _declared(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        if declared is None or not _SINGLE_BYTE.fullmatch(declared) or declared == "ascii":
            notes.flag(Flag.ENCODING_WRONG)
            declared = "cp1252"
        text = data.decode(declared, "replace")
    else:
        is_wide = declared is not None and declared.startswith(("utf-16", "utf-32"))
        if is_wide or (declared not in {None, "utf-8"} and not data.isascii()):
            notes.flag(Flag.ENCODING_WRONG)
    return _without_controls(text.removeprefix("\ufeff"), notes)


def _by_nuls(data: bytes) -> str | None:
    start = data[:4]
    if len(start) < 4 or start.count(0) != 2:
        return None
    if start[0] == 0 == start[2]:
        return "utf-16-be"
    return "utf-16-le" if start[1] == 0 == start[3] else None


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:400])
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name


def _strictly(data: bytes, encoding: str, notes: Notes) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        notes.flag(Flag.ENCODING_WRONG)
        return data.decode(encoding, "replace")


def _without_controls(text: str, notes: Notes) -> str:
    if not _CONTROL.search(text):
        return text
    notes.flag(Flag.CONTROL_CHARACTERS)
    return _CONTROL.sub("", text)

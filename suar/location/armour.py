"""Bytes that were made into text on their way: hexadecimal and base64."""

from __future__ import annotations

import base64
import binascii
import re

from suar.location.flags import Flag
from suar.location.notes import Notes

_SPACE = re.compile(r"[\s:]+")
_HEX = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2}){10,})", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}", re.ASCII)
_URL_SAFE = str.maketrans("-_", "+/")
LONGEST = 256 * 1024


def undress(text: str, notes: Notes) -> bytes | None:
    """Return the bytes that a text is in hexadecimal or base64; None if it is neither."""
    if len(text) > LONGEST:
        return None
    body = _SPACE.sub("", text)
    found = _HEX.fullmatch(body)
    if found is not None:
        notes.flag(Flag.DECODED_HEX)
        return bytes.fromhex(found[1])
    if _BASE64.fullmatch(body):
        try:
            data = base64.b64decode(
                body.replace("-", "+").replace("_", "/") + "=" * (-len(body) % 4), validate=True
            )
        except (binascii.Error, ValueError):
            return None
        notes.flag(Flag.DECODED_BASE64)
        return data
    return None

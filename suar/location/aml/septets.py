"""The GSM 7-bit alphabet, packed: a data SMS as it comes from a modem (3GPP TS 23.038, 6.1.2 and 6.2.1)."""

from __future__ import annotations

_START = 'A"ML='
_FURTHEST = 48
"""Bytes that a transfer unit's and a user data's headers may take before the text."""
_OTHERS = {0x00: "@", 0x02: "$", 0x11: "_"}


def unpack(data: bytes, shift: int = 0) -> str:
    """Return the text of packed septets, which begin ``shift`` bits into the data."""
    number = int.from_bytes(data, "little") >> shift
    count = (len(data) * 8 - shift) // 7
    packed = number.to_bytes(len(data) + 1, "little")
    codes = []
    for index in range(count):
        at, bit = divmod(index * 7, 8)
        codes.append((packed[at] | packed[at + 1] << 8) >> bit & 0x7F)
    return "".join(_OTHERS.get(code, chr(code)) for code in codes).rstrip("@\r\n\0 ")


def find_packed(data: bytes) -> str | None:
    """Return the AML text that is packed in the data, after whatever headers; None if there is none.

    A user data header leaves the text on a septet's boundary and so up to six bits into a byte
    (3GPP TS 23.040, 9.2.3.24).
    """
    if not 20 <= len(data) <= 400:
        return None
    for start in range(min(_FURTHEST, len(data) - 5)):
        for shift in range(7):
            if unpack(data[start : start + 6], shift).startswith(_START):
                return unpack(data[start:], shift)
    return None

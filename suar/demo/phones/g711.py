"""A-law of ITU-T G.711, as tables."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


def _expand(code: int) -> int:
    """Return the 16-bit sample of one code (G.711, table 1a; even bits inverted)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    value = (mantissa << 4) + 8
    if exponent:
        value = (value + 256) << (exponent - 1)
    return value if code & 0x80 else -value


_SAMPLES = array("h", (_expand(code) for code in range(256)))


def _compress_table() -> bytes:
    """Return the nearest code for each 16-bit sample, by its upper 13 bits."""
    codes = sorted(range(256), key=lambda code: _SAMPLES[code])
    levels = [_SAMPLES[code] for code in codes]
    table = bytearray()
    place = 0
    for step in range(-4096, 4096):
        sample = step * 8 + 4
        while place < 255 and abs(levels[place + 1] - sample) <= abs(levels[place] - sample):
            place += 1
        table.append(codes[place])
    return bytes(table)


_CODES = _compress_table()


def encode(samples: Iterable[int]) -> bytes:
    """Return the A-law of 16-bit samples."""
    return bytes(_CODES[(sample >> 3) + 4096] for sample in samples)


def decode(codes: bytes) -> array[int]:
    """Return the 16-bit samples of A-law."""
    return array("h", (_SAMPLES[code] for code in codes))

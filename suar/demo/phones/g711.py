"""A-law and µ-law of ITU-T G.711, as tables."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

_SHIFT = 2  # Both laws decide by the upper 14 of 16 bits at most.


def _expand_a(code: int) -> int:
    """Return the 16-bit sample of one A-law code (G.711, table 1a; even bits inverted)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    value = (mantissa << 4) + 8
    if exponent:
        value = (value + 256) << (exponent - 1)
    return value if code & 0x80 else -value


def _expand_u(code: int) -> int:
    """Return the 16-bit sample of one µ-law code (G.711, table 2a; all bits inverted)."""
    code ^= 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    value = (((mantissa << 3) + 132) << exponent) - 132
    return -value if code & 0x80 else value


def _compress_table(samples: array[int]) -> bytes:
    """Return the nearest code for each 16-bit sample, by its upper bits; of two equals the greater."""
    codes = sorted(range(256), key=lambda code: samples[code])
    levels = [samples[code] for code in codes]
    table = bytearray()
    place = 0
    half = 1 << (_SHIFT - 1)
    for sample in range(-32768 + half, 32768, 2 * half):
        while place < 255 and abs(levels[place + 1] - sample) <= abs(levels[place] - sample):
            place += 1
        table.append(codes[place])
    return bytes(table)


@dataclass(frozen=True, slots=True)
class Law:
    """One way to put a sample into eight bits."""

    name: str
    """As SDP calls it."""
    payload_type: int
    """RFC 3551, table 4."""
    samples: array[int] = field(repr=False)
    codes: bytes = field(repr=False)

    def encode(self, samples: Iterable[int]) -> bytes:
        """Return the codes of 16-bit samples."""
        codes = self.codes
        return bytes([codes[(sample + 32768) >> _SHIFT] for sample in samples])

    def decode(self, codes: bytes) -> array[int]:
        """Return the 16-bit samples of codes."""
        return array("h", map(self.samples.__getitem__, codes))


_A_SAMPLES = array("h", map(_expand_a, range(256)))
_U_SAMPLES = array("h", map(_expand_u, range(256)))

A_LAW = Law("PCMA", 8, _A_SAMPLES, _compress_table(_A_SAMPLES))
U_LAW = Law("PCMU", 0, _U_SAMPLES, _compress_table(_U_SAMPLES))
LAWS = {law.payload_type: law for law in (A_LAW, U_LAW)}

encode = A_LAW.encode
decode = A_LAW.decode

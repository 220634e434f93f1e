"""RTP packets (RFC 3550) and telephone events (RFC 4733), as bytes and back."""

from __future__ import annotations

import struct
from dataclasses import dataclass

EVENTS = 101
"""The payload type of telephone events, as our SDP names it."""
RATE = 8000
FRAME = 160
"""Samples in a packet: 20 ms at 8 kHz."""

DIGITS = "0123456789*#ABCD"
"""Keys, by the number of their event (RFC 4733, table 3)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def encode(self) -> bytes:
        """Return the packet as it goes over the wire."""
        second = self.payload_type | (0x80 if self.marker else 0)
        head = struct.pack(
            "!BBHII", 0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc
        )
        return head + self.payload


def decode(data: bytes) -> Packet | None:
    """Return the packet in a datagram, or None if it is none."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    start = 12 + 4 * (first & 15)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * struct.unpack_from("!H", data, start + 2)[0]
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if start > end:
        return None
    return Packet(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80))


def event_payload(digit: str, duration: int, is_end: bool) -> bytes:
    """Return the payload of a telephone event (RFC 4733, 2.3): volume -10 dBm0, duration in samples."""
    return struct.pack("!BBH", DIGITS.index(digit), (0x80 if is_end else 0) | 10, duration)


def event_digit(payload: bytes) -> tuple[str, bool] | None:
    """Return the digit of a telephone event and whether it ends here, or None if it is none."""
    if len(payload) < 4 or payload[0] >= len(DIGITS):
        return None
    return DIGITS[payload[0]], bool(payload[1] & 0x80)

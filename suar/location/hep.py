"""HEP version 3, as Asterisk's res_hep sends it: a SIP message as it was on the wire, in typed chunks.

A packet is ``HEP3``, its whole length, and chunks of vendor, type, length and content, all in network order
(The HEP/EEP encapsulation protocol, revision 12). Pure: a packet that is none is None.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

MAGIC = b"HEP3"
HEAD = struct.Struct("!4sH")
CHUNK = struct.Struct("!HHH")
GENERIC = 0
_PROTOCOL, _KEY, PAYLOAD, _ZIPPED, _CORRELATION = 11, 14, 15, 16, 17
SIP = 1
"""The protocol type of a SIP message."""
MOST_CHUNKS = 64
MOST_BYTES = 512 * 1024
"""What a compressed payload may become."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One captured message."""

    protocol: int
    payload: bytes
    correlation: str | None
    """For SIP from Asterisk the Call-ID, if hep.conf says ``uuid_type = call-id``."""
    key: bytes | None
    """The shared password; None where none came."""


def read_packet(data: bytes) -> Packet | None:
    """Return the message of a packet; None for what is not one, is cut, or carries nothing."""
    if len(data) < HEAD.size:
        return None
    magic, length = HEAD.unpack_from(data)
    if magic != MAGIC or length > len(data):
        return None
    chunks = _chunks(data[HEAD.size : length])
    if chunks is None:
        return None
    payload = chunks.get(PAYLOAD)
    if payload is None and (zipped := chunks.get(_ZIPPED)) is not None:
        payload = _unzip(zipped)
    protocol = chunks.get(_PROTOCOL, b"")
    if not payload or len(protocol) != 1:
        return None
    told = chunks.get(_CORRELATION)
    correlation = told.rstrip(b"\0").decode("utf-8", "replace") if told else None
    return Packet(protocol[0], payload, correlation, chunks.get(_KEY))


def call_id_of(message: bytes) -> str | None:
    """Return a SIP message's Call-ID (RFC 3261, 20.8); None where it has none."""
    head = message.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() in {b"call-id", b"i"}:
            return value.strip().decode("utf-8", "replace") or None
    return None


def _chunks(data: bytes) -> dict[int, bytes] | None:
    """The generic chunks by their type, the first of each; None where they do not add up."""
    found: dict[int, bytes] = {}
    at = 0
    for _ in range(MOST_CHUNKS):
        if at == len(data):
            return found
        if at + CHUNK.size > len(data):
            return None
        vendor, kind, length = CHUNK.unpack_from(data, at)
        if length < CHUNK.size or at + length > len(data):
            return None
        if vendor == GENERIC:
            found.setdefault(kind, data[at + CHUNK.size : at + length])
        at += length
    return None


def _unzip(data: bytes) -> bytes | None:
    """Undo zlib's or gzip's compression, up to a limit: a small packet must not become a large one."""
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        whole = inflater.decompress(data, MOST_BYTES)
    except zlib.error:
        return None
    return whole if inflater.eof else None

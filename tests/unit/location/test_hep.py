"""HEPv3: what Asterisk's res_hep sends is read, and what is no packet is nothing."""

from __future__ import annotations

import struct
import zlib

import pytest

from suar.location.hep import MOST_BYTES, call_id_of, read_packet

INVITE = b"INVITE sip:112@psap SIP/2.0\r\nVia: x\r\nCall-ID: a1@carrier\r\n\r\nbody"


def chunk(kind: int, content: bytes, vendor: int = 0) -> bytes:
    return struct.pack("!HHH", vendor, kind, 6 + len(content)) + content


def packed(*chunks: bytes) -> bytes:
    inside = b"".join(chunks)
    return struct.pack("!4sH", b"HEP3", 6 + len(inside)) + inside


def captured(payload: bytes = INVITE, key: bytes | None = b"key") -> bytes:
    """As res_hep orders it."""
    return packed(
        chunk(1, b"\x02"), chunk(2, b"\x11"), chunk(3, b"\x7f\0\0\1"), chunk(4, b"\x7f\0\0\1"),
        chunk(7, b"\x13\xc4"), chunk(8, b"\x13\xc4"), chunk(9, b"\0\0\0\1"), chunk(10, b"\0\0\0\1"),
        chunk(11, b"\x01"), chunk(12, b"\0\0\0\x70"), *([chunk(14, key)] if key else []),
        chunk(17, b"a1@carrier"), chunk(15, payload),
    )  # fmt: skip


def test_a_copied_message_is_whole() -> None:
    """With its protocol, its correlation and the password."""
    found = read_packet(captured())
    assert found is not None
    assert (found.protocol, found.payload, found.correlation, found.key) == (1, INVITE, "a1@carrier", b"key")
    assert read_packet(captured() + b"after") == found
    assert (bare := read_packet(captured(key=None))) is not None
    assert bare.key is None


def test_a_compressed_payload_is_unpacked_up_to_a_limit() -> None:
    """A small packet never becomes a large one."""
    one = read_packet(packed(chunk(11, b"\x01"), chunk(16, zlib.compress(INVITE))))
    assert one is not None
    assert one.payload == INVITE
    bomb = zlib.compress(bytes(MOST_BYTES + 1))
    assert read_packet(packed(chunk(11, b"\x01"), chunk(16, bomb))) is None
    assert read_packet(packed(chunk(11, b"\x01"), chunk(16, b"no"))) is None


def test_others_chunks_are_passed_over() -> None:
    """Of another vendor; repeated ones; of a type that is not known."""
    strange = packed(
        chunk(15, b"theirs", 9), chunk(99, b"?"), chunk(11, b"\x01"), chunk(15, b"a"), chunk(15, b"b")
    )
    found = read_packet(strange)
    assert found is not None
    assert found.payload == b"a"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"HEP3", b"HEP2\x00\x06", b"HEP3\x00\x06", b"HEP3\x00\xff", captured()[:-1],
        packed(chunk(15, b"a")), packed(chunk(11, b"\x01")), packed(chunk(11, b"\x01\x01"), chunk(15, b"a")),
        packed(chunk(11, b"\x01"), b"\0\0\0\x0f\0\x05"), packed(chunk(11, b"\x01"), b"\0\0\0\x0f\0\xff"),
        packed(chunk(11, b"\x01"), b"\0"),
        packed(*[chunk(99, b"")] * 70, chunk(11, b"\x01"), chunk(15, b"a")),
    ],
)  # fmt: skip
def test_what_is_no_packet_is_none(data: bytes) -> None:
    """Cut, lying about its length, empty."""
    assert read_packet(data) is None


def test_no_damage_raises() -> None:
    """Every byte of a packet changed in turn."""
    whole = captured()
    for place in range(len(whole)):
        for value in (0, 255, whole[place] ^ 1):
            read_packet(whole[:place] + bytes([value]) + whole[place + 1 :])


@pytest.mark.parametrize(
    ("message", "call_id"),
    [
        (INVITE, "a1@carrier"),
        (INVITE.replace(b"Call-ID", b"CALL-id "), "a1@carrier"),
        (INVITE.replace(b"Call-ID", b"i"), "a1@carrier"),
        (INVITE.replace(b"Call-ID: a1@carrier\r\n", b""), None),
        (b"INVITE sip:112 SIP/2.0\r\n\r\nCall-ID: in@body", None),
    ],
)
def test_the_call_id_is_the_headers(message: bytes, call_id: str | None) -> None:
    """In every spelling of its name, and never out of the body."""
    assert call_id_of(message) == call_id

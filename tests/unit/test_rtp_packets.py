"""RTP packets and telephone events, held to RFC 3550 and RFC 4733."""

from __future__ import annotations

import pytest

from suar.demo.phones.packets import DIGITS, Packet, decode, event_digit, event_payload


def test_a_packet_is_laid_out_as_the_standard_says() -> None:
    """RFC 3550, 5.1: version 2, marker and type, sequence, timestamp, source, all in network order."""
    packet = Packet(8, 0x1234, 0x89ABCDEF, 0xDEADBEEF, b"\xd5\xd5", marker=True)
    assert packet.encode() == bytes.fromhex("80 88 1234 89abcdef deadbeef d5d5")


def test_counters_go_round() -> None:
    """A sequence number has 16 bits, a timestamp 32."""
    packet = decode(Packet(8, 0x10001, 2**32 + 5, 1, b"").encode())
    assert packet is not None
    assert (packet.sequence, packet.timestamp) == (1, 5)


def test_what_stands_around_the_payload_is_left_out() -> None:
    """RFC 3550, 5.1 and 5.3.1: two contributing sources, an extension of one word, three bytes of padding."""
    head = bytes.fromhex("b2 08 0001 00000002 00000003")
    around = head + b"\0" * 8 + bytes.fromhex("bede 0001 01020304") + b"payload" + b"\0\0\3"
    packet = decode(around)
    assert packet is not None
    assert packet.payload == b"payload"


NO_PACKETS = {
    "nothing": "",
    "too short": "80" * 11,
    "version 1": "40 08 0001 00000002 00000003",
    "sources missing": "8f 08 0001 00000002 00000003",
    "extension missing": "90 08 0001 00000002 00000003",
    "more padding than packet": "a0 08 0001 00000002 00000003 ff",
}


@pytest.mark.parametrize("data", [bytes.fromhex(data) for data in NO_PACKETS.values()], ids=NO_PACKETS)
def test_what_is_no_packet_is_none(data: bytes) -> None:
    """And no error: a port hears anything."""
    assert decode(data) is None


def test_an_event_is_laid_out_as_the_standard_says() -> None:
    """RFC 4733, 2.3: the event; its end in the highest bit, with the volume (-10 dBm0); the duration."""
    assert event_payload("1", 1600, True) == bytes.fromhex("01 8a 0640")
    assert event_payload("9", 400, False) == bytes.fromhex("09 0a 0190")


def test_each_key_has_its_number() -> None:
    """RFC 4733, 3.2: 0 to 9, then star, hash, A to D."""
    assert [event_digit(bytes([number, 0x8A, 0, 0])) for number in range(16)] == [
        (key, True) for key in DIGITS
    ]
    assert event_digit(bytes([16, 10, 0, 0])) is None
    assert event_digit(b"\x01\x0a") is None

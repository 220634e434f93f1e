"""The sieve on the socket of copies: what passes it is what would be read, and what it cannot judge."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import pytest

from ari_app.calls import sieve
from suar.location.hep import SIP, read_packet
from tests.unit.location.test_hep import INVITE, captured, chunk, packed

READ = (b"INVITE ", b"UPDATE ")
UPDATE = INVITE.replace(b"INVITE", b"UPDATE")
OF_NO_USE = [
    INVITE.replace(b"INVITE sip:112@psap SIP/2.0", line)
    for line in (
        b"SIP/2.0 100 Trying", b"SIP/2.0 180 Ringing", b"SIP/2.0 200 OK", b"ACK sip:a SIP/2.0",
        b"BYE sip:a SIP/2.0", b"CANCEL sip:a SIP/2.0",
        b"OPTIONS sip:a SIP/2.0", b"REGISTER sip:a SIP/2.0", b"PRACK sip:a SIP/2.0",
        b"INFO sip:a SIP/2.0", b"REFER sip:a SIP/2.0", b"NOTIFY sip:a SIP/2.0", b"MESSAGE sip:a SIP/2.0",
    )
]  # fmt: skip


class Wire(NamedTuple):
    """Two sockets that have the same sent to them; one has the sieve."""

    sieved: socket.socket
    sender: socket.socket

    def passes(self, *packets: bytes) -> list[bytes]:
        """Return which of the packets come through."""
        found = []
        for packet in packets:
            self.sender.sendto(packet, self.sieved.getsockname())
            self.sender.sendto(b"next", self.sieved.getsockname())
            while (got := self.sieved.recv(65536)) != b"next":
                found.append(got)
        return found


@pytest.fixture
def wire() -> Iterator[Wire]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sieved,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        sieved.bind(("127.0.0.1", 0))
        sieved.settimeout(5)
        sieve.attach(sieved, READ)
        yield Wire(sieved, sender)


def is_read(packet: bytes) -> bool:
    """Whether a packet is one that we read."""
    found = read_packet(packet)
    return found is not None and found.protocol == SIP and found.payload.startswith(READ)


def test_of_what_asterisk_sends_what_is_read_passes_and_nothing_else(wire: Wire) -> None:
    """However long the password, the Call-ID and the message are."""
    packets = [
        captured(message + bytes(more), key)
        for message in (INVITE, UPDATE, *OF_NO_USE)
        for more in (0, 1, 1500, 60_000)
        for key in (None, b"k", b"k" * 64)
    ]
    assert wire.passes(*packets) == [packet for packet in packets if is_read(packet)]


def test_a_message_is_found_wherever_it_stands_in_its_packet(wire: Wire) -> None:
    """Before the others, among them, after another vendor's; the first of two is the message."""
    for message in (INVITE, UPDATE, OF_NO_USE[2]):
        parts = (
            chunk(11, b"\x01"),
            chunk(14, b"key"),
            chunk(17, b""),
            chunk(15, message),
            chunk(15, b"UPDATE ", 9),
        )
        packets = [packed(*order) for order in permutations(parts)]
        assert wire.passes(*packets) == [packet for packet in packets if is_read(packet)]
    twice = packed(chunk(11, b"\x01"), chunk(15, OF_NO_USE[2]), chunk(15, INVITE))
    assert not is_read(twice)
    assert wire.passes(twice) == []


def test_what_cannot_be_judged_passes(wire: Wire) -> None:
    """Compressed, cut, no packet at all, or with its message beyond where the sieve looks."""
    packets = [
        packed(chunk(11, b"\x01"), chunk(16, b"zipped")),
        packed(*[chunk(99, b"ab")] * 20, chunk(11, b"\x01"), chunk(15, INVITE)),
        packed(chunk(11, b"\x01"), b"\0\0\0\x10\0\x05after all"),
        packed(chunk(11, b"\x01"), b"\0\0\0\x10\xff\xff"),
        packed(chunk(11, b"\x01")), packed(), b"HEP3", b"HEP3\0\xff", b"noise", b"n", b"",
        b"HEP2" + captured()[4:],
    ]  # fmt: skip
    assert wire.passes(*packets) == packets


def test_no_damage_keeps_back_what_is_read(wire: Wire) -> None:
    """Every byte of a packet changed in turn, and every length of it."""
    whole = captured()
    packets = [whole[:length] for length in range(len(whole))]
    for place in range(len(whole)):
        packets += [
            whole[:place] + bytes([value]) + whole[place + 1 :] for value in (0, 1, 255, whole[place] ^ 1)
        ]
    passed = set(wire.passes(*packets))
    assert [packet for packet in packets if is_read(packet) and packet not in passed] == []

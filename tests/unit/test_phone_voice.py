"""The robot phones' voice and ear: codecs, packets, and what is heard."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.demo.phones import g711
from suar.demo.phones.ear import level_dbfs, longest_silence_s, tone_level_dbfs, voice
from suar.demo.phones.packets import EVENTS, Packet, decode, event_digit, event_payload


@pytest.mark.parametrize(("sample", "code"), [(0, 0xD5), (-1, 0x55), (32767, 0xAA), (-32768, 0x2A)])
def test_a_law_has_the_standards_codes(sample: int, code: int) -> None:
    """The middle and the ends of G.711's table."""
    assert g711.encode([sample])[0] == code


@given(st.integers(-32768, 32767))
def test_a_law_keeps_a_sample_within_a_thirtieth(sample: int) -> None:
    """And small ones within a step."""
    back = g711.decode(g711.encode([sample]))[0]
    assert abs(back - sample) <= max(16, abs(sample) / 30)


@given(
    st.integers(0, 127), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1),
    st.binary(max_size=200), st.booleans(),
)  # fmt: skip
def test_a_packet_comes_back_as_it_was(
    kind: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, marker: bool
) -> None:
    """RFC 3550's header."""
    packet = Packet(kind, sequence, timestamp, ssrc, payload, marker)
    assert decode(packet.encode()) == packet


@given(st.binary(max_size=40))
def test_any_datagram_is_a_packet_or_none(data: bytes) -> None:
    """Never an error."""
    decode(data)


def test_a_digit_is_read_back() -> None:
    """RFC 4733: the event, and whether it ends."""
    assert event_digit(event_payload("9", 800, False)) == ("9", False)
    assert event_digit(event_payload("#", 800, True)) == ("#", True)
    assert event_digit(b"\xff\x00\x00\x00") is None
    assert EVENTS == 101


def test_an_ear_knows_one_voice_from_another() -> None:
    """The tone that is there is loud, another is not."""
    heard = voice(440, 1.0)
    assert tone_level_dbfs(heard, 440) > -25
    assert tone_level_dbfs(heard, 700) < -50
    assert level_dbfs(array("h")) == float("-inf")


def test_silence_is_measured_between_voices() -> None:
    """One second and a half, in windows of 20 ms."""
    heard = voice(440, 0.5) + array("h", [0] * 12000) + voice(440, 0.5)
    assert longest_silence_s(heard) == pytest.approx(1.5, abs=0.06)

"""Two RTP peers talk to each other on loopback."""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from suar.demo.phones import RtpPeer
from suar.demo.phones.ear import dominant_tone, level_dbfs, longest_silence_s, tone_level_dbfs, voice
from suar.demo.phones.g711 import U_LAW
from suar.demo.phones.packets import Packet

pytestmark = pytest.mark.in_time
HERE = "127.0.0.1"
PITCHES = [440, 520, 700, 820]


@asynccontextmanager
async def talking(left: RtpPeer, right: RtpPeer) -> AsyncIterator[None]:
    """Let one of them know where the other is; the other learns it from what it hears."""
    async with left, right:
        left.open((HERE, right.port))
        yield


async def test_each_hears_the_other_and_not_itself() -> None:
    """Half a second each way, without a gap, though one of them knows no address before it hears."""
    loop = asyncio.get_running_loop()
    left, right = RtpPeer(HERE, voice(440)), RtpPeer(HERE, voice(700))
    async with talking(left, right):
        await asyncio.sleep(0.1)
        began = loop.time()
        await asyncio.sleep(0.5)
        ended = loop.time()
    for peer, pitch in ((left, 700), (right, 440)):
        heard = peer.heard_between(began, ended)
        assert dominant_tone(heard, PITCHES) == pitch
        assert len(heard) / 8000 == pytest.approx(ended - began, abs=0.03)
        assert longest_silence_s(heard) < 0.05
        assert peer.lost == 0


async def test_one_who_speaks_mu_law_is_understood() -> None:
    """By its payload type."""
    left, right = RtpPeer(HERE, voice(520), U_LAW), RtpPeer(HERE)
    async with talking(left, right):
        await asyncio.sleep(0.3)
    assert tone_level_dbfs(right.heard, 520) > -30


async def test_pressed_keys_arrive_each_once_and_in_order() -> None:
    """Twice the same key is two keys."""
    left, right = RtpPeer(HERE), RtpPeer(HERE)
    async with talking(left, right):
        left.press("11*#", duration_s=0.04)
        for _ in range(100):
            if len(right.digits_heard) == 4:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
    assert right.digits_heard == "11*#"


async def test_a_key_is_heard_though_its_first_packet_is_lost() -> None:
    """RFC 4733: every packet of an event says which it is."""
    async with RtpPeer(HERE) as peer:
        for sequence, duration in ((2, 320), (3, 480)):
            payload = bytes([5, 10]) + duration.to_bytes(2, "big")
            peer.datagram_received(Packet(101, sequence, 1000, 1, payload).encode(), (HERE, 9))
    assert peer.digits_heard == "5"


async def test_a_key_keeps_the_voices_clock() -> None:
    """After a key of 100 ms the voice's timestamps have moved by as much, not by a packet."""
    left, right = RtpPeer(HERE, voice(440)), RtpPeer(HERE)
    loop = asyncio.get_running_loop()
    async with talking(left, right):
        await asyncio.sleep(0.1)
        left.press("5")
        await asyncio.sleep(0.6)
        assert right.first_heard_at is not None
        passed = loop.time() - right.first_heard_at
    assert len(right.heard) / 8000 == pytest.approx(passed, abs=0.05)


async def test_no_key_that_a_telephone_does_not_have() -> None:
    """It is said at once."""
    async with RtpPeer(HERE) as peer:
        with pytest.raises(ValueError, match="no telephone has a key 'x'"):
            peer.press("1x")


async def test_who_falls_silent_is_heard_to_be_silent() -> None:
    """Silence is sent as such: 0.4 s of it, between two voices."""
    left, right = RtpPeer(HERE, voice(440)), RtpPeer(HERE)
    async with talking(left, right):
        await asyncio.sleep(0.2)
        left.say([])
        await asyncio.sleep(0.4)
        left.say(voice(440))
        await asyncio.sleep(0.2)
    assert longest_silence_s(right.heard) == pytest.approx(0.4, abs=0.15)
    assert right.lost == 0


async def test_a_time_without_packets_is_silence_and_a_gap() -> None:
    """Before the first packet, between two senders, and after the last one."""
    loop = asyncio.get_running_loop()
    async with RtpPeer(HERE) as ear:
        began = loop.time()
        await asyncio.sleep(0.3)
        for _ in range(2):
            async with RtpPeer(HERE, voice(440)) as mouth:
                mouth.open((HERE, ear.port))
                await asyncio.sleep(0.2)
            fell_silent = loop.time()
            await asyncio.sleep(0.4)
        ended = loop.time()
    heard = ear.heard_between(began, ended)
    assert len(heard) / 8000 == pytest.approx(ended - began, abs=0.03)
    assert longest_silence_s(heard) == pytest.approx(ended - fell_silent, abs=0.15)
    assert longest_silence_s(heard[:4000]) == pytest.approx(0.3, abs=0.15)
    assert ear.longest_gap_s(began, ended) == pytest.approx(ended - fell_silent, abs=0.15)


async def test_packets_that_never_come_are_counted_and_silent() -> None:
    """A packet that comes too late is one of them."""
    async with RtpPeer(HERE) as peer:
        for sequence in (65534, 65535, 2, 0):
            timestamp = 160 * ((sequence - 65534) & 0xFFFF)
            peer.datagram_received(Packet(8, sequence, timestamp, 7, b"\xaa" * 160).encode(), (HERE, 9))
    assert peer.lost == 2
    assert len(peer.heard) == 5 * 160
    assert longest_silence_s(peer.heard) == pytest.approx(0.04)


async def test_one_who_is_shut_speaks_to_nobody() -> None:
    """Though the other goes on: its port may be another call's by now."""
    left, right = RtpPeer(HERE, voice(440)), RtpPeer(HERE, voice(700))
    async with talking(left, right):
        await asyncio.sleep(0.1)
        right.shut()
        await asyncio.sleep(0.05)
        count = len(left.heard)
        await asyncio.sleep(0.2)
        assert len(left.heard) == count
        right.open(None)
        await asyncio.sleep(0.2)
        assert len(left.heard) > count


async def test_a_file_is_said_once_and_what_was_heard_is_saved(tmp_path: Path) -> None:
    """An 8 kHz WAV file in, an 8 kHz WAV file out; any other file is refused."""
    path, saved, stereo = tmp_path / "said.wav", tmp_path / "heard.wav", tmp_path / "stereo.wav"
    for file, channels in ((path, 1), (stereo, 2)):
        with wave.open(str(file), "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(voice(820, 0.2).tobytes())
    left, right = RtpPeer(HERE), RtpPeer(HERE)
    async with talking(left, right):
        left.say(path, repeat=False)
        await asyncio.sleep(0.5)
        right.save(saved)
        with pytest.raises(ValueError, match=r"stereo\.wav"):
            left.say(stereo)
    with wave.open(str(saved)) as out:
        assert (out.getframerate(), out.getnchannels()) == (8000, 1)
        assert out.getnframes() == pytest.approx(4000, abs=800)
    assert level_dbfs(right.heard[:1600]) > -30
    assert level_dbfs(right.heard[-1600:]) < -50


async def test_twenty_talk_at_once_in_one_process() -> None:
    """Ten pairs keep their pace: the right number of packets, for a part of one processor."""
    loop = asyncio.get_running_loop()
    pairs = [(RtpPeer(HERE, voice(440, 1.0)), RtpPeer(HERE, voice(700, 1.0))) for _ in range(10)]
    async with AsyncExitStack() as stack:
        for pair in pairs:
            await stack.enter_async_context(talking(*pair))
        await asyncio.sleep(0.2)
        began, cpu = loop.time(), time.process_time()
        await asyncio.sleep(1.0)
        ended, cpu = loop.time(), time.process_time() - cpu
    for peer in (peer for pair in pairs for peer in pair):
        assert len(peer.heard_between(began, ended)) / 8000 == pytest.approx(ended - began, abs=0.1)
        assert peer.lost == 0
    assert cpu < 0.8

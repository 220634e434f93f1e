"""One end of a voice: speaks, presses keys, and keeps what it hears with the time at which it came."""

from __future__ import annotations

import asyncio
import secrets
import wave
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from suar.demo.phones.g711 import A_LAW, LAWS, Law
from suar.demo.phones.packets import (
    DIGITS,
    EVENTS,
    FRAME,
    RATE,
    Packet,
    decode,
    event_digit,
    event_payload,
)

_FRAME_S = FRAME / RATE
_PRESS_FRAMES = 5
_GAP_FRAMES = 4
# A new clock at the far end, not a silence.
_NEW_CLOCK = 60 * RATE


class RtpPeer(asyncio.DatagramProtocol):
    """Speaks to the address that it was told of, and to whoever speaks to it (symmetric RTP).

    All times are the event loop's, in seconds.
    """

    def __init__(self, local_ip: str, voice: array[int] | None = None, law: Law = A_LAW) -> None:
        self._local_ip = local_ip
        self._law = law
        self._silence = law.encode([0] * FRAME)
        self._frames: list[bytes] = []
        self._next_frame = 0
        self._repeats = True
        self._far: tuple[str, int] | None = None
        self._is_open = True
        self._transport: asyncio.DatagramTransport | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._presses: deque[tuple[str, int]] = deque()
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(31)
        self._last: Packet | None = None
        self._last_event_at: int | None = None
        self._arrivals: list[float] = []
        self._places: list[int] = []
        self.port = 0
        self.heard = array("h")
        """Everything heard, in order; what never came is silence."""
        self.digits_heard = ""
        self.lost = 0
        """Packets that never came, or came too late."""
        self.say(voice or array("h"))

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self._local_ip, 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        self._speaking = asyncio.create_task(self._speak(), name="rtp-peer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._speaking:
            self._speaking.cancel()
            await asyncio.gather(self._speaking, return_exceptions=True)
        if self._transport:
            self._transport.close()

    def open(self, far: tuple[str, int] | None) -> None:
        """Speak to ``far``, which SDP named, until packets come from elsewhere."""
        self._is_open = True
        self._far = far or self._far

    def shut(self) -> None:
        """Speak to nobody: after a call, its port may already be another's."""
        self._is_open = False
        self._far = None
        self._presses.clear()

    def begin_anew(self, sequence: int) -> None:
        """Go on as another stream, its packets numbered from ``sequence``: phones do so after a hold, and
        carriers when a caller comes to another cell or a gateway is changed (RFC 3550, 8.2).
        """
        self._ssrc, self._sequence = secrets.randbits(32), sequence

    def say(self, samples: Sequence[int] | Path, *, repeat: bool = True) -> None:
        """Say something from now on: samples, or an 8 kHz mono WAV file. No samples: send silence."""
        if isinstance(samples, Path):
            samples = load(samples)
        whole = len(samples) - len(samples) % FRAME
        self._frames = [self._law.encode(samples[at : at + FRAME]) for at in range(0, whole, FRAME)]
        self._next_frame = 0
        self._repeats = repeat

    def press(self, digits: str, duration_s: float = _PRESS_FRAMES * _FRAME_S) -> None:
        """Press keys, one after another, each for ``duration_s``.

        Raises ``ValueError`` for what is no key.
        """
        if wrong := set(digits) - set(DIGITS):
            raise ValueError(f"no telephone has a key {min(wrong)!r}, only {DIGITS}")
        frames = max(1, round(duration_s / _FRAME_S))
        self._presses.extend((digit, frames) for digit in digits)

    @property
    def first_heard_at(self) -> float | None:
        """When the first packet came."""
        return self._arrivals[0] if self._arrivals else None

    def heard_between(self, began: float, ended: float) -> array[int]:
        """Return what was heard in a stretch of time; before the first packet and after the last, silence."""
        first, last = bisect_left(self._arrivals, began), bisect_left(self._arrivals, ended)
        if first == last:
            return array("h", bytes(2 * max(0, round((ended - began) * RATE))))
        sound = self.heard[self._places[first] : self._places[last - 1] + FRAME]
        before = round((self._arrivals[first] - began) * RATE)
        after = round((ended - self._arrivals[last - 1]) * RATE) - FRAME
        return array("h", bytes(2 * before)) + sound + array("h", bytes(2 * max(0, after)))

    def longest_gap_s(self, began: float, ended: float) -> float:
        """Return the longest time without a packet in a stretch of time."""
        inside = self._arrivals[bisect_left(self._arrivals, began) : bisect_left(self._arrivals, ended)]
        return max(after - before for before, after in pairwise([began, *inside, ended]))

    def save(self, path: Path) -> None:
        """Write what was heard as a WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.heard.tobytes())

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = decode(data)
        if packet is None:
            return
        if self._is_open:
            self._far = addr
        if packet.payload_type == EVENTS:
            self._hear_event(packet)
        elif law := LAWS.get(packet.payload_type):
            self._hear(packet, law)

    def _hear_event(self, packet: Packet) -> None:
        """Count an event once: all its packets bear the time at which it began, and any may be lost."""
        event = event_digit(packet.payload)
        if event and packet.timestamp != self._last_event_at:
            self._last_event_at = packet.timestamp
            self.digits_heard += event[0]

    def _hear(self, packet: Packet, law: Law) -> None:
        now = asyncio.get_running_loop().time()
        last, missing = self._last, 0
        if last and packet.ssrc == last.ssrc:
            ahead = (packet.sequence - last.sequence) & 0xFFFF
            if ahead == 0 or ahead >= 0x8000:
                return
            self.lost += ahead - 1
            # By its sender's clock, so that a pause of this process is not taken for a silence.
            missing = ((packet.timestamp - last.timestamp) & 0xFFFFFFFF) - len(last.payload)
        elif last:
            # Another sender has another clock: by ours.
            missing = round((now - self._arrivals[-1]) * RATE) - FRAME
        if 0 < missing < _NEW_CLOCK:
            self.heard.extend(bytes(missing))
        self._last = packet
        self._arrivals.append(now)
        self._places.append(len(self.heard))
        self.heard.extend(law.decode(packet.payload))

    async def _speak(self) -> None:
        """Send a packet every 20 ms, held to the clock, for as long as there is somebody to send to."""
        due = asyncio.get_running_loop().time()
        while True:
            if self._far is not None and self._presses:
                due = await self._send_digit(*self._presses.popleft(), due)
            self._send_audio(self._frame())
            due = await _wait(due)

    def _frame(self) -> bytes:
        """Return the next 20 ms of the voice."""
        if self._next_frame >= len(self._frames):
            if not (self._repeats and self._frames):
                return self._silence
            self._next_frame = 0
        self._next_frame += 1
        return self._frames[self._next_frame - 1]

    async def _send_digit(self, digit: str, frames: int, due: float) -> float:
        """Send one telephone event: all its packets bear the time at which it began; its end goes thrice."""
        began = self._timestamp
        for frame in range(1, frames + 1):
            self._send(EVENTS, event_payload(digit, frame * FRAME, False), began, marker=frame == 1)
            due = await _wait(due)
        for _ in range(3):
            self._send(EVENTS, event_payload(digit, frames * FRAME, True), began)
        self._timestamp += frames * FRAME
        for _ in range(_GAP_FRAMES):
            self._send_audio(self._silence)
            due = await _wait(due)
        return due

    def _send_audio(self, payload: bytes) -> None:
        self._send(self._law.payload_type, payload, self._timestamp)
        self._timestamp += FRAME

    def _send(self, payload_type: int, payload: bytes, timestamp: int, *, marker: bool = False) -> None:
        if self._far is None or self._transport is None:
            return
        self._sequence = self._sequence + 1 & 0xFFFF
        packet = Packet(payload_type, self._sequence, timestamp, self._ssrc, payload, marker)
        self._transport.sendto(packet.encode(), self._far)


async def _wait(due: float) -> float:
    """Wait until the next packet is due; return when that was, so that lateness does not add up."""
    due += _FRAME_S
    await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
    return due


def load(path: Path) -> array[int]:
    """Return the samples of an 8 kHz mono WAV file of 16 bits. Raises ``ValueError`` for any other."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            raise ValueError(f"{path}: a WAV file of 8 kHz, mono, 16 bits is wanted")
        return array("h", file.readframes(file.getnframes()))

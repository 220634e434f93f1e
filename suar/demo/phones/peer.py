"""One end of a voice: speaks, presses keys, and keeps what it hears with the time at which it came."""

from __future__ import annotations

import asyncio
import secrets
import wave
from array import array
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

from suar.demo.phones import g711
from suar.demo.phones.packets import EVENTS, FRAME, PCMA, Packet, decode, event_digit, event_payload

_FRAME_S = FRAME / 8000
_PRESS_FRAMES = 5
_GAP_FRAMES = 4
_SILENCE = g711.encode([0] * FRAME)


class RtpPeer(asyncio.DatagramProtocol):
    """Speaks to whoever speaks to it first: Asterisk does, as soon as there is something to hear."""

    def __init__(self, local_ip: str, voice: array[int] | None = None) -> None:
        self._local_ip = local_ip
        self._voice = voice or array("h")
        self._far: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._presses: deque[str] = deque()
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._last_ssrc: int | None = None
        self._last_timestamp = 0
        self.port = 0
        self.heard = array("h")
        """Everything heard, in order; what never came is silence."""
        self.digits_heard = ""
        self.first_heard_at: float | None = None
        """Monotonic seconds of the first packet."""

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

    def press(self, digits: str) -> None:
        """Press keys, one after another, 100 ms each."""
        self._presses.extend(digits)

    def forget(self) -> None:
        """Forget who was there: the next call comes from somewhere else."""
        self._far = None
        self._last_ssrc = None
        self.first_heard_at = None
        self.heard = array("h")
        self.digits_heard = ""

    def save(self, path: Path) -> None:
        """Write what was heard as a WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(self.heard.tobytes())

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = decode(data)
        if packet is None:
            return
        self._far = addr
        if packet.payload_type == EVENTS:
            event = event_digit(packet.payload)
            if event and packet.marker:
                self.digits_heard += event[0]
        elif packet.payload_type == PCMA:
            self._hear(packet)

    def _hear(self, packet: Packet) -> None:
        if self.first_heard_at is None:
            self.first_heard_at = asyncio.get_running_loop().time()
        if packet.ssrc == self._last_ssrc:
            missing = (packet.timestamp - self._last_timestamp) & 0xFFFFFFFF
            # What was lost or not sent is silence; a jump of a minute is a new clock, not a silence.
            if FRAME < missing < 60 * 8000:
                self.heard.extend([0] * (missing - FRAME))
        self._last_ssrc, self._last_timestamp = packet.ssrc, packet.timestamp
        self.heard.extend(g711.decode(packet.payload))

    async def _speak(self) -> None:
        """Send a packet every 20 ms, held to the clock, for as long as there is somebody to send to."""
        loop = asyncio.get_running_loop()
        voice = [g711.encode(self._voice[at : at + FRAME]) for at in range(0, len(self._voice), FRAME)]
        voice = [frame for frame in voice if len(frame) == FRAME] or [_SILENCE]
        due = loop.time()
        count = 0
        while True:
            if self._far is not None and self._presses:
                due = await self._send_digit(self._presses.popleft(), due)
            self._send(PCMA, voice[count % len(voice)])
            count += 1
            due += _FRAME_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _send_digit(self, digit: str, due: float) -> float:
        """Send one telephone event: all its packets bear the time at which it began; its end goes thrice."""
        began = self._timestamp
        for frame in range(1, _PRESS_FRAMES + 1):
            self._send(EVENTS, event_payload(digit, frame * FRAME, False), began, marker=frame == 1)
            due = await self._wait(due)
        for _ in range(3):
            self._send(EVENTS, event_payload(digit, _PRESS_FRAMES * FRAME, True), began)
        for _ in range(_GAP_FRAMES):
            self._send(PCMA, _SILENCE)
            due = await self._wait(due)
        return due

    async def _wait(self, due: float) -> float:
        due += _FRAME_S
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        return due

    def _send(
        self, payload_type: int, payload: bytes, timestamp: int | None = None, marker: bool = False
    ) -> None:
        if payload_type == PCMA or marker:
            self._timestamp += FRAME
        if self._far is None or self._transport is None:
            return
        self._sequence += 1
        at = self._timestamp if timestamp is None else timestamp
        packet = Packet(payload_type, self._sequence, at, self._ssrc, payload, marker)
        self._transport.sendto(packet.encode(), self._far)

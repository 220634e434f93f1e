"""A citizen with a telephone: calls, listens, presses keys, speaks, hangs up; and says what she met."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from suar.demo.phones.ear import longest_silence_s
from suar.demo.phones.peer import RtpPeer
from suar.demo.phones.sipp import PhoneFailed, Sipp

_NEVER_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class CallerReport:
    """What a caller met. Times in seconds."""

    was_answered: bool
    hung_up_by: str
    """``caller``, ``far end`` or ``nobody``."""
    answered_after_s: float | None
    first_audio_after_s: float | None
    """From the answer."""
    longest_silence_s: float
    heard: array[int] = field(repr=False)
    errors: str = ""


@dataclass(slots=True)
class Caller:
    """A call to make."""

    sipp: Sequence[str]
    local_ip: str
    """The carrier's address that it comes from."""
    target: str
    """Asterisk's SIP address, ``host:port``."""
    number: str | None = None
    """The caller's number; None for an anonymous caller."""
    dialled: str = "112"
    voice: array[int] = field(default_factory=lambda: array("h"))
    presses: Sequence[tuple[float, str]] = ()
    """Seconds after the answer, and the keys to press then."""
    hang_up_after_s: float | None = None
    """Seconds after the answer; None to wait for the far end."""
    headers: Sequence[str] = ()
    body: tuple[str, str] | None = None
    """A content type and a body with ``{sdp}`` in it, in place of the SDP alone."""
    from_header: str | None = None
    call_id: str | None = None
    patience_s: float = 10.0

    async def run(self) -> CallerReport:
        """Make the call and return when it has ended."""
        async with RtpPeer(self.local_ip, self.voice) as peer:
            values = self._values(peer.port)
            arguments = ["-i", self.local_ip, "-m", "1", self.target, "-timeout", "600"]
            if self.call_id:
                arguments += ["-cid_str", self.call_id]
            began = time.monotonic()
            async with Sipp(self.sipp, "caller", values, arguments) as sipp:
                pressing = asyncio.create_task(self._press(peer, sipp))
                try:
                    await sipp.ended()
                finally:
                    pressing.cancel()
                    await asyncio.gather(pressing, return_exceptions=True)
                steps = sipp.steps()
                answered_at = None if pressing.cancelled() and not steps else self._answered_at
                return CallerReport(
                    was_answered="answered" in steps,
                    hung_up_by=_hung_up_by(steps),
                    answered_after_s=None if answered_at is None else answered_at - began,
                    first_audio_after_s=(
                        None
                        if answered_at is None or peer.first_heard_at is None
                        else max(0.0, peer.first_heard_at - answered_at)
                    ),
                    longest_silence_s=longest_silence_s(peer.heard),
                    heard=peer.heard,
                    errors=sipp.errors(),
                )

    _answered_at: float | None = None

    async def _press(self, peer: RtpPeer, sipp: Sipp) -> None:
        """Press the keys at their times, counted from the answer."""
        while "answered" not in sipp.steps():  # noqa: ASYNC110 - SIPp tells through a file alone
            await asyncio.sleep(0.01)
        self._answered_at = began = time.monotonic()
        for at_s, digits in self.presses:
            await asyncio.sleep(max(0.0, began + at_s - time.monotonic()))
            peer.press(digits)
        await asyncio.Event().wait()

    def _values(self, rtp_port: int) -> dict[str, object]:
        if self.hang_up_after_s is not None and self.hang_up_after_s <= 0:
            raise PhoneFailed("hang_up_after_s: a time above 0")
        sdp = "\r\n".join(
            [
                "v=0",
                "o=caller 1 1 IN IP4 [local_ip]",
                "s=-",
                "c=IN IP4 [local_ip]",
                "t=0 0",
                f"m=audio {rtp_port} RTP/AVP 8 101",
                "a=rtpmap:8 PCMA/8000",
                "a=rtpmap:101 telephone-event/8000",
                "a=fmtp:101 0-15",
                "a=ptime:20",
                "",
            ]
        )
        content_type, body = self.body or ("application/sdp", "{sdp}")
        identity = (
            f"<sip:{self.number}@[local_ip]>"
            if self.number
            else '"Anonymous" <sip:anonymous@anonymous.invalid>'
        )
        wait_ms = _NEVER_MS if self.hang_up_after_s is None else round(self.hang_up_after_s * 1000)
        return {
            "dialled": self.dialled,
            "from_header": self.from_header or identity,
            "headers": list(self.headers),
            "content_type": content_type,
            "body": body.replace("{sdp}", sdp),
            "hang_up_after_ms": wait_ms,
            "patience_ms": round(self.patience_s * 1000),
        }


def _hung_up_by(steps: list[str]) -> str:
    if "far end hung up" in steps:
        return "far end"
    return "caller" if "caller hung up" in steps else "nobody"


def with_location(pidf_lo: str) -> tuple[list[str], tuple[str, str]]:
    """Return the headers and the body of an INVITE that brings a PIDF-LO by value (RFC 6442)."""
    headers = ["Geolocation: <cid:place@caller.invalid>", "Geolocation-Routing: yes"]
    body = "\r\n".join(
        [
            "--suar-part",
            "Content-Type: application/sdp",
            "",
            "{sdp}",
            "--suar-part",
            "Content-Type: application/pidf+xml",
            "Content-ID: <place@caller.invalid>",
            "",
            pidf_lo,
            "--suar-part--",
            "",
        ]
    )
    return headers, ("multipart/mixed; boundary=suar-part", body)

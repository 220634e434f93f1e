"""A citizen with a telephone: calls, listens, presses keys, speaks, hangs up; and says what she met."""

from __future__ import annotations

import asyncio
import re
import secrets
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from suar.demo.phones.ear import first_sound_s, longest_silence_s
from suar.demo.phones.g711 import A_LAW, Law
from suar.demo.phones.packets import DIGITS
from suar.demo.phones.peer import RtpPeer
from suar.demo.phones.sipp import PhoneFailed, Sipp, free_port, tell

_LONGEST_S = 600
_NOBODY_THERE_S = 1.0
_REFUSAL = re.compile(r"received 'SIP/2\.0 ([3-6]\d\d)")


@dataclass(frozen=True, slots=True)
class CallerReport:
    """What a caller met. Times in seconds."""

    was_answered: bool
    hung_up_by: str
    """``caller``, ``far end`` or ``nobody``."""
    answered_after_s: float | None
    first_audio_after_s: float | None
    """From the answer to the first packet; 0 if it came before."""
    first_sound_after_s: float | None
    """From the network's first word on the call to the first sound that is not silence, answered or not."""
    longest_silence_s: float
    """Between the answer and the hang-up; a time without packets is silence."""
    heard: array[int] = field(repr=False)
    """From the answer to the hang-up."""
    errors: str = ""
    final_status: int | None = None
    """The INVITE's last SIP status; None if there was none."""
    talked_s: float = 0.0
    """From the answer to the hang-up."""
    longest_gap_s: float = 0.0
    """The longest time without a packet between the answer and the hang-up."""
    lost: int = 0
    """Packets that never came."""

    @property
    def outcome(self) -> str:
        """``answered``, ``cancelled`` by the caller, ``refused`` with a status, or ``no answer``."""
        if self.was_answered:
            return "answered"
        if self.hung_up_by == "caller":
            return "cancelled"
        return "no answer" if self.final_status is None else "refused"


@dataclass(frozen=True, slots=True)
class Move:
    """What changes the call while it lasts: a re-INVITE, or an UPDATE (RFC 3311), with headers and a body.

    Its ``CSeq`` is far above that of keys by INFO, which cannot follow it.
    """

    after_s: float
    """Seconds after the answer."""
    headers: Sequence[str]
    body: tuple[str, str]
    """As a caller's."""
    method: Literal["INVITE", "UPDATE"] = "INVITE"


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
    moves: Sequence[Move] = ()
    hang_up_after_s: float | None = None
    """Seconds after the answer; None to wait for the far end."""
    headers: Sequence[str] = ()
    body: tuple[str, str] | None = None
    """A content type and a body with ``{sdp}`` in it, in place of the SDP alone."""
    from_header: str | None = None
    call_id: str | None = None
    patience_s: float = 10.0
    """How long to wait for an answer; then the call is cancelled."""
    cancel_after_s: float | None = None
    """Seconds after the first provisional response; None to wait for the answer."""
    law: Law = A_LAW
    keys: Literal["rfc4733", "info"] = "rfc4733"
    """How keys travel: as telephone events among the voice, or as SIP INFO."""
    _wants_to_leave: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)
    _peer: RtpPeer | None = field(default=None, init=False, repr=False)

    async def run(self) -> CallerReport:
        """Make the call and return when it has ended.

        Raises :class:`PhoneFailed` where no call could be made at all.
        """
        if self.hang_up_after_s is not None and self.hang_up_after_s <= 0:
            raise PhoneFailed("hang_up_after_s: a time above 0")
        if wrong := {digit for _, digits in self.presses for digit in digits} - set(DIGITS):
            raise PhoneFailed(f"presses: no telephone has a key {min(wrong)!r}, only {DIGITS}")
        async with RtpPeer(self.local_ip, self.voice, self.law) as peer:
            self._peer = peer
            try:
                return await _Call(self, peer).run()
            finally:
                self._peer = None
                self._wants_to_leave.clear()

    def hang_up(self) -> None:
        """Hang up now; before the answer, cancel. For use while :meth:`run` goes on."""
        self._wants_to_leave.set()

    @property
    def peer(self) -> RtpPeer:
        """The caller's mouth and ear, while :meth:`run` goes on. Raises :class:`PhoneFailed` otherwise."""
        if self._peer is None:
            raise PhoneFailed("the caller is not on the phone")
        return self._peer


class _Call:
    """One call of a caller, from its INVITE to its end."""

    def __init__(self, caller: Caller, peer: RtpPeer) -> None:
        self._caller = caller
        self._peer = peer
        self._call_id = caller.call_id or f"{secrets.token_hex(8)}@{caller.local_ip}"
        self._port = free_port(caller.local_ip)
        self._provisional = asyncio.Event()
        self._taken_at: float | None = None
        self._answered = asyncio.Event()
        self._began = 0.0
        self._answered_at: float | None = None
        self._ended_at: float | None = None
        self._hung_up_by = "nobody"
        self._status: int | None = None

    async def run(self) -> CallerReport:
        caller = self._caller
        # SIPp reads a per cent sign in it as a placeholder.
        call_id = self._call_id.replace("%", "%%")
        arguments = ["-i", caller.local_ip, "-p", str(self._port), "-m", "1", "-cid_str", call_id]
        arguments += ["-timeout", str(_LONGEST_S), caller.target]
        async with Sipp(caller.sipp, "caller", self._values(), arguments) as self._sipp:
            sipp = self._sipp
            self._began = asyncio.get_running_loop().time()
            async with asyncio.TaskGroup() as group:
                deeds = (self._leave, self._leave_in_time, self._lose_patience, self._press, self._move)
                hands = [group.create_task(deed()) for deed in deeds]
                async for step in sipp.follow():
                    self._meet(step)
                for hand in hands:
                    hand.cancel()
            await sipp.ended()
            return self._report(sipp.errors())

    def _meet(self, step: list[str]) -> None:
        now = asyncio.get_running_loop().time()
        if self._taken_at is None:
            self._taken_at = now
        match step:
            case ["provisional", _]:
                self._provisional.set()
            case ["answered", host, port]:
                self._answered_at = now
                self._status = 200
                if host and port.isdigit():
                    self._peer.open((host, int(port)))
                self._provisional.set()
                self._answered.set()
            case ["far end hung up"]:
                self._end("far end", now)
            case ["caller hung up" | "caller cancelled"]:
                self._end("caller", now)
            case ["refused", status]:
                self._status = int(status)

    def _end(self, by: str, now: float) -> None:
        self._hung_up_by = by
        self._ended_at = now
        self._peer.shut()

    async def _leave(self) -> None:
        """Hang up when the caller wants to; give up where nobody is there."""
        await self._caller._wants_to_leave.wait()
        try:
            # A call without a provisional response cannot be cancelled (RFC 3261, 9.1).
            await asyncio.wait_for(self._provisional.wait(), _NOBODY_THERE_S)
        except TimeoutError:
            self._sipp.kill()
        else:
            self._tell("HANGUP")

    async def _leave_in_time(self) -> None:
        """Want to leave when the time is over that the caller has."""
        caller = self._caller
        if caller.cancel_after_s is not None:
            await self._provisional.wait()
            await asyncio.sleep(caller.cancel_after_s)
            caller.hang_up()
        if caller.hang_up_after_s is not None:
            await self._answered.wait()
            await asyncio.sleep(caller.hang_up_after_s)
            caller.hang_up()

    async def _lose_patience(self) -> None:
        try:
            await asyncio.wait_for(self._answered.wait(), self._caller.patience_s)
        except TimeoutError:
            self._caller.hang_up()

    async def _press(self) -> None:
        """Press the keys at their times, counted from the answer."""
        await self._answered.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for at_s, digits in self._caller.presses:
            await asyncio.sleep(max(0.0, began + at_s - loop.time()))
            if self._caller.keys == "rfc4733":
                self._peer.press(digits)
                continue
            for digit in digits:
                self._tell("PRESS", Key=digit)
                await asyncio.sleep(0.1)

    async def _move(self) -> None:
        """Change the call at its times, counted from the answer."""
        await self._answered.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, move in enumerate(self._caller.moves, 1):
            await asyncio.sleep(max(0.0, began + move.after_s - loop.time()))
            self._tell(f"MOVE{number}")

    def _tell(self, method: str, **headers: str) -> None:
        tell((self._caller.local_ip, self._port), self._call_id, method, **headers)

    def _report(self, errors: str) -> CallerReport:
        began, ended = self._answered_at, self._ended_at or asyncio.get_running_loop().time()
        status = self._status
        if status is None and (refusal := _REFUSAL.search(errors)):
            status = int(refusal[1])
        if began is None:
            return CallerReport(False, self._hung_up_by, None, None, None, 0.0, array("h"), errors, status)
        heard = self._peer.heard_between(began, ended)
        first = self._peer.first_heard_at
        taken = began if self._taken_at is None else self._taken_at
        return CallerReport(
            was_answered=True,
            hung_up_by=self._hung_up_by,
            answered_after_s=began - self._began,
            first_audio_after_s=None if first is None else max(0.0, first - began),
            first_sound_after_s=first_sound_s(self._peer.heard_between(taken, ended)),
            longest_silence_s=longest_silence_s(heard),
            heard=heard,
            errors=errors,
            final_status=status,
            talked_s=ended - began,
            longest_gap_s=self._peer.longest_gap_s(began, ended),
            lost=self._peer.lost,
        )

    def _values(self) -> dict[str, object]:
        caller = self._caller
        law = caller.law
        sdp = "\r\n".join(
            [
                "v=0",
                "o=caller 1 1 IN IP4 [local_ip]",
                "s=-",
                "c=IN IP4 [local_ip]",
                "t=0 0",
                f"m=audio {self._peer.port} RTP/AVP {law.payload_type} 101",
                f"a=rtpmap:{law.payload_type} {law.name}/8000",
                "a=rtpmap:101 telephone-event/8000",
                "a=fmtp:101 0-15",
                "a=ptime:20",
                "",
            ]
        )
        content_type, body = caller.body or ("application/sdp", "{sdp}")
        identity = (
            f"<sip:{caller.number}@[local_ip]>"
            if caller.number
            else '"Anonymous" <sip:anonymous@anonymous.invalid>'
        )
        return {
            "dialled": caller.dialled,
            "from_header": caller.from_header or identity,
            "headers": list(caller.headers),
            "content_type": content_type,
            "body": body.replace("{sdp}", sdp),
            "moves": [
                {
                    "method": move.method,
                    "headers": list(move.headers),
                    "content_type": move.body[0],
                    "body": move.body[1].replace("{sdp}", sdp),
                }
                for move in caller.moves
            ],
        }


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

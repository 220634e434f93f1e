"""Robot phones call each other on loopback, with a registrar of ours and no Asterisk."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from suar.asterisk.errors import InstallFailed
from suar.asterisk.install import install_sipp
from suar.demo.phones import Caller, OperatorPhone, OperatorPool, PhoneFailed
from suar.demo.phones.caller import with_location
from suar.demo.phones.ear import longest_silence_s, tone_level_dbfs, voice
from suar.demo.phones.sipp import Sipp, free_port

pytestmark = pytest.mark.in_time
HERE = "127.0.0.1"
_NONCE = "84a4cc6f3082121f32b42a2187831a9e"


@pytest.fixture(scope="module")
def sipp() -> list[str]:
    try:
        return install_sipp()
    except InstallFailed as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """After each test: no process that works in a folder of ours, and no folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.glob("suar-sipp-*")) == []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            folder = str((process / "cwd").readlink())
        except OSError:
            continue
        assert not folder.startswith(str(tmp_path)), (process / "cmdline").read_bytes()


@dataclass
class Registrar(asyncio.DatagramProtocol):
    """Takes REGISTER with the right digest (RFC 2617, without qop) and keeps each user's last expiry."""

    passwords: dict[str, str]
    expiries: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        host, port = transport.get_extra_info("sockname")
        self.address = f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        status = "200 OK" if self._is_proven(text) else "401 Unauthorized"
        lines = [f"SIP/2.0 {status}"]
        lines += re.findall(r"^(?:Via|From|To|Call-ID|CSeq):[^\r]*", text, re.MULTILINE)
        if status != "200 OK":
            lines.append(f'WWW-Authenticate: Digest realm="suar", nonce="{_NONCE}", algorithm=MD5')
        lines += ["Content-Length: 0", "", ""]
        self._transport.sendto("\r\n".join(lines).encode(), addr)

    def _is_proven(self, text: str) -> bool:
        given = dict(
            re.findall(r'(\w+)="?([^",\r]+)', text.partition("Authorization:")[2].partition("\r")[0])
        )
        user = given.get("username", "")
        if user not in self.passwords:
            return False
        mine = _md5(f"{user}:suar:{self.passwords[user]}")
        if given["response"] != _md5(f"{mine}:{_NONCE}:{_md5('REGISTER:' + given['uri'])}"):
            return False
        contact = re.search(r"^Contact: <sip:[^@]*@([^>]*)>;expires=(\d+)", text, re.MULTILINE)
        assert contact
        self.contacts[user], self.expiries[user] = contact[1], int(contact[2])
        return True


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
async def registrar() -> AsyncIterator[Registrar]:
    made = Registrar({f"op-{name}": f"secret-of-{name}" for name in ("siti", "budi", "rina")})
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: made, local_addr=(HERE, 0)
    )
    yield made
    transport.close()


@dataclass
class Desk:
    """A way to make phones and callers."""

    sipp: list[str]
    registrar: Registrar

    def phone(self, user: str = "op-siti", **options: Any) -> OperatorPhone:
        password = self.registrar.passwords[user]
        options.setdefault("voice", voice(700))
        options.setdefault("answer_after_s", 0.2)
        return OperatorPhone(self.sipp, HERE, self.registrar.address, user, password, **options)

    def caller(self, phone: OperatorPhone, **options: Any) -> Caller:
        options.setdefault("number", "+628121234567")
        options.setdefault("voice", voice(440))
        return Caller(self.sipp, HERE, phone.address, **options)


@pytest.fixture
def desk(sipp: list[str], registrar: Registrar) -> Desk:
    return Desk(sipp, registrar)


@asynccontextmanager
async def calling(caller: Caller) -> AsyncIterator[asyncio.Task[Any]]:
    task = asyncio.create_task(caller.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(phone: OperatorPhone, outcome: str) -> None:
    for _ in range(300):
        if phone.calls() and phone.calls()[-1].outcome == outcome:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"not {outcome}: {phone.calls()}")


async def test_a_phone_registers_with_digest_and_says_when_it_goes(desk: Desk) -> None:
    """Its contact is where it takes calls."""
    async with desk.phone() as phone:
        assert desk.registrar.contacts == {"op-siti": phone.address}
        assert desk.registrar.expiries["op-siti"] >= 60
    assert desk.registrar.expiries["op-siti"] == 0


async def test_a_phone_that_vanishes_says_nothing(desk: Desk) -> None:
    """The registrar goes on believing in it."""
    async with desk.phone(vanishes=True):
        pass
    assert desk.registrar.expiries["op-siti"] >= 60


async def test_a_wrong_password_is_told(desk: Desk) -> None:
    """With what SIPp met."""
    phone = OperatorPhone(desk.sipp, HERE, desk.registrar.address, "op-siti", "wrong")
    with pytest.raises(PhoneFailed, match=r"(?s)op-siti cannot register: .*401 Unauthorized"):
        async with phone:
            pass


async def test_both_hear_each_other_from_the_answer_on(desk: Desk) -> None:
    """Neither waits for the other to speak first: SDP says where to."""
    async with desk.phone(hang_up_after_s=1.0) as phone:
        report = await desk.caller(phone).run()
        await until(phone, "hung up")
        (call,) = phone.calls()
    assert (report.outcome, report.final_status, report.hung_up_by) == ("answered", 200, "far end")
    assert report.talked_s == pytest.approx(1.0, abs=0.15)
    assert report.answered_after_s is not None
    assert report.answered_after_s >= 0.2
    assert report.first_audio_after_s is not None
    assert report.first_audio_after_s < 0.2
    assert report.longest_silence_s < 0.2
    assert tone_level_dbfs(report.heard, 700) > -30
    assert tone_level_dbfs(call.heard, 440) > -30
    assert longest_silence_s(call.heard) < 0.2


async def test_a_caller_can_be_told_to_hang_up(desk: Desk) -> None:
    """At any time, though nothing was said of it before; the phone sees her BYE."""
    async with desk.phone() as phone:
        caller = desk.caller(phone)
        async with calling(caller) as task:
            await until(phone, "talking")
            await asyncio.sleep(0.3)
            caller.hang_up()
            report = await asyncio.wait_for(task, 2)
        await until(phone, "caller gone")
    assert (report.outcome, report.hung_up_by, report.errors) == ("answered", "caller", "")
    assert report.talked_s < 1.0


async def test_an_operator_can_be_told_to_answer_and_to_hang_up(desk: Desk) -> None:
    """One who never answers by herself; to hang up where nobody calls is an error."""
    async with desk.phone(answer_after_s=None) as phone:
        with pytest.raises(PhoneFailed, match="op-siti: no call is talking"):
            phone.hang_up()
        async with calling(desk.caller(phone)) as task:
            await until(phone, "ringing")
            phone.answer()
            await until(phone, "talking")
            phone.hang_up()
            report = await asyncio.wait_for(task, 2)
    assert (report.outcome, report.hung_up_by) == ("answered", "far end")


@pytest.mark.parametrize("how", ["after a time", "when told", "out of patience"])
async def test_a_caller_cancels_before_the_answer(desk: Desk, how: str) -> None:
    """CANCEL, 487, ACK: nobody complains."""
    options = {"after a time": {"cancel_after_s": 0.2}, "out of patience": {"patience_s": 0.5}}.get(how, {})
    async with desk.phone(answer_after_s=None) as phone:
        caller = desk.caller(phone, **options)
        async with calling(caller) as task:
            await until(phone, "ringing")
            if how == "when told":
                caller.hang_up()
            report = await asyncio.wait_for(task, 3)
        await until(phone, "cancelled")
        assert phone.calls()[0].answered_at is None
    assert (report.outcome, report.final_status, report.errors) == ("cancelled", 487, "")


@pytest.mark.parametrize("status", ["480 Temporarily Unavailable", "486 Busy Here", "603 Decline"])
async def test_a_rejected_call_has_its_status(desk: Desk, status: str) -> None:
    """At once."""
    async with desk.phone(reject=status) as phone:
        report = await desk.caller(phone).run()
        await until(phone, "rejected")
    assert (report.outcome, report.final_status) == ("refused", int(status[:3]))


async def test_a_phone_takes_one_call_after_another(desk: Desk) -> None:
    """Each has its own report, and what was heard in it alone."""
    async with desk.phone(hang_up_after_s=0.4) as phone:
        for pitch in (440, 520):
            await desk.caller(phone, voice=voice(pitch)).run()
        await until(phone, "hung up")
        first, second = phone.calls()
    for call, here, away in ((first, 440, 520), (second, 520, 440)):
        assert tone_level_dbfs(call.heard, here) > -30
        assert tone_level_dbfs(call.heard, away) < -40


@pytest.mark.parametrize("keys", ["rfc4733", "info"])
async def test_keys_arrive_either_way(desk: Desk, keys: str) -> None:
    """As telephone events, or as INFO."""
    async with desk.phone() as phone:
        presses = [(0.1, "19"), (0.6, "#")]
        report = await desk.caller(phone, presses=presses, keys=keys, hang_up_after_s=1.2).run()
        arrived = phone.peer.digits_heard if keys == "rfc4733" else phone.keys_informed
    assert arrived == "19#"
    assert report.hung_up_by == "caller"


async def test_an_invite_carries_what_it_is_given(desk: Desk) -> None:
    """Headers, a place beside the SDP, and the identity."""
    async with RawPhone.listening() as raw:
        headers, body = with_location("<presence/>")
        headers.append("Privacy: id")
        caller = Caller(desk.sipp, HERE, raw.address, None, headers=headers, body=body, patience_s=0.3)
        report = await caller.run()
    assert report.outcome == "no answer"
    head, _, content = raw.received[0].partition("\r\n\r\n")
    assert "Geolocation: <cid:place@caller.invalid>\r\n" in head
    assert "Privacy: id\r\n" in head
    assert 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=' in head
    assert re.search(rf"Content-Length: +{len(content)}$", head)
    assert "Content-ID: <place@caller.invalid>\r\n\r\n<presence/>\r\n--suar-part--" in content
    assert re.search(r"\r\nm=audio \d+ RTP/AVP 8 101\r\n", content)


@dataclass
class RawPhone(asyncio.DatagramProtocol):
    """Takes datagrams and never answers."""

    received: list[str] = field(default_factory=list)
    address: str = ""

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[RawPhone]:
        loop = asyncio.get_running_loop()
        transport, raw = await loop.create_datagram_endpoint(cls, local_addr=(HERE, 0))
        host, port = transport.get_extra_info("sockname")
        raw.address = f"{host}:{port}"
        yield raw
        transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.append(data.decode())


async def test_many_phones_are_one_process(desk: Desk) -> None:
    """All register, at one contact, and three calls at once are answered; with an echo, callers hear it."""
    users = list(desk.registrar.passwords.items())
    async with OperatorPool(desk.sipp, HERE, desk.registrar.address, users, echoes=True) as pool:
        (contact,) = set(desk.registrar.contacts.values())
        assert len(desk.registrar.contacts) == 3
        callers = [
            Caller(desk.sipp, HERE, contact, "+62811", voice=voice(440), hang_up_after_s=0.6)
            for _ in range(3)
        ]
        reports = await asyncio.gather(*(caller.run() for caller in callers))
        assert pool.steps().count("talking") == 3
    assert [report.hung_up_by for report in reports] == ["caller"] * 3
    assert all(tone_level_dbfs(report.heard, 440) > -35 for report in reports)


async def test_a_sipp_that_cannot_work_says_why(sipp: list[str]) -> None:
    """A port that is taken; a program that is not there; a key that is none."""
    port = free_port(HERE)
    values = {"rtp_port": 9, "answer_after_ms": 1, "hang_up_after_ms": 1, "reject": None}
    async with Sipp(sipp, "operator", values, ["-i", HERE, "-p", str(port)]):
        await asyncio.sleep(0.3)
        async with Sipp(sipp, "operator", values, ["-i", HERE, "-p", str(port)]) as second:
            with pytest.raises(PhoneFailed, match=r"(?s)SIPp gave up: .*[Aa]ddress already in use"):
                await asyncio.wait_for(second.ended(), 5)
    with pytest.raises(PhoneFailed, match="/nowhere/sipp does not start"):
        await Caller(["/nowhere/sipp"], HERE, f"{HERE}:9", "1").run()
    with pytest.raises(PhoneFailed, match="no telephone has a key 'x'"):
        await Caller(sipp, HERE, f"{HERE}:9", "1", presses=[(0, "x")]).run()


async def test_a_call_that_is_broken_off_leaves_nothing(desk: Desk) -> None:
    """As a test that fails does; what is left is looked for after each test here."""
    async with desk.phone() as phone, calling(desk.caller(phone)):
        await until(phone, "talking")

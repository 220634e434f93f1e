"""A controller that dies and comes back, on the fake Asterisk: it finds its calls, and goes on with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ari_app.app import Controller, running
from ari_app.conversation.vocabulary import Resume, Transfer
from ari_app.fake_asterisk import FakeAsterisk
from ari_app.fake_asterisk.world import FakeChannel
from ari_app.outbox import Journal, Outbox
from queues.vocabulary import OperatorState
from suar.city import City
from suar.ids import Kind, mint
from suar.paths import StateDir
from suar.recordings.chain import Entry, follow
from suar.recordings.ledger import Ledger
from suar.secret import Secrets
from tests.component.conftest import city_on

CALL = "sby1-1763971200.{}"


@dataclass
class Estate:
    """What a dead controller left: an Asterisk with calls in it, and a journal."""

    fake: FakeAsterisk
    city: City
    state: StateDir

    def has(self, call_id: str, *, up: bool = True, with_operator: str | None = None) -> None:
        channels = self.fake.world.channels
        channels[call_id] = FakeChannel(
            call_id, "PJSIP/trunk-telkomsel-1", "Up" if up else "Ring", "+62811",
            ["call", "telkomsel", "112"], is_ours=True,
        )  # fmt: skip
        (self.state.recordings / f"{call_id}.raw").write_bytes(bytes(64_000))
        if with_operator:
            leg = f"{call_id}-op1"
            channels[leg] = FakeChannel(
                leg, f"PJSIP/op-{with_operator}-0000001", "Up", "", ["operator"], is_ours=True,
                was_dialled=True,
            )  # fmt: skip
            self.fake.world.bridges[f"{call_id}-br1"] = [call_id, leg]

    def has_supervisor(self, call_id: str, *, barges: bool) -> None:
        """Sari is on that call: in its bridge, or in one of her own with what she listens through."""
        channels, bridges = self.fake.world.channels, self.fake.world.bridges
        leg, snoop = f"{call_id}-sl1", f"{call_id}-sn1001"
        channels[leg] = FakeChannel(
            leg, "PJSIP/sv-sari-0000002", "Up", "", ["supervisor"], is_ours=True, was_dialled=True
        )
        if barges:
            bridges.setdefault(f"{call_id}-br1", [call_id]).append(leg)
            bridges[f"{call_id}-sb1"] = []
        else:
            channels[snoop] = FakeChannel(snoop, "Snoop/x-1", "Up", "", ["snoop"], is_ours=True)
            bridges[f"{call_id}-sb1"] = [leg, snoop]

    async def told(
        self, call_id: str, *events: tuple[str, dict[str, Any]], at: datetime | None = None
    ) -> None:
        """Have the dead controller's journal say this of a call; now, if not ``at`` another time."""
        outbox = Outbox(Journal(self.state.journal))
        outbox.open()
        for type_, data in events:
            await outbox.publish(call_id, type_, at, **data)
        await outbox.close()

    @asynccontextmanager
    async def heir(self) -> AsyncIterator[Controller]:
        secrets = Secrets.load_or_create(self.state, self.city)
        async with running(self.city, self.state, secrets) as controller:
            await until(lambda: controller.live.asterisk_is_up)
            yield controller


async def until(what: Any) -> None:
    async with asyncio.timeout(30):
        while not what():
            await asyncio.sleep(0.005)


@pytest.fixture
async def estate(tmp_path: Path) -> AsyncIterator[Estate]:
    fake, state = FakeAsterisk(), StateDir(tmp_path)
    state.create()
    async with fake.serving() as url:
        yield Estate(fake, city_on(fake, url), state)


OFFERED = ("offered", {"carrier": "telkomsel", "number": "+62811"})
ANSWERED: tuple[str, dict[str, Any]] = ("answered", {})
TRIAGED = ("triaged", {"kind": "medical", "language": "en", "digits": "92", "outcome": "chosen"})
QUEUED = ("queued", {"queue": "emergency", "priority": 0})
RINGING = ("ringing", {"operator": "siti", "offer": "x-of1"})
CONNECTED = ("connected", {"operator": "siti"})


def events(controller: Controller, call_id: str) -> list[str]:
    return [event.type for event in controller.outbox.unsent().get(call_id, [])]


async def test_who_waited_waits_on_in_her_place(estate: Estate) -> None:
    """Not greeted again, with her kind and language, and the one who came first is first."""
    calls = [CALL.format(one) for one in range(3)]
    for call in calls:
        await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED)
        await asyncio.sleep(0.002)
    for call in reversed(calls):
        estate.has(call)
    estate.state.operators_file.write_text('{"siti": {"state": "ready", "reason": null}}')
    async with estate.heir() as heir:
        await until(lambda: len(heir.distribution.snapshot().waiting) == 3)
        await until(
            lambda: all(one.hears_music for one in estate.fake.world.channels.values() if one.id in calls)
        )
        assert [one.call_id for one in heir.distribution.snapshot().waiting] == calls
        assert {(one.kind, one.language) for one in heir.switchboard.calls()} == {("medical", "en")}
        assert not any(channel.playbacks for channel in estate.fake.world.channels.values())
        await until(lambda: f"{calls[0]}-op1" in estate.fake.world.channels)


def standing(*, is_put_back: bool) -> tuple[str, dict[str, Any]]:
    return "standing", {"score": 80, "reasons": [], "is_put_back": is_put_back, "by": "suar"}


async def test_asterisk_is_told_anew_whom_a_caller_needs_who_was_anothers(estate: Estate) -> None:
    """What an earlier controller, or the degraded path, has told it of her is not known."""
    call, kind = CALL.format(1), estate.city.fallback_kind.id
    await estate.told(call, OFFERED, ANSWERED, ("triaged", {"kind": kind, "language": "id"}), QUEUED)
    estate.has(call)
    async with estate.heir():
        channel = estate.fake.world.channels[call]
        await until(lambda: channel.variables.get("SUAR_QUEUE") == f"degraded-{kind}-id")


async def test_who_is_put_back_stays_so_and_is_asked_again(estate: Estate) -> None:
    """Behind who is not; a key gives her step back, as one did before, or a supervisor's lift."""
    usual, asked, passed, lifted, proven = calls = [CALL.format(one) for one in range(5)]
    back, gated = standing(is_put_back=True), ("gated", {"why": "number", "excess": 9})
    pasts: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
        usual: (OFFERED, ANSWERED, TRIAGED, QUEUED),
        asked: (OFFERED, ANSWERED, back, TRIAGED, QUEUED, ("challenged", {})),
        passed: (OFFERED, ANSWERED, back, TRIAGED, QUEUED, ("challenged", {}), ("challenge_passed", {})),
        lifted: (OFFERED, ANSWERED, back, TRIAGED, QUEUED, ("challenged", {}), standing(is_put_back=False)),
        proven: (
            OFFERED,
            back,
            gated,
            ANSWERED,
            ("admitted", {"held_s": 9.0, "pressed": True}),
            TRIAGED,
            QUEUED,
        ),
    }
    for call, past in pasts.items():
        await estate.told(call, *past)
        estate.has(call)
    async with estate.heir() as heir:
        await until(lambda: len(heir.distribution.snapshot().waiting) == 5)

        def priorities() -> list[int]:
            waiting = heir.distribution.waiting()
            return [waiting[call].priority for call in calls]

        first = priorities()[0]
        assert priorities() == [first, first + 1, first, first, first]
        living = {one.id: one for one in heir.switchboard.calls()}
        assert living[asked].standing == {"score": 80, "reasons": []}
        assert [living[call].has_pressed for call in calls] == [False, False, True, False, True]
        await until(lambda: events(heir, asked).count("challenged") == 2)
        assert events(heir, passed).count("challenged") == 1
        await estate.fake.press(asked, "1")
        await until(lambda: priorities() == [first] * 5)


async def test_a_prompt_that_nobody_ends_keeps_no_caller_from_her_operator(estate: Estate) -> None:
    """Whichever it was that she heard; while it plays, Asterisk would bring her into no bridge."""
    call, playing = CALL.format(1), mint(CALL.format(1), Kind.PLAYBACK, 3)
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED, at=datetime.now(UTC) - timedelta(minutes=2))
    estate.has(call)
    estate.fake.world.channels[call].playbacks = [playing]
    estate.fake.world.playbacks[playing] = {
        "id": playing, "media_uri": "tone:unattended", "target_uri": f"channel:{call}", "language": "en",
        "state": "playing",
    }  # fmt: skip
    async with estate.heir() as heir:
        await until(lambda: len(heir.distribution.snapshot().waiting) == 1)
        await until(lambda: playing not in estate.fake.world.playbacks)


async def test_who_talked_talks_on_and_the_operator_is_busy(estate: Estate) -> None:
    """One call, one recording; then wrap-up, as if nothing had been."""
    call = CALL.format(1)
    estate.has(call, with_operator="siti")
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED)
    estate.state.operators_file.write_text('{"siti": {"state": "talking", "reason": null}}')
    async with estate.heir() as heir:
        await until(lambda: heir.switchboard.calls())
        desk = heir.operators.desk("siti")
        assert desk is not None
        assert (desk.state, desk.call_id) == (OperatorState.TALKING, call)
        assert estate.fake.world.bridges == {f"{call}-br1": [call, f"{call}-op1"]}
        await estate.fake.hang_up(call)
        await until(lambda: "recording_sealed" in events(heir, call))
        assert events(heir, call).count("connected") == 1
        assert desk.state is OperatorState.WRAP_UP
        await until(lambda: not estate.fake.world.channels)


@pytest.mark.parametrize(
    ("told", "hearing", "is_heard_out"),
    [((), None, True), ((("not_heard", {}),), "silent", True), ((("heard", {}),), "heard", False)],
)
async def test_who_talked_is_listened_to_on(
    estate: Estate, told: tuple[tuple[str, dict[str, Any]], ...], hearing: str | None, is_heard_out: bool
) -> None:
    """What was known of her voice is known still; who was never heard is listened to again."""
    call = CALL.format(1)
    estate.has(call, with_operator="siti")
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED, *told)
    async with estate.heir() as heir:
        await until(lambda: heir.switchboard.calls())
        (living,) = heir.switchboard.calls()
        assert (living.hearing, call in heir.listeners._listening) == (hearing, is_heard_out)


HELD: tuple[str, dict[str, Any]] = ("held", {"emergency": False, "operator": "siti"})
CALLED = (
    "party_called",
    {"party": CALL.format(1) + "-py1", "target_kind": "operator", "target": "budi", "purpose": "consult"},
)
ANSWERED_TOO = ("party_answered", {"party": CALL.format(1) + "-py1"})


async def test_who_was_on_hold_stays_on_hold(estate: Estate) -> None:
    """With music, and her operator can bring her back."""
    call = CALL.format(1)
    estate.has(call, with_operator="siti")
    estate.fake.world.channels[call].hears_music = True
    estate.fake.world.bridges[f"{call}-br1"].remove(call)
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED, HELD)
    estate.state.operators_file.write_text('{"siti": {"state": "talking", "reason": null}}')
    async with estate.heir() as heir:
        await until(lambda: heir.ports.conversations)
        conversation = heir.ports.conversations[call]
        assert conversation.state.is_held
        assert estate.fake.world.channels[call].hears_music
        assert estate.fake.world.bridges == {f"{call}-br1": [f"{call}-op1"]}
        await conversation.do(Resume(), "siti")
        assert estate.fake.world.bridges == {f"{call}-br1": [f"{call}-op1", call]}
        await estate.fake.hang_up(f"{call}-op1")
        await until(lambda: "ended" in events(heir, call))
        await until(lambda: not estate.fake.world.channels and not estate.fake.world.bridges)


@pytest.mark.parametrize("survives", [True, False], ids=["both go on", "one hung up meanwhile"])
async def test_a_consultation_goes_on(estate: Estate, survives: bool) -> None:
    """Both operators are busy; who hung up unheard is told now, and the caller has her operator again."""
    call, party = CALL.format(1), CALL.format(1) + "-py1"
    estate.has(call, with_operator="siti")
    world = estate.fake.world
    world.channels[call].hears_music = True
    world.bridges[f"{call}-br1"] = []
    world.bridges[f"{call}-sd1"] = [f"{call}-op1"]
    if survives:
        world.channels[party] = FakeChannel(
            party, "PJSIP/op-budi-00000002", "Up", "", ["party"], is_ours=True, was_dialled=True
        )
        world.bridges[f"{call}-sd1"].append(party)
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED, CALLED, ANSWERED_TOO)
    working = '{"state": "talking", "reason": null}'
    estate.state.operators_file.write_text(f'{{"siti": {working}, "budi": {working}}}')
    async with estate.heir() as heir:
        await until(lambda: heir.ports.conversations)
        desk = heir.operators.desk("budi")
        assert desk is not None
        if survives:
            assert desk.state is OperatorState.TALKING
            assert world.bridges[f"{call}-sd1"] == [f"{call}-op1", party]
            await heir.ports.conversations[call].do(Transfer(party), "siti")
            assert world.bridges[f"{call}-br1"] == [call, party]
            (one,) = heir.switchboard.calls()
            assert one.operator == "budi"
        else:
            await until(lambda: world.bridges[f"{call}-br1"] == [call, f"{call}-op1"])
            assert desk.state is OperatorState.READY
        await estate.fake.hang_up(call)
        await until(lambda: "ended" in events(heir, call))
        await until(lambda: not world.channels and not world.bridges)


async def test_a_half_made_offer_is_taken_back_and_orphans_are_removed(estate: Estate) -> None:
    """A phone that rings for nobody, an operator left alone, an empty bridge."""
    waits, gone = CALL.format(1), CALL.format(2)
    estate.has(waits)
    await estate.told(waits, OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING)
    for leg in (f"{waits}-op1", f"{gone}-op1"):
        estate.fake.world.channels[leg] = FakeChannel(
            leg, "PJSIP/op-siti-1", "Ringing", "", ["operator"], was_dialled=True
        )
    estate.fake.world.bridges[f"{gone}-br1"] = [f"{gone}-op1"]
    async with estate.heir() as heir:
        await until(lambda: len(heir.distribution.snapshot().waiting) == 1)
        assert list(estate.fake.world.channels) == [waits]
        assert estate.fake.world.bridges == {}
        # The next offer has an id of its own.
        assert heir.switchboard.calls()[0].offers == 1


async def test_a_caller_who_hung_up_meanwhile_is_closed_as_such(estate: Estate) -> None:
    """Her recording is sealed, once, and the call is finished."""
    call = CALL.format(1)
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED)
    (estate.state.recordings / f"{call}.raw").write_bytes(bytes(64_000))
    async with estate.heir() as heir:
        await until(lambda: "recording_sealed" in events(heir, call))
        assert "lost" not in events(heir, call)
        assert events(heir, call).count("ended") == 1


async def test_a_recording_that_began_late_is_sealed_all_the_same(estate: Estate) -> None:
    """That it had not begun in time was a warning, not the last word; a failure at the end is."""
    late, gone = CALL.format(1), CALL.format(2)
    failed = ("recording_failed", {"why": "it did not begin"})
    await estate.told(late, OFFERED, ANSWERED, failed, QUEUED)
    await estate.told(gone, OFFERED, ANSWERED, failed, ("ended", {"by": "caller"}), failed)
    for call in (late, gone):
        (estate.state.recordings / f"{call}.raw").write_bytes(bytes(64_000))
    async with estate.heir() as heir:
        await until(lambda: "recording_sealed" in events(heir, late))
        await until(lambda: heir.outbox.is_finished(gone))
        assert "recording_sealed" not in events(heir, gone)


async def test_a_call_that_asterisk_died_under_is_to_be_called_back(estate: Estate) -> None:
    """Asterisk has been started after she rang, and does not know her."""
    call = CALL.format(1)
    await estate.told(call, OFFERED, ANSWERED)
    await asyncio.sleep(0.01)
    estate.fake.world.started_at = datetime.now(UTC)
    async with estate.heir() as heir:
        await until(lambda: "lost" in events(heir, call))


async def test_a_caller_who_was_not_answered_yet_is_greeted(estate: Estate) -> None:
    """As if she had just come, but with one incident."""
    call = CALL.format(1)
    estate.has(call, up=False)
    await estate.told(call, OFFERED)
    async with estate.heir() as heir:
        await until(lambda: estate.fake.world.channels[call].playbacks)
        assert events(heir, call).count("offered") == 1


QUEUE_LOG = """\
1763971200|NONE|NONE|NONE|QUEUESTART|
1763971201|{0}|degraded|NONE|OFFERED|telkomsel|112|+62811|allowed_not_screened
1763971204|{0}|degraded-medical-id|NONE|ENTERQUEUE||+62811|1
1763971206|{0}|degraded-medical-id|siti|CONNECT|2|x|1
1763971216|{0}|degraded-medical-id|siti|COMPLETEAGENT|2|10|1
1763971216|{0}|degraded|NONE|ENDED
1763971220|{1}|degraded|NONE|OFFERED|indosat|112||prohib
"""


async def test_degraded_calls_come_home_once_however_often(estate: Estate) -> None:
    """Served by Asterisk, told as any other; after a second import nothing has changed."""
    served, lost = CALL.format(1), CALL.format(2)
    estate.state.queue_log.parent.mkdir(parents=True, exist_ok=True)
    estate.state.queue_log.write_text(QUEUE_LOG.format(served, lost))
    for call in (served, lost):
        (estate.state.recordings / f"{call}.raw").write_bytes(bytes(64_000))
    seen: list[list[tuple[str, int, str]]] = []
    for _ in range(2):
        async with estate.heir() as heir:
            await until(lambda: "recording_sealed" in events(heir, lost))
            await until(lambda: "recording_sealed" in events(heir, served))
            unsent = heir.outbox.unsent()
            seen.append([(one.call_id, one.seq, one.type) for call in (served, lost) for one in unsent[call]])
            ended = next(one for one in unsent[served] if one.type == "ended")
            assert (ended.data["talk_s"], ended.data["wait_s"], ended.data["by"]) == (10.0, 2.0, "operator")
            assert [one.data["number"] for one in unsent[served] if one.type == "offered"] == ["+62811"]
            assert "lost" in events(heir, lost)
    assert seen[0] == seen[1]
    chained = [one for one in follow(Ledger(estate.state.recordings).days()) if isinstance(one, Entry)]
    assert sorted(one.call_id for one in chained) == [served, lost]


async def test_the_roster_survives(estate: Estate) -> None:
    """Who was ready is ready, who paused pauses; a broken file brings nobody and breaks nothing."""
    estate.state.operators_file.write_text(
        '{"siti": {"state": "wrap_up", "reason": null}, "budi": {"state": "not_ready", "reason": "prayer"}}'
    )
    async with estate.heir() as heir:
        states = {desk.operator.id: (desk.state.value, desk.reason) for desk in heir.operators.desks()}
        assert states == {"siti": ("ready", None), "budi": ("not_ready", "prayer")}
    estate.state.operators_file.write_text("{")
    async with estate.heir() as heir:
        assert {desk.state for desk in heir.operators.desks()} == {OperatorState.SIGNED_OFF}


async def test_an_operator_whom_the_degraded_path_has_is_not_offered_a_call(estate: Estate) -> None:
    """Her phone would refuse, and she would count as not ready; when that call ends she is free."""
    estate.state.operators_file.write_text('{"siti": {"state": "ready", "reason": null}}')
    async with estate.heir() as heir:
        desk = heir.operators.desk("siti")
        assert desk is not None
        await until(lambda: desk.phone_is_online)
        await estate.fake.use_phone("PJSIP/op-siti", "sby1-1763971200.99")
        await until(lambda: not desk.phone_is_online)
        assert desk.state is OperatorState.READY
        await estate.fake.hang_up("sby1-1763971200.99")
        await until(lambda: desk.phone_is_online)


async def test_a_call_that_is_being_wound_up_is_nobody_elses(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its operator is in wrap-up: its end is not told a second time, and Asterisk is not asked for it."""

    async def asked() -> list[Any]:
        raise AssertionError("Asterisk was asked though every open call is ours")

    call = CALL.format(1)
    estate.has(call, with_operator="siti")
    await estate.told(call, OFFERED, ANSWERED, TRIAGED, QUEUED, RINGING, CONNECTED)
    estate.state.operators_file.write_text('{"siti": {"state": "talking", "reason": null}}')
    async with estate.heir() as heir:
        await until(lambda: heir.switchboard.calls())
        await estate.fake.hang_up(call)
        await until(lambda: "recording_sealed" in events(heir, call))
        assert heir.switchboard.calls() == []
        monkeypatch.setattr(heir.asterisk.channels, "list", asked)
        assert await heir.importer.look() == 0
        assert heir.outbox.unfinished() == [call]

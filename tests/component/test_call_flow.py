"""The life of a call on the fake Asterisk: every step, and every way in which it can be cut short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ari_app.app import Controller, running
from ari_app.ari.errors import ResourceGone
from ari_app.calls import flow as flow_module
from ari_app.fake_asterisk import FakeAsterisk
from queues.vocabulary import OperatorReady, OperatorSignedOn
from suar.city import Bind, City
from suar.ids import Kind, mint
from suar.paths import StateDir
from suar.recordings.chain import GENESIS
from suar.recordings.ledger import Ledger
from suar.secret import Secrets
from tests.component.conftest import city_on


@dataclass
class House:
    """A controller on a fake Asterisk, without dashboards: what it tells stays in its outbox."""

    fake: FakeAsterisk
    controller: Controller
    state: StateDir
    token: str
    """For the control interface."""

    @property
    def recordings(self) -> Path:
        return self.state.recordings

    @property
    def ami(self) -> Bind:
        return self.controller.city.network.ami_bind

    def told(self, call_id: str) -> list[str]:
        return [event.type for event in self.controller.outbox.unsent().get(call_id, [])]

    def data(self, call_id: str, kind: str) -> dict[str, Any]:
        events = self.controller.outbox.unsent()[call_id]
        return dict(next(event.data for event in reversed(events) if event.type == kind))

    async def until(self, what: Callable[[], Any]) -> None:
        async with asyncio.timeout(30):
            while not what():
                await asyncio.sleep(0.005)

    async def call(
        self, carrier: str = "telkomsel", number: str = "+628121234567", sip_call_id: str = ""
    ) -> str:
        call_id = await self.fake.call_in("call", carrier, "112", number=number, sip_call_id=sip_call_id)
        (self.recordings / f"{call_id}.raw").write_bytes(bytes(320_000))
        await self.until(lambda: self.fake.world.channels[call_id].playbacks)
        return call_id

    async def choose(self, call_id: str, digit: str = "1") -> None:
        await self.fake.press(call_id, digit)
        await self.until(lambda: "queued" in self.told(call_id))

    def ready(self, *names: str) -> None:
        for name in names:
            self.controller.distribution.tell(
                OperatorSignedOn(name, ("emergency",), frozenset({"medical"}), frozenset({"id"}))
            )
            self.controller.distribution.tell(OperatorReady(name))

    def ready_again(self, *names: str) -> None:
        """End their wrap-ups."""
        for name in names:
            self.controller.distribution.tell(OperatorReady(name))

    async def rung(self, call_id: str, count: int = 1) -> str:
        leg = mint(call_id, Kind.OPERATOR_LEG, count)
        await self.until(lambda: leg in self.fake.world.channels)
        return leg

    async def talking(self, call_id: str) -> str:
        leg = await self.rung(call_id)
        await self.fake.answer_leg(leg)
        await self.until(lambda: "connected" in self.told(call_id))
        return leg

    async def over(self, call_id: str) -> None:
        """Wait for the end; then nothing may be left in Asterisk."""
        await self.until(lambda: "ended" in self.told(call_id))
        await self.until(lambda: not self.fake.world.channels and not self.fake.world.bridges)
        await self.until(lambda: not self.controller.switchboard.calls() and not self.controller.ports.legs)


@asynccontextmanager
async def open_house(
    folder: Path, change: Callable[[City], dict[str, Any]] = lambda _: {}
) -> AsyncIterator[House]:
    """Run a controller on a fake Asterisk; ``change`` returns what of the city is to be otherwise."""
    fake, state = FakeAsterisk(), StateDir(folder)
    async with fake.serving() as url:
        city = city_on(fake, url)
        city = city.model_copy(update=change(city))
        secrets = Secrets.load_or_create(state, city)
        async with running(city, state, secrets) as controller:
            one = House(fake, controller, state, secrets.control_token)
            await one.until(lambda: controller.live.asterisk_is_up)
            yield one


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as one:
        yield one


async def test_a_whole_call(house: House) -> None:
    """Each event once and in order; the recording is sealed; nothing is left."""
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    leg = await house.talking(call)
    assert house.fake.world.bridges == {f"{call}-br1": [call, leg]}
    await house.fake.hang_up(leg)
    await house.over(call)
    await house.until(lambda: "recording_sealed" in house.told(call))
    told = house.told(call)
    told.remove("location_unknown")  # Whenever that is known.
    assert told[:7] == ["offered", "answered", "triaged", "queued", "ringing", "connected", "ended"]
    assert house.data(call, "ended")["by"] == "operator"
    assert house.data(call, "recording_sealed")["length_s"] == 10.0
    assert (house.recordings / f"{call}.wav").stat().st_size == 320_044
    assert house.data(call, "recording_sealed")["chain"] == Ledger(house.recordings).head() != GENESIS


async def test_asterisk_is_told_whom_she_needs_where_the_dialplan_does_not_say_so(house: House) -> None:
    """Should we fail, it serves her as we would."""
    chosen = await house.call()
    await house.choose(chosen)
    channel = house.fake.world.channels[chosen]
    await house.until(lambda: "SUAR_QUEUE" in channel.variables)
    (call,) = house.controller.switchboard.calls()
    assert channel.variables["SUAR_QUEUE"] == f"degraded-{call.kind}-{call.language}" == call.degraded_queue


async def test_the_switch_is_let_go_before_the_first_word(house: House) -> None:
    """And only when the call is on the disk."""
    call = await house.call()
    paths = [path for _, path in house.fake.asked if call in path]
    assert paths.index(f"channels/{call}/variable") < paths.index(f"channels/{call}/play/{call}-pb1")
    assert house.fake.world.channels[call].variables["TIMEOUT(absolute)"] == "0"
    assert house.told(call)[0] == "offered"


async def at_the_greeting(house: House, call: str) -> None:
    pass


async def after_the_prompt(house: House, call: str) -> None:
    await house.fake.finish_playback(call)
    await house.until(lambda: house.fake.world.channels[call].hears_music)


async def while_waiting(house: House, call: str) -> None:
    await house.choose(call)


async def while_ringing(house: House, call: str) -> None:
    house.ready("siti")
    await house.choose(call)
    await house.rung(call)


async def while_talking(house: House, call: str) -> None:
    await while_ringing(house, call)
    await house.talking(call)


STEPS = [at_the_greeting, after_the_prompt, while_waiting, while_ringing, while_talking]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
async def test_a_caller_who_hangs_up_leaves_nothing_behind(house: House, step: Callable[..., Any]) -> None:
    """At every step: an end that is written down, and no channel, bridge or offer."""
    call = await house.call()
    await step(house, call)
    await house.fake.hang_up(call)
    await house.over(call)
    ended = house.data(call, "ended")
    assert ended["by"] == "caller"
    assert ended["disposition"] == ("normal" if step is while_talking else "terputus")
    snapshot = house.controller.distribution.snapshot()
    assert (snapshot.waiting, snapshot.talking) == ((), ())
    assert all(one.state.value != "ringing" for one in snapshot.operators)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
async def test_a_bug_gives_the_caller_back_to_asterisk(
    house: House, step: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks: she is in the degraded path, not in silence, and other calls are untouched."""

    async def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    other = await house.call("indosat")
    for name in ("ask", "wait_for_operator", "talk"):
        if {"ask": 2, "wait_for_operator": 3, "talk": 5}[name] > STEPS.index(step):
            monkeypatch.setattr(flow_module, name, broken)
            break
    call = await house.fake.call_in("call", "telkomsel", "112")
    if step in {while_waiting, while_ringing, while_talking}:
        await house.until(lambda: house.fake.world.channels[call].playbacks)
        house.ready("siti")
        await house.fake.press(call, "1")
    if step in {while_ringing, while_talking}:
        await house.fake.answer_leg(await house.rung(call))
    entry = "waiting" if step in {while_ringing, while_talking} else "call"
    await house.until(lambda: house.fake.world.channels[call].location == ("degraded", entry))
    await house.until(lambda: len(house.controller.switchboard.calls()) == 1)
    assert "alarm" in house.told(call)
    assert "ended" not in house.told(call)
    assert other in house.fake.world.channels
    # Her call's end is told when it comes, though we have no part in it any more.
    del house.fake.world.channels[call]
    await house.until(lambda: "ended" in house.told(call))
    assert house.data(call, "ended")["by"] == "system"


async def test_an_operator_whose_phone_dies_gives_the_caller_to_the_next(house: House) -> None:
    """In the middle of a talk: she keeps her place and hears music, not silence."""
    house.ready("siti", "budi")
    call = await house.call()
    await house.choose(call)
    leg = await house.talking(call)
    await house.fake.hang_up(leg, cause=38)
    second = await house.rung(call, 2)
    assert house.fake.world.channels[call].hears_music
    await house.fake.answer_leg(second)
    await house.until(lambda: house.told(call).count("connected") == 2)
    assert house.data(call, "connected")["operator"] == "budi"
    await house.fake.hang_up(second)
    await house.over(call)


async def test_a_phone_that_ends_before_the_two_have_met_gives_the_caller_to_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it ended: nobody has spoken with her yet."""
    house.ready("siti", "budi")
    call = await house.call()
    await house.choose(call)
    leg = await house.rung(call)
    bridges = house.controller.asterisk.bridges
    add_channel = bridges.add_channel

    async def hang_up_first(*given: str) -> None:
        if leg in house.fake.world.channels:
            await house.fake.hang_up(leg)
        await add_channel(*given)

    monkeypatch.setattr(bridges, "add_channel", hang_up_first)
    await house.fake.answer_leg(leg)
    second = await house.rung(call, 2)
    assert "connected" not in house.told(call)
    await house.fake.answer_leg(second)
    await house.until(lambda: "connected" in house.told(call))
    await house.fake.hang_up(second)
    await house.over(call)


async def test_an_operator_who_rejects_is_followed_by_the_next(house: House) -> None:
    """And is not ready."""
    house.ready("siti", "budi")
    call = await house.call()
    await house.choose(call)
    await house.fake.reject_leg(await house.rung(call))
    await house.rung(call, 2)
    assert house.data(call, "ring_ended")["outcome"] == "rejected"
    await house.fake.hang_up(call)
    await house.over(call)


@pytest.mark.parametrize("slow", ["Asterisk", "the disk"])
async def test_a_caller_who_hangs_up_while_a_phone_is_dialled_leaves_none_ringing(
    house: House, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    """Neither before Asterisk has said that it rings, nor before the disk has it."""
    channels, outbox = house.controller.ports.asterisk.channels, house.controller.outbox
    originate, publish = channels.originate, outbox.publish

    async def originate_slowly(**how: Any) -> None:
        await originate(**how)
        await asyncio.sleep(60)

    def publish_slowly(call_id: str, type_: str, *rest: Any, **data: Any) -> Awaitable[object]:
        written = publish(call_id, type_, *rest, **data)
        return asyncio.get_running_loop().create_future() if type_ == "ringing" else written

    if slow == "Asterisk":
        monkeypatch.setattr(channels, "originate", originate_slowly)
    else:
        monkeypatch.setattr(outbox, "publish", publish_slowly)
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    await house.rung(call)
    await house.fake.hang_up(call)
    await house.over(call)


async def test_a_call_without_a_recording_is_an_alarm_and_a_call_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is told."""
    monkeypatch.setattr("ari_app.calls.recording._PATIENCE_S", 0.1)
    monkeypatch.setattr("ari_app.calls.aftermath._HEARD_FROM_S", 0.0)
    call = await house.call()
    (house.recordings / f"{call}.raw").unlink()
    await house.fake.hang_up(call)
    await house.until(lambda: "recording_failed" in house.told(call))
    assert [alarm.code for alarm in house.controller.alarms.standing()] == [
        "outbox_stalled",
        "recording_failed",
    ]


async def test_who_gives_up_in_the_moment_of_the_answer_misses_no_recording(house: House) -> None:
    """Nothing was heard; that is no fault of a disk, and nobody is told of one."""
    call = await house.call()
    (house.recordings / f"{call}.raw").unlink()
    await house.fake.hang_up(call)
    await house.until(lambda: "ended" in house.told(call))
    await house.over(call)
    assert "recording_failed" not in house.told(call)


async def test_an_asterisk_that_does_not_answer_costs_no_incident_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be tidied up is left for later; that the call has ended is told."""

    async def never(_: str) -> bool:
        await asyncio.sleep(60)
        return True

    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    leg = await house.talking(call)
    monkeypatch.setattr("ari_app.calls.teardown._TEARDOWN_S", 0.1)
    monkeypatch.setattr(house.controller.asterisk.channels, "hangup", never)
    await house.fake.hang_up(leg)
    await house.until(lambda: "ended" in house.told(call))


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_clock_that_was_set_back_makes_no_caller_a_lost_one(
    house: House, monkeypatch: pytest.MonkeyPatch, restarts: bool
) -> None:
    """By the clock Asterisk started after her call. Whether it is another one is what counts."""
    monkeypatch.setattr("ari_app.calls.aftermath._AFTERMATH_S", 0.1)
    house.fake.world.started_at = datetime.now(UTC) + timedelta(hours=1)
    await house.fake.cut()
    await house.until(lambda: not house.controller.live.asterisk_is_up)
    await house.until(lambda: house.controller.live.asterisk_is_up)
    call = await house.call()
    if restarts:
        house.fake.world.started_at += timedelta(seconds=1)
    del house.fake.world.channels[call]
    await house.fake.cut()
    await house.until(lambda: "ended" in house.told(call))
    await asyncio.sleep(0.4)
    assert ("lost" in house.told(call)) == restarts


async def test_a_lost_socket_finds_out_who_hung_up_meanwhile(house: House) -> None:
    """A caller who left while we heard nothing is closed as such; one who stayed goes on."""
    gone, stays = await house.call(), await house.call("indosat")
    await house.fake.cut()
    del house.fake.world.channels[gone]
    await house.until(lambda: "ended" in house.told(gone))
    await house.choose(stays)
    await house.fake.hang_up(stays)
    await house.over(stays)


async def test_stasis_arguments_that_nobody_knows_are_an_emergency_call(house: House) -> None:
    """Rather a call too many than one too few."""
    call = await house.fake.call_in("what", "is", "this")
    await house.until(lambda: "offered" in house.told(call))
    await house.fake.hang_up(call)
    await house.over(call)


async def test_a_stop_gives_waiting_callers_to_asterisk_and_lets_talkers_talk(house: House) -> None:
    """A restart of ours hangs up nobody."""
    house.ready("siti")
    talks = await house.call()
    await house.choose(talks)
    leg = await house.talking(talks)
    waits = await house.call("indosat")
    await house.choose(waits)
    await house.controller.switchboard.settle(2)
    channels = house.fake.world.channels
    assert channels[waits].location == ("degraded", "waiting")
    assert channels[talks].location is None
    assert house.fake.world.bridges == {f"{talks}-br1": [talks, leg]}


async def test_a_full_trunk_is_an_alarm_and_its_callers_are_served(house: House) -> None:
    """It stands while the trunk is full and no longer."""
    carrier = house.controller.city.carrier("telkom")
    assert carrier is not None
    object.__setattr__(carrier, "channels", 2)
    first = await house.call("telkom")
    assert house.controller.alarms.standing() == [
        alarm for alarm in house.controller.alarms.standing() if alarm.code == "outbox_stalled"
    ]
    await house.call("telkom")
    assert "trunk_full:telkom" in [alarm.code for alarm in house.controller.alarms.standing()]
    await house.fake.hang_up(first)
    await house.until(
        lambda: "trunk_full:telkom" not in [one.code for one in house.controller.alarms.standing()]
    )


async def test_a_recording_that_cannot_be_chained_is_an_alarm_and_sealed_all_the_same(house: House) -> None:
    """The alarm says what to do, and goes with the next recording that is chained."""
    (house.recordings / "chain.lock").mkdir()
    first = await house.call()
    await house.fake.hang_up(first)
    await house.until(lambda: "recording_sealed" in house.told(first))
    assert house.data(first, "recording_sealed")["chain"] is None
    (alarm,) = (one for one in house.controller.alarms.standing() if one.code == "recording_not_chained")
    assert "suar recordings reconcile" in alarm.text
    (house.recordings / "chain.lock").rmdir()
    second = await house.call()
    await house.fake.hang_up(second)
    await house.until(lambda: "recording_sealed" in house.told(second))
    assert house.data(second, "recording_sealed")["chain"] == Ledger(house.recordings).head()
    assert "recording_not_chained" not in {one.code for one in house.controller.alarms.standing()}


async def test_a_recording_that_does_not_begin_is_told_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the caller is still there."""
    monkeypatch.setattr(flow_module, "_RECORDING_BEGINS_S", 0.05)
    call = await house.fake.call_in("call", "telkomsel", "112")
    await house.until(lambda: "recording_failed" in house.told(call))
    assert call in house.fake.world.channels
    await house.fake.hang_up(call)


async def test_a_caller_who_is_gone_before_the_answer_has_an_incident(house: House) -> None:
    """Offered, then ended: nothing in between."""
    house.fake.is_deaf = True
    call = await house.fake.call_in("call", "telkomsel", "112")
    assert call not in house.controller.ports.legs
    house.fake.is_deaf = False
    channel = house.fake.world.channels.pop(call)
    await house.fake._emit("StasisStart", channel=channel.as_json(), args=channel.args)
    await house.until(lambda: "ended" in house.told(call))
    assert house.told(call)[:2] == ["offered", "ended"]
    assert house.data(call, "offered")["number"] == "+628121234567"


async def test_a_refusal_that_no_hang_up_explains_gives_the_caller_to_asterisk(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She is there, so she must be served: by somebody else than us."""

    async def gone(*_: object) -> None:
        raise ResourceGone("POST", "channels/*/moh", 409, "Conflict")

    call = await house.call()
    monkeypatch.setattr(house.controller.asterisk.channels, "start_moh", gone)
    await house.fake.press(call, "1")
    await house.until(lambda: house.fake.world.channels[call].location == ("degraded", "call"))


async def test_a_drain_takes_no_new_call_and_is_done_after_the_last(house: House) -> None:
    """Asterisk is told; a second wish changes nothing; who is on the line is served to the end."""
    call = await house.call()
    assert house.fake.world.globals["SUAR_DRAINING"] == "0"
    for _ in range(2):
        assert await house.controller.drain.start() == 1
    assert house.fake.world.globals["SUAR_DRAINING"] == "1"
    assert not house.controller.drain.done.is_set()
    await house.fake.hang_up(call)
    await asyncio.wait_for(house.controller.drain.done.wait(), 5)


async def test_with_an_heir_nobody_is_moved(house: House) -> None:
    """It takes up at once what is left in Asterisk."""
    waits = await house.call()
    await house.choose(waits)
    house.controller.ports.has_heir = True
    await house.controller.switchboard.settle(2)
    assert house.fake.world.channels[waits].location is None
    assert "ended" not in house.told(waits)


async def test_who_calls_while_we_stop_is_sent_on_at_once(house: House) -> None:
    """Not after the three seconds of the switch; with an heir she is left where she is, to be taken up."""
    await house.controller.drain.shut_the_door()
    assert house.fake.world.globals["SUAR_DRAINING"] == "1"
    await house.controller.switchboard.settle(2)
    late = await house.fake.call_in("call", "telkomsel", "112")
    await house.until(lambda: house.fake.world.channels[late].location == ("degraded", "call"))
    number, _, count = late.rpartition(".")
    has_waited = f"{number}.{int(count) + 1}"
    for event in ("offered", "queued"):
        await house.controller.outbox.publish(has_waited, event)
    assert await house.fake.call_in("call", "telkomsel", "112") == has_waited
    await house.until(lambda: house.fake.world.channels[has_waited].location == ("degraded", "waiting"))
    house.controller.ports.has_heir = True
    later = await house.fake.call_in("call", "telkomsel", "112")
    await asyncio.sleep(0.05)
    assert house.fake.world.channels[later].location is None
    assert house.controller.switchboard.calls() == []


async def test_a_controller_that_stops_takes_no_new_call(tmp_path: Path) -> None:
    """The dialplan knows; the next controller opens the door again."""
    fake, state = FakeAsterisk(), StateDir(tmp_path)
    async with fake.serving() as url:
        city = city_on(fake, url)
        secrets = Secrets.load_or_create(state, city)
        for _ in range(2):
            async with running(city, state, secrets) as controller:
                while not controller.live.asterisk_is_up:
                    await asyncio.sleep(0.005)
                assert fake.world.globals["SUAR_DRAINING"] == "0"
            assert fake.world.globals["SUAR_DRAINING"] == "1"


async def test_a_channel_that_is_still_going_is_a_caller_who_hung_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk tells a channel's end before it is gone: she was not moved, and nobody gave her back."""
    call = await house.call()
    await house.choose(call)
    exists, asked = house.controller.asterisk.channels.exists, 0

    async def still_going(channel_id: str) -> bool:
        nonlocal asked
        asked += 1
        return asked == 1 or await exists(channel_id)

    monkeypatch.setattr(house.controller.asterisk.channels, "exists", still_going)
    await house.fake.hang_up(call)
    await house.over(call)
    assert house.data(call, "ended")["by"] == "caller"
    assert "alarm" not in house.told(call)
    assert asked == 2

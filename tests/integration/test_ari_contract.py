"""The fake Asterisk, held to the real one: the same scenes on both, and what both say compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ari_app.ari.connection import AriConnection, AriSettings, Replaced
from ari_app.ari.errors import AriRejected
from ari_app.ari.events import (
    AriEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    DeviceStateChanged,
    PlaybackContinuing,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from ari_app.ari.resources import MIXED, Asterisk
from ari_app.fake_asterisk import FakeAsterisk
from tests.integration.conftest import Town

PHONE = "PJSIP/op-siti"
LEG, BRIDGE = "sby1-7.7-op1", "sby1-7.7-br1"
SNOOP, OWN_BRIDGE = "sby1-7.7-sn1", "sby1-7.7-sb1"
_MANY = 900


class Stage:
    """A controller's end of a socket, and what it has heard, told in words that fit both."""

    def __init__(self) -> None:
        self.script: list[str] = []
        self.news = asyncio.Event()
        self.caller = ""
        self.connection: AriConnection
        self.asterisk: Asterisk

    def hear(self, event: AriEvent) -> None:
        match event:
            case StasisStart(channel=channel, args=args):
                if args[:1] == ["call"]:
                    self.caller = channel.id
                self.tell(channel.id, f"enters {'|'.join(args[:1])} {channel.state}")
            case StasisEnd(channel=channel):
                self.tell(channel.id, "leaves")
            case ChannelDestroyed(channel=channel, cause=cause):
                self.tell(channel.id, f"is gone {cause}")
            case DeviceStateChanged(device_state=device):
                self.tell(device.name, device.state)
            case ChannelDtmfReceived(channel=channel, digit=digit):
                self.tell(channel.id, f"presses {digit}")
            case PlaybackContinuing(playback=playback):
                self.tell(playback.target_uri.removeprefix("channel:"), "has heard it all")
            case PlaybackFinished(playback=playback):
                self.tell(playback.target_uri.removeprefix("channel:"), f"has heard {playback.state}")
            case _:
                pass

    def tell(self, channel_id: str, what: str) -> None:
        who = {LEG: "leg", SNOOP: "snoop", PHONE: "phone"}.get(channel_id, "caller")
        self.script.append(f"{who} {what}")
        self.news.set()

    async def until(self, line: str) -> None:
        async with asyncio.timeout(8):
            while line not in self.script:
                self.news.clear()
                await self.news.wait()

    async def status(self, request: Awaitable[Any]) -> int:
        try:
            await request
        except AriRejected as error:
            return error.status
        return 200


@asynccontextmanager
async def connected(base_url: str, password: str) -> AsyncIterator[Stage]:
    stage = Stage()
    up = asyncio.Event()

    async def on_connected() -> None:
        up.set()

    settings = AriSettings(base_url, "suar", "suar", password)
    stage.connection = AriConnection(settings, on_event=stage.hear, on_connected=on_connected)
    stage.asterisk = Asterisk(stage.connection)
    running = asyncio.create_task(stage.connection.run())
    async with asyncio.timeout(5):
        await up.wait()
    yield stage
    running.cancel()
    with suppress(asyncio.CancelledError, Replaced):
        await running


class Fake:
    """The cast on the fake."""

    def __init__(self, fake: FakeAsterisk, stage: Stage) -> None:
        self.fake, self.stage = fake, stage

    async def call(self, lasts_s: float, presses: str = "") -> None:
        await self.fake.call_in("call", "telkomsel", "112")
        self._presses = presses

    async def press(self) -> None:
        await self.fake.press(self.stage.caller, self._presses)

    async def hang_up(self) -> None:
        await self.fake.hang_up(self.stage.caller)

    async def sound_ends(self) -> None:
        await self.fake.finish_playback(self.stage.caller)

    async def phone_answers(self) -> None:
        await self.fake.answer_leg(LEG)

    async def phone_rejects(self) -> None:
        await self.fake.reject_leg(LEG)

    @asynccontextmanager
    async def phone(self, **_: Any) -> AsyncIterator[None]:
        await self.fake.set_endpoint(PHONE, "online")
        yield
        await self.fake.set_endpoint(PHONE, "offline")


class Real:
    """The cast on the real one: a SIPp caller and a SIPp phone, who act by the clock."""

    def __init__(self, town: Town, stage: Stage) -> None:
        self.town, self.stage = town, stage
        self._calling: asyncio.Task[Any] | None = None

    async def call(self, lasts_s: float, presses: str = "") -> None:
        caller = self.town.caller(hang_up_after_s=lasts_s, presses=[(0.4, presses)] if presses else [])
        self._calling = asyncio.create_task(caller.run())

    async def press(self) -> None:
        pass

    async def hang_up(self) -> None:
        if self._calling:
            await self._calling

    async def sound_ends(self) -> None:
        pass

    async def phone_answers(self) -> None:
        pass

    async def phone_rejects(self) -> None:
        pass

    @asynccontextmanager
    async def phone(self, **options: Any) -> AsyncIterator[None]:
        async with self.town.phone("siti", **options):
            yield


Cast = Fake | Real


async def a_caller_hangs_up(cast: Cast, stage: Stage) -> list[Any]:
    await cast.call(1.0)
    await stage.until("caller enters call Ring")
    channels = stage.asterisk.channels
    said = [
        await stage.status(channels.answer(stage.caller)),
        await stage.status(channels.answer(stage.caller)),
    ]
    said.append(await channels.exists(stage.caller))
    await cast.hang_up()
    await stage.until("caller leaves")
    await asyncio.sleep(0.3)
    said += [
        await stage.status(channels.answer(stage.caller)),
        await channels.hangup(stage.caller),
        await channels.exists(stage.caller),
        await stage.status(channels.start_moh(stage.caller, "waiting")),
        await stage.status(channels.set_variable(stage.caller, "A", "1")),
    ]
    return said


async def prompts_are_heard_and_stopped(cast: Cast, stage: Stage) -> list[Any]:
    await cast.call(9.0)
    await stage.until("caller enters call Ring")
    channels, playbacks = stage.asterisk.channels, stage.asterisk.playbacks
    await channels.answer(stage.caller)
    sound: dict[str, Any] = {"media": "sound:suar/test-call", "language": "id"}
    # The switch that the dialplan has armed would end the scene.
    await channels.set_variable(stage.caller, "TIMEOUT(absolute)", "0")
    said = [await stage.status(channels.play(stage.caller, playback_id="p1", **sound))]
    await cast.sound_ends()
    await stage.until("caller has heard it all")
    said.append(await playbacks.stop("p1"))
    await stage.until("caller has heard done")
    said.append(await stage.status(channels.play(stage.caller, playback_id="p2", **sound)))
    await asyncio.sleep(0.2)
    said.append(await playbacks.stop("p2"))
    # A playback goes when its channel has noticed, not when it was told.
    async with asyncio.timeout(5):
        while sum(line.startswith("caller has heard") for line in stage.script) < 2:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    said += [await playbacks.stop("p2"), await playbacks.stop("never")]
    said += [await stage.status(channels.start_moh(stage.caller, "waiting"))]
    said += [await stage.status(channels.stop_moh(stage.caller))]
    await channels.hangup(stage.caller)
    await stage.until("caller leaves")
    return said


async def digits_come_one_by_one(cast: Cast, stage: Stage) -> list[Any]:
    await cast.call(4.0, "1#9")
    await stage.until("caller enters call Ring")
    await stage.asterisk.channels.answer(stage.caller)
    await stage.asterisk.channels.start_moh(stage.caller, "waiting")
    await cast.press()
    await stage.until("caller presses 9")
    await stage.asterisk.channels.hangup(stage.caller)
    await stage.until("caller leaves")
    return []


async def variables_and_the_switch(cast: Cast, stage: Stage) -> list[Any]:
    await cast.call(3.0)
    await stage.until("caller enters call Ring")
    channels = stage.asterisk.channels
    await channels.answer(stage.caller)
    said: list[Any] = [await stage.status(channels.get_variable(stage.caller, "NEVER_SET"))]
    await channels.set_variable(stage.caller, "TIMEOUT(absolute)", "0")
    said.append(await channels.get_variable(stage.caller, "TIMEOUT(absolute)"))
    await channels.set_variable(stage.caller, "SUAR_TEST", "a b&c")
    said.append(await channels.get_variable(stage.caller, "SUAR_TEST"))
    said.append(await channels.get_variable(stage.caller, "GEOLOC_PROFILE(location_info)"))
    await channels.hangup(stage.caller)
    await stage.until("caller leaves")
    return said


async def ring(stage: Stage) -> int:
    return await stage.status(
        stage.asterisk.channels.originate(
            endpoint="PJSIP/op-siti", channel_id=LEG, app="suar", app_args="operator,a,b",
            caller_id='"Kebakaran" <112>', timeout_s=5, originator=stage.caller,
        )
    )  # fmt: skip


async def an_operator_answers_and_the_two_are_bridged(cast: Cast, stage: Stage) -> list[Any]:
    async with cast.phone():
        await cast.call(6.0)
        await stage.until("caller enters call Ring")
        asterisk = stage.asterisk
        await asterisk.channels.answer(stage.caller)
        # A slow machine must not meet the switch that the dialplan has armed.
        await asterisk.channels.set_variable(stage.caller, "TIMEOUT(absolute)", "0")
        said = [await ring(stage), await ring(stage)]
        await cast.phone_answers()
        await stage.until("leg enters operator Up")
        said += [await stage.status(asterisk.bridges.create(BRIDGE))]
        said += [await stage.status(asterisk.bridges.add_channel(BRIDGE, stage.caller, LEG))]
        said += [sorted((await asterisk.bridges.list())[0].channels) == sorted([stage.caller, LEG])]
        said += [await stage.status(asterisk.bridges.add_channel(BRIDGE, "nobody"))]
        said += [await stage.status(asterisk.bridges.add_channel("no bridge", LEG))]
        said += [await stage.status(asterisk.channels.received(LEG))]
        said += [await stage.status(asterisk.channels.received("nobody"))]
        said += [await stage.status(asterisk.bridges.remove_channel(BRIDGE, LEG))]
        said += [await stage.status(asterisk.bridges.remove_channel(BRIDGE, LEG))]
        said += [await stage.status(asterisk.bridges.add_channel(BRIDGE, LEG))]
        said += [await asterisk.channels.hangup(LEG)]
        await stage.until("leg is gone 16")
        said += [await asterisk.bridges.destroy(BRIDGE), await asterisk.bridges.destroy(BRIDGE)]
        await asterisk.channels.hangup(stage.caller)
        await stage.until("caller leaves")
    return said


async def a_leg_is_overheard_and_moved_between_bridges(cast: Cast, stage: Stage) -> list[Any]:
    async with cast.phone():
        await cast.call(6.0)
        await stage.until("caller enters call Ring")
        asterisk = stage.asterisk
        await asterisk.channels.answer(stage.caller)
        await asterisk.channels.set_variable(stage.caller, "TIMEOUT(absolute)", "0")
        said: list[Any] = [await ring(stage)]
        await cast.phone_answers()
        await stage.until("leg enters operator Up")

        async def overhear(target: str, spy: str, whisper: str) -> int:
            return await stage.status(
                asterisk.channels.snoop(target, SNOOP, spy=spy, whisper=whisper, app="suar", app_args="snoop")
            )

        said += [await overhear(LEG, "none", "none"), await overhear("nobody", "both", "none")]
        said += [await overhear(LEG, "both", "out")]
        await stage.until("snoop enters snoop Up")
        await asterisk.bridges.create(BRIDGE, MIXED)
        await asterisk.bridges.create(OWN_BRIDGE)
        said += [await stage.status(asterisk.bridges.add_channel(OWN_BRIDGE, stage.caller, SNOOP))]
        # Who is put into another bridge leaves the one that she is in.
        said += [await stage.status(asterisk.bridges.add_channel(BRIDGE, stage.caller, LEG))]
        await asyncio.sleep(0.3)
        members = {bridge.id: sorted(bridge.channels) for bridge in await asterisk.bridges.list()}
        said += [members[BRIDGE] == sorted([stage.caller, LEG]), members[OWN_BRIDGE] == [SNOOP]]
        await asterisk.channels.hangup(LEG)
        await stage.until("leg is gone 16")
        await stage.until("snoop leaves")
        await asyncio.sleep(0.3)
        said += [await asterisk.channels.exists(SNOOP), await asterisk.channels.hangup(SNOOP)]
        said += [await asterisk.bridges.destroy(BRIDGE), await asterisk.bridges.destroy(OWN_BRIDGE)]
        await asterisk.channels.hangup(stage.caller)
        await stage.until("caller leaves")
    return said


async def an_operator_rejects(cast: Cast, stage: Stage) -> list[Any]:
    async with cast.phone(reject="486 Busy Here"):
        await cast.call(4.0)
        await stage.until("caller enters call Ring")
        await stage.asterisk.channels.answer(stage.caller)
        said = [await ring(stage)]
        await cast.phone_rejects()
        await stage.until("leg is gone 17")
        await stage.asterisk.channels.hangup(stage.caller)
        await stage.until("caller leaves")
    return said


async def phones_are_looked_up(cast: Cast, stage: Stage) -> list[Any]:
    found = await stage.asterisk.endpoints.get("PJSIP", "op-siti")
    nobody = await stage.asterisk.endpoints.get("PJSIP", "op-nobody")
    subscribe = stage.asterisk.applications.subscribe
    return [
        found.resource if found else None,
        nobody,
        await stage.status(subscribe("suar", [f"deviceState:{PHONE}"])),
        await stage.status(subscribe("suar", ["deviceState:PJSIP/op-nobody"])),
    ]


async def a_phone_tells_how_it_is(cast: Cast, stage: Stage) -> list[Any]:
    asterisk = stage.asterisk
    await asterisk.applications.subscribe("suar", [f"deviceState:{PHONE}"])
    async with cast.phone():
        await stage.until("phone NOT_INUSE")
        await cast.call(4.0)
        await stage.until("caller enters call Ring")
        await asterisk.channels.answer(stage.caller)
        await asterisk.channels.set_variable(stage.caller, "TIMEOUT(absolute)", "0")
        said: list[Any] = [await ring(stage)]
        await stage.until("phone BUSY")
        await cast.phone_answers()
        await stage.until("leg enters operator Up")
        endpoints = await asterisk.endpoints.list("PJSIP")
        said += [one.channel_ids for one in endpoints if one.resource == "op-siti"]
        await asterisk.channels.hangup(LEG)
        async with asyncio.timeout(5):
            while stage.script.count("phone NOT_INUSE") < 2:
                await asyncio.sleep(0.02)
        await asterisk.channels.hangup(stage.caller)
        await stage.until("caller leaves")
    await stage.until("phone UNAVAILABLE")
    return said


async def the_system_is_asked(cast: Cast, stage: Stage) -> list[Any]:
    system = stage.asterisk.system
    started_at = await system.started_at()
    return [
        timedelta(0) < datetime.now(UTC) - started_at < timedelta(hours=1),
        await stage.status(system.set_global("SUAR_TEST", "1")),
    ]


SCENES: list[Callable[[Cast, Stage], Awaitable[list[Any]]]] = [
    a_caller_hangs_up,
    prompts_are_heard_and_stopped,
    digits_come_one_by_one,
    variables_and_the_switch,
    an_operator_answers_and_the_two_are_bridged,
    a_leg_is_overheard_and_moved_between_bridges,
    an_operator_rejects,
    phones_are_looked_up,
    a_phone_tells_how_it_is,
    the_system_is_asked,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_the_fake_says_what_the_real_one_says(
    town: Town, scene: Callable[[Cast, Stage], Awaitable[list[Any]]]
) -> None:
    """The same answers, and the same events in the same order for each channel."""
    http = town.city.network.asterisk_http_bind
    async with connected(f"http://{http}", town.secrets.ari_password) as stage:
        cast = Real(town, stage)
        said = await scene(cast, stage)
        # The caller's phone is put down before the loop ends.
        await cast.hang_up()
        real = (said, _by_channel(stage.script))
    assert await town.is_empty()
    fake = FakeAsterisk()
    fake.world.endpoints = {PHONE: "offline"}
    async with fake.serving() as url, connected(url, "secret") as stage:
        said = await scene(Fake(fake, stage), stage)
        pretended = (said, _by_channel(stage.script))
    assert pretended == real


async def test_a_second_controller_replaces_the_first_on_both(town: Town) -> None:
    """The first is told, and ends."""
    fake = FakeAsterisk()
    async with fake.serving() as fake_url:
        for url in (f"http://{town.city.network.asterisk_http_bind}", fake_url):
            settings = AriSettings(url, "suar", "suar", town.secrets.ari_password)
            up = asyncio.Event()

            async def on_connected(up: asyncio.Event = up) -> None:
                up.set()

            first = asyncio.create_task(
                AriConnection(settings, on_event=lambda _: None, on_connected=on_connected).run()
            )
            await asyncio.wait_for(up.wait(), 5)
            async with connected(url, town.secrets.ari_password):
                with pytest.raises(Replaced):
                    await asyncio.wait_for(first, 5)


async def test_hundreds_of_channels_are_listed(town: Town) -> None:
    """On the socket, an answer of that size is Asterisk's death."""
    url = f"http://{town.city.network.asterisk_http_bind}"
    async with connected(url, town.secrets.ari_password) as stage:
        create = {"endpoint": "Local/call@degraded", "app": "suar"}
        made = await asyncio.gather(
            *(stage.connection.request("POST", "channels/create", create) for _ in range(_MANY))
        )
        listed = await stage.asterisk.channels.list()
        assert len(listed) == 2 * _MANY  # Each has another end.
        for one in made:
            await stage.asterisk.channels.hangup(one["id"])
    assert await town.is_empty()


def _by_channel(script: list[str]) -> dict[str, list[str]]:
    """Events of different channels have no order between them."""
    return {
        who: [line for line in script if line.startswith(who)] for who in ("caller", "leg", "snoop", "phone")
    }

"""The switchboard: routes each of Asterisk's events to the call that it belongs to, and starts calls.

Routing never awaits. Each call runs in a guarded task of its own: a bug in one call cannot touch another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from ari_app.ari.errors import AriError
from ari_app.ari.events import (
    AriEvent,
    CallerId,
    Channel,
    ChannelDestroyed,
    ChannelDtmfReceived,
    PlaybackContinuing,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
    age_s,
    endpoint_of,
    read_time,
)
from ari_app.calls.adoption import Past, Supervising, Talk, read_past, sort_out
from ari_app.calls.aftermath import follow_up
from ari_app.calls.call import Call, EndedBy, Phase, Timings, presented
from ari_app.calls.calling_out import Order, route_of
from ari_app.calls.flow import Flow, Resumed
from ari_app.calls.legs import Leg
from ari_app.calls.ports import Ports
from ari_app.calls.trunks import Trunks
from ari_app.conversation.errors import ConversationError
from ari_app.conversation.occupation import occupy
from ari_app.conversation.rejoining import Rejoined, rejoin
from ari_app.conversation.targets import Route
from ari_app.tasks import Tasks
from suar import ids
from suar.city import SYNTHETIC, City
from suar.log import get_logger

_SIP = "PJSIP/"

log = get_logger()


class Switchboard:
    """Every call that is alive."""

    def __init__(self, ports: Ports, tasks: Tasks) -> None:
        self._ports = ports
        self._tasks = tasks
        self._calls: dict[str, Call] = {}
        self._trunks = Trunks(ports.alarms)
        self._flows: set[asyncio.Task[None]] = set()
        self._held: set[str] = set()
        self._supervising: list[Supervising] = []
        self.on_rejoined: Callable[[Call], None] = lambda _: None
        """Is told of each talk that an earlier controller led."""
        self.on_key: Callable[[str, str], None] = lambda _channel, _digit: None
        """Takes every key that is pressed on a channel."""
        self.on_other: Callable[[AriEvent], None] = lambda _: None
        """Takes the events that belong to no call: phones that come and go."""

    def calls(self) -> list[Call]:
        """Return the calls that are alive, oldest first."""
        return list(self._calls.values())

    def find(self, call_id: str) -> Call | None:
        """Return a call that is alive."""
        return self._calls.get(call_id)

    def count(self) -> int:
        """Return how many are alive."""
        return len(self._calls)

    def held(self) -> set[str]:
        """Return the calls whose end is ours to tell: those alive, and those that are being wound up."""
        return set(self._held)

    def take_supervising(self) -> list[Supervising]:
        """Return, once, the supervisors' phones on talks that were just taken up, to be minded."""
        taken, self._supervising = self._supervising, []
        return taken

    def route(self, event: AriEvent) -> None:
        """Take one event from Asterisk."""
        match event:
            case StasisStart(args=["call", *details], channel=channel):
                self._begin(channel, details)
            case StasisStart(args=["operator" | "supervisor" | "snoop" as part, *_], channel=channel):
                if leg := self._ports.legs.get(channel.id):
                    leg.feed(event)
                else:
                    log.warning("leg_unexpected", part=part, channel=channel.id)
                    self._tasks.create_task(self._hang_up(channel.id))
            case StasisStart(args=["dialled", whom], channel=channel):
                self._tasks.create_task(self._record(channel.id, whom))
            case StasisStart(args=["out", *details], channel=channel) if channel.id not in self._ports.legs:
                # Rung by a controller that died meanwhile: somebody has to speak to her.
                self._begin(channel, details)
            case StasisStart(args=["party" | "out", *_], channel=channel):
                self._feed(channel.id, event)
            case StasisStart(args=args, channel=channel):
                # An emergency call that we cannot read is an emergency call all the same.
                if args[:1] == ["from-operator"]:
                    self._tasks.create_task(self._hang_up(channel.id))
                else:
                    log.error("stasis_arguments_unknown", arguments=len(args))
                    self._begin(channel, [])
            case ChannelDestroyed(channel=channel) | StasisEnd(channel=channel):
                self._feed(channel.id, event)
            case ChannelDtmfReceived(channel=channel, digit=digit):
                self._feed(channel.id, event)
                self.on_key(channel.id, digit)
            case PlaybackContinuing(playback=playback):
                # What was to be heard was heard; what follows is for callers whose controller is dead.
                self._tasks.create_task(self._stop_playback(playback.id))
            case PlaybackFinished(playback=playback):
                self._feed(playback.target_uri.removeprefix("channel:"), event)
            case _:
                self.on_other(event)

    async def reconcile(self) -> None:
        """After a connection, before any event of it is handed out: take up what is there.

        Those who talk go on, and are one call with one recording; those who wait keep their places; what
        belongs to nobody is removed; what has ended unheard is ended.
        """
        asterisk = self._ports.asterisk
        channels = {channel.id: channel for channel in await asterisk.channels.list()}
        bridges = await asterisk.bridges.list()
        self._end_the_unheard(channels)
        found = sort_out(channels.values(), bridges, self._calls)
        for leg_id in found.orphan_legs:
            await self._hang_up(leg_id)
        for bridge_id in found.orphan_bridges:
            with suppress(AriError):
                await asterisk.bridges.destroy(bridge_id)
        self._supervising += found.supervising
        # Who talks first: her operator must not be offered to one who waits.
        for talk in found.talks:
            await self._adopt_talk(talk)
        for channel in sorted(found.waiting, key=self._waits_since):
            self._adopt(channel)
        if found.talks or found.waiting or found.orphan_legs:
            log.warning(
                "calls_adopted",
                talking=len(found.talks),
                waiting=len(found.waiting),
                orphans=len(found.orphan_legs) + len(found.orphan_bridges),
            )

    def _end_the_unheard(self, channels: Mapping[str, Channel]) -> None:
        for call_id in self._calls:
            leg, channel = self._ports.legs[call_id], channels.get(call_id)
            if channel is not None and not channel.is_callers and not leg.left.done():
                # Moved to the degraded path while we heard nothing.
                leg.left.set_result(None)
        gone = [leg for name, leg in self._ports.legs.items() if name not in channels and not leg.gone.done()]
        started_at = self._ports.line.started_at
        for leg in gone:
            log.info("leg_ended_unheard", channel=leg.id)
            call = self._calls.get(leg.id)
            if call is not None and started_at != call.asterisk_started_at:
                # Asterisk has died under the call; nobody has hung up.
                call.is_lost, call.ended_by = True, EndedBy.SYSTEM
            leg.end(ago_s=None)

    def _waits_since(self, channel: Channel) -> tuple[datetime, str]:
        past = read_past(self._ports.outbox.history(channel.id))
        since = past.queued or past.offered or read_time(channel.creationtime) or self._ports.now()
        return since, channel.id

    def _adopt(self, channel: Channel) -> None:
        _, _, *details = channel.dialplan.app_data.split(",")
        self._begin(channel, details)

    async def _adopt_talk(self, talk: Talk) -> None:
        _, _, *details = talk.caller.dialplan.app_data.split(",")
        history = self._ports.outbox.history(talk.caller.id)
        rejoined = rejoin(talk.caller.id, talk.channels, talk.bridges, history)
        if rejoined.operator_id is None and rejoined.state.operator in talk.channels:
            # The journal is lost: her phone tells who she is.
            endpoint = endpoint_of(talk.channels[rejoined.state.operator])
            rejoined.operator_id = next(
                (one.id for one in self._ports.city.operators if one.endpoint == endpoint), endpoint
            )
        self._ports.legs.update(rejoined.legs)
        operator = rejoined.state.operator
        if operator is not None and ids.kind_of(operator) is ids.Kind.SUPERVISOR_LEG:
            self._ports.succession.carry(talk.caller.id, operator)
        for occupation in rejoined.occupations():
            self._ports.distribution.tell_late(occupation)
        for stranger in rejoined.strangers:
            if ids.kind_of(stranger) is not ids.Kind.SUPERVISOR_LEG:
                await self._hang_up(stranger)
        self._begin(talk.caller, details, rejoined)

    async def _record(self, leg_id: str, whom: str) -> None:
        """A leg that we dialled is answered: it passes by the dialplan, where its recording begins."""
        if whom == "party" and leg_id not in self._ports.legs:
            return await self._hang_up(leg_id)  # Of a conversation that is over.
        try:
            await self._ports.asterisk.channels.continue_in_dialplan(leg_id, context="party", extension=whom)
        except AriError as error:
            log.error("leg_not_recorded", channel=leg_id, reason=str(error))
            await self._hang_up(leg_id)

    def call_out(self, order: Order) -> str:
        """Make a call; return its id.

        Raises :class:`~ari_app.conversation.errors.ConversationError` if it cannot be made.
        """
        ports, now = self._ports, self._ports.now()
        call_id = ids.mint_outward(ports.city.node, now, len(self._calls))
        carrier_id, route = route_of(order, call_id, ports)
        leg = Leg(call_id, is_dialled=True)
        channel = Channel(call_id, caller=CallerId(number=order.number))
        call = self._call_of(channel, [carrier_id, order.number], Past(kind=order.kind))
        call.is_outward, call.follows = True, order.follows
        call.operator = order.operator_id
        occupy(order.operator_id, call_id, ports)
        self._start(call, leg, order=(order, route))
        return call_id

    async def settle(self, patience_s: float) -> None:
        """Let go of every call, so that none ends with us; called once, when the application stops."""
        self._ports.is_stopping = True
        for flow in self._flows:
            flow.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._flows:  # Who comes in just now is sent on.
                    await asyncio.wait(self._flows)

    def _begin(self, channel: Channel, details: list[str], talks: Rejoined | None = None) -> None:
        """Begin a call, or take it up where the journal says that it stands."""
        if channel.id in self._calls:
            log.warning("call_begins_twice", call_id=channel.id)
            return
        history = self._ports.outbox.history(channel.id)
        past = read_past(history)
        if self._ports.is_stopping:
            if not (talks or self._ports.has_heir):
                self._keep(self._tasks.create_task(self._pass_on(channel.id, past)))
            return
        call = self._call_of(channel, details, past)
        resumed = None
        if history or talks or _came_back(channel):
            is_owned = past.answered is not None and not _came_back(channel)
            resumed = Resumed(past.offered is not None, channel.state == "Up", is_owned, talks)
        leg = Leg(call.id)
        leg.up.set_result(None)
        self._start(call, leg, resumed)
        if talks:
            self.on_rejoined(call)

    def _start(
        self,
        call: Call,
        leg: Leg,
        resumed: Resumed | None = None,
        order: tuple[Order, Route] | None = None,
    ) -> None:
        self._calls[call.id] = call
        self._held.add(call.id)
        self._trunks.take(call.carrier)
        self._ports.legs[call.id] = leg
        life = Flow(call, leg, self._ports, resumed, order)
        flow = self._tasks.create_task(self._live(call, life), name=f"call-{call.id}")
        self._keep(flow)
        self._ports.on_change()

    def _keep(self, flow: asyncio.Task[None]) -> None:
        self._flows.add(flow)
        flow.add_done_callback(self._flows.discard)

    def _call_of(self, channel: Channel, details: list[str], past: Past) -> Call:
        city, now, clock = self._ports.city, self._ports.now(), self._ports.clock()
        carrier_id, dialled, need, said, presentation, *_ = [*details, "", "", "", "", ""]
        asked = _read_need(city, need)
        kind = city.kind(past.kind or asked[0]) or city.fallback_kind

        def mark(at: datetime | None) -> float | None:
            return None if at is None else clock - (now - at).total_seconds()

        is_outward = channel.dialplan.app_data.startswith("suar,out")
        number = (dialled if is_outward else channel.caller.number) or None
        ring_at = past.offered or read_time(channel.creationtime) or now
        return Call(
            id=channel.id,
            carrier=city.carrier(carrier_id),
            dialled=dialled,
            number=number,
            presentation=presented(number, presentation),
            sip_call_id=channel.protocol_id if channel.name.startswith(_SIP) else "",
            ring_at=ring_at,
            asterisk_started_at=self._ports.line.started_at,
            timings=Timings(
                mark(past.offered) or clock,
                answered=mark(past.answered),
                queued=mark(past.queued),
                connected=mark(past.connected),
            ),
            phase=Phase.GREETING,
            since=now,
            kind=kind.id,
            language=past.language or asked[1] or city.triage.nodes[city.triage.start].language,
            queue=kind.queue,
            priority=kind.priority,
            claims=past.claims,
            place_changes=past.place_changes,
            hearing=past.hearing,
            standing=past.standing,
            is_put_back=past.is_put_back,
            has_pressed=past.has_pressed,
            offers=past.offers,
            bridges=past.bridges,
            parties=past.parties,
            is_outward=is_outward,
            is_test=said == "test",
            is_synthetic=carrier_id == SYNTHETIC,
        )

    async def _live(self, call: Call, flow: Flow) -> None:
        try:
            await self._live_and_wind_up(call, flow)
        finally:
            self._held.discard(call.id)

    async def _live_and_wind_up(self, call: Call, flow: Flow) -> None:
        try:
            await flow.run()
        finally:
            del self._calls[call.id]
            self._trunks.give_back(call.carrier)
            self._forget_legs(call.id)
            self._ports.on_change()
        if flow.gave_back:
            return  # Her call has not ended: who ends it tells.
        if call.is_to_be_called_again:
            self._call_again(call)
        await follow_up(call, self._ports)

    def _call_again(self, call: Call) -> None:
        """Her line was to stay open, and she hung up: her operator's phone rings for her at once."""
        if call.number is None or call.operator is None:
            return
        carrier_id = call.carrier.id if call.carrier else None
        order = Order(call.number, call.operator, carrier_id, call.id, is_callback=True, kind=call.kind)
        try:
            self.call_out(order)
        except ConversationError as error:
            log.warning("caller_not_called_again", call_id=call.id, reason=str(error))

    def _forget_legs(self, call_id: str) -> None:
        for leg in self._ports.legs.of(call_id):
            del self._ports.legs[leg.id]

    def _feed(self, channel_id: str, event: AriEvent) -> None:
        if leg := self._ports.legs.get(channel_id):
            leg.feed(event, age_s(event, self._ports.now()))

    async def _pass_on(self, call_id: str, past: Past) -> None:
        """She comes in the moment in which we stop: Asterisk alone looks after her, at once."""
        extension = "call" if past.queued is None else "waiting"
        try:
            await self._ports.asterisk.channels.continue_in_dialplan(
                call_id, context="degraded", extension=extension
            )
        except AriError as error:
            # The dead man's switch, which nobody has let go, will do it.
            log.warning("call_not_passed_on", call_id=call_id, reason=str(error))

    async def _stop_playback(self, playback_id: str) -> None:
        try:
            await self._ports.asterisk.playbacks.stop(playback_id)
        except AriError as error:
            log.warning("playback_not_stopped", reason=str(error))

    async def _hang_up(self, channel_id: str) -> None:
        try:
            await self._ports.asterisk.channels.hangup(channel_id)
        except AriError as error:
            log.warning("channel_not_hung_up", channel=channel_id, reason=str(error))


def _read_need(city: City, queue: str) -> tuple[str, str]:
    """Return the kind and the language that a queue of the degraded path stands for; empty if for none."""
    for kind in city.kinds:
        for language in city.languages:
            if city.degraded_queue(kind.id, language) == queue:
                return kind.id, language
    return "", ""


def _came_back(channel: Channel) -> bool:
    """Whether the dialplan has armed the switch anew: the caller has been away, and is back."""
    return channel.dialplan.context == "returned"

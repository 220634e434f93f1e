"""The switchboard: routes each of Asterisk's events to the call that it belongs to, and starts calls.

Routing never awaits. Each call runs in a guarded task of its own: a bug in one call cannot touch another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog

from ari_app.ari.errors import AriError
from ari_app.ari.events import (
    AriEvent,
    Channel,
    ChannelDestroyed,
    ChannelDtmfReceived,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from ari_app.calls.call import Call, Phase, Timings
from ari_app.calls.flow import Flow, keep_recording, tell_end
from ari_app.calls.legs import Leg
from ari_app.calls.ports import Ports
from suar import ids
from suar.log import get_logger

log = get_logger()


class Switchboard:
    """Every call that is alive."""

    def __init__(self, ports: Ports, tasks: asyncio.TaskGroup) -> None:
        self._ports = ports
        self._tasks = tasks
        self._calls: dict[str, Call] = {}
        self._flows: set[asyncio.Task[None]] = set()
        self.on_other: Callable[[AriEvent], None] = lambda _: None
        """Takes the events that belong to no call: phones that come and go."""

    def calls(self) -> list[Call]:
        """Return the calls that are alive, oldest first."""
        return list(self._calls.values())

    def route(self, event: AriEvent) -> None:
        """Take one event from Asterisk."""
        match event:
            case StasisStart(args=["call", *details], channel=channel):
                self._begin(channel, details)
            case StasisStart(args=["operator", *_], channel=channel):
                if leg := self._ports.legs.get(channel.id):
                    leg.feed(event)
                else:
                    log.warning("operator_leg_unexpected", channel=channel.id)
                    self._tasks.create_task(self._hang_up(channel.id))
            case StasisStart(args=args, channel=channel):
                # An emergency call that we cannot read is an emergency call all the same.
                if args[:1] == ["from-operator"]:
                    self._tasks.create_task(self._hang_up(channel.id))
                else:
                    log.error("stasis_arguments_unknown", arguments=len(args))
                    self._begin(channel, [])
            case ChannelDestroyed(channel=channel) | ChannelDtmfReceived(channel=channel):
                self._feed(channel.id, event)
            case StasisEnd(channel=channel):
                self._feed(channel.id, event)
            case PlaybackFinished(playback=playback):
                self._feed(playback.target_uri.removeprefix("channel:"), event)
            case _:
                self.on_other(event)

    async def reconcile(self) -> None:
        """After a connection: learn which of our channels ended unheard, and whom nobody looks after.

        A caller whom an earlier controller left waiting is given to Asterisk, which finds her an operator;
        two who talk are left alone.
        """
        asterisk = self._ports.asterisk
        alive = {channel.id: channel for channel in await asterisk.channels.list()}
        for channel_id, leg in list(self._ports.legs.items()):
            if channel_id not in alive and not leg.gone.done():
                log.info("leg_ended_unheard", channel=channel_id)
                leg.end()
        bridged = {member for bridge in await asterisk.bridges.list() for member in bridge.channels}
        for channel in alive.values():
            if channel.is_callers and channel.id not in self._ports.legs and channel.id not in bridged:
                log.warning("stranded_caller_given_to_asterisk", call_id=channel.id)
                with suppress(AriError):
                    await asterisk.channels.continue_in_dialplan(
                        channel.id, context="degraded", extension="call"
                    )

    async def settle(self, patience_s: float) -> None:
        """Let go of every call, so that none ends with us; called once, when the application stops."""
        self._ports.is_stopping = True
        for flow in self._flows:
            flow.cancel()
        if self._flows:
            await asyncio.wait(self._flows, timeout=patience_s)

    def _begin(self, channel: Channel, details: list[str]) -> None:
        if channel.id in self._calls:
            log.warning("call_begins_twice", call_id=channel.id)
            return
        city = self._ports.city
        carrier_id, dialled, *_ = [*details, "", ""]
        kind = city.fallback_kind
        now = self._ports.now()
        call = Call(
            id=channel.id,
            carrier=city.carrier(carrier_id),
            dialled=dialled,
            number=channel.caller.number or None,
            ring_at=_read_time(channel.creationtime) or now,
            timings=Timings(self._ports.clock()),
            phase=Phase.GREETING,
            since=now,
            kind=kind.id,
            language=city.triage.nodes[city.triage.start].language,
            queue=kind.queue,
            priority=kind.priority,
        )
        self._calls[call.id] = call
        self._watch_trunk(call)
        leg = self._ports.legs[call.id] = Leg(call.id)
        leg.up.set_result(None)
        flow = self._tasks.create_task(self._live(call, leg), name=f"call-{call.id}")
        self._flows.add(flow)
        flow.add_done_callback(self._flows.discard)
        self._ports.on_change()

    async def _live(self, call: Call, leg: Leg) -> None:
        try:
            await Flow(call, leg, self._ports).run()
        finally:
            del self._calls[call.id]
            self._watch_trunk(call)
            self._forget_legs(call.id)
            self._ports.on_change()
        with structlog.contextvars.bound_contextvars(call_id=call.id):
            wrap_up_s = None
            try:
                await keep_recording(call, self._ports)
                wrap_up_s = await self._wrapped_up(call)
            finally:
                # Told even if we stop before the operator has finished.
                tell_end(call, wrap_up_s)
        await self._ports.outbox.finish(call.id)

    async def _wrapped_up(self, call: Call) -> float | None:
        """Wait for the end of the operator's wrap-up, if she has one; return how long it lasted."""
        wrap_ups = self._ports.wrap_ups
        if not call.operator or not wrap_ups.is_awaited(call.id):
            return None
        wrap_up_s = await wrap_ups.end_of(call.id)
        await self._ports.outbox.publish(call.id, "wrapped_up", operator=call.operator, wrap_up_s=wrap_up_s)
        return wrap_up_s

    def _watch_trunk(self, call: Call) -> None:
        """A trunk with no channel left is an alarm: the carrier's next caller may not get through."""
        carrier = call.carrier
        if carrier is None:
            return
        in_use = sum(one.carrier is carrier for one in self._calls.values())
        code = f"trunk_full:{carrier.id}"
        if in_use >= carrier.channels:
            self._ports.alarms.raise_(code, f"All {carrier.channels} channels of {carrier.name} are in use.")
        else:
            self._ports.alarms.clear(code)

    def _forget_legs(self, call_id: str) -> None:
        for channel_id in [name for name in self._ports.legs if (ids.call_of(name) or name) == call_id]:
            del self._ports.legs[channel_id]

    def _feed(self, channel_id: str, event: AriEvent) -> None:
        if leg := self._ports.legs.get(channel_id):
            leg.feed(event)

    async def _hang_up(self, channel_id: str) -> None:
        try:
            await self._ports.asterisk.channels.hangup(channel_id)
        except AriError as error:
            log.warning("channel_not_hung_up", channel=channel_id, reason=str(error))


def _read_time(text: str | None) -> datetime | None:
    """Read Asterisk's way of writing a time, ``2026-11-24T08:15:00.123+0000``."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None

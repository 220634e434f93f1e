"""The life of a call, read from top to bottom.

    answer → (side by side: journal, locate) → greeting and triage → queue → ring → talk → end

The caller may hang up at any step: the whole life is then cancelled and its end written down. A bug at
any step gives the caller back to the dialplan, where Asterisk alone finds her an operator.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from ari_app.ari.errors import AriError
from ari_app.calls.call import Call, EndedBy, Phase
from ari_app.calls.calling_out import Order, call_out
from ari_app.calls.following import locate_and_follow
from ari_app.calls.holding import hold
from ari_app.calls.legs import Leg
from ari_app.calls.ports import Ports
from ari_app.calls.recording import has_begun
from ari_app.calls.rehearsal import rehearse
from ari_app.calls.talking import talk, talk_on
from ari_app.calls.teardown import ended_well, see_through
from ari_app.calls.triage import ask
from ari_app.calls.unanswered import answer
from ari_app.calls.waiting import Connection, wait_for_operator
from ari_app.conversation.rejoining import Rejoined
from ari_app.conversation.targets import Route
from ari_app.conversation.vocabulary import Outcome
from ari_app.degraded.reading import has_ended_there
from queues.triage import Classified
from suar.city.degraded import DEFAULT
from suar.errors import SuarError
from suar.ids import Kind, mint
from suar.log import get_logger

_SLOW = "call_end_slow"
_DEAD_MAN = "TIMEOUT(absolute)"
_RECORDING_BEGINS_S = 2.0
_GOING_S = 0.3
_LATE_S = 1.0
"""Who left less than that before we heard of it was not served elsewhere in between."""
_LIFE_ENDS_S = 2.0

log = get_logger()


class FlowBroken(SuarError):
    """A call's flow cannot go on."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where to take up a call that another controller began."""

    is_offered: bool
    """Whether its first event was told: the one with the number."""
    is_answered: bool
    is_owned: bool
    """Whether the dead man's switch was let go."""
    talks: Rejoined | None = None
    """Her conversation, if she has one."""


class Flow:
    """Carries one call through its life, from its beginning or from where another controller left it."""

    def __init__(
        self,
        call: Call,
        caller: Leg,
        ports: Ports,
        resumed: Resumed | None = None,
        order: tuple[Order, Route] | None = None,
    ) -> None:
        self.call = call
        self.caller = caller
        self.gave_back = False
        """Whether Asterisk alone looks after the caller now: her call has not ended."""
        self._ports = ports
        self._resumed = resumed
        self._order = order
        self._was_offered = order is not None or (resumed is not None and resumed.is_offered)

    async def run(self) -> None:
        """Live through the call. Never raises but for cancellation of the whole application."""
        # The task is the call's own: what it tells the log is of this call to its end.
        structlog.contextvars.bind_contextvars(call_id=self.call.id)
        living = asyncio.create_task(self._live(), name=f"life-{self.call.id}")
        try:
            await self._until_over(living)
        except asyncio.CancelledError:
            # The application stops, the caller does not.
            await see_through(asyncio.create_task(self._let_go(living)), _SLOW)
            raise
        # From here on her end is told, even if the application stops meanwhile.
        ending = asyncio.create_task(self._wind_up(living), name=f"end-{self.call.id}")
        await see_through(ending, _SLOW, may_take_its_time=True)

    async def _until_over(self, living: asyncio.Task[None]) -> None:
        """Wait until the caller has left, and nobody speaks about her any more."""
        caller = self.caller
        await asyncio.wait((living, caller.left, caller.gone), return_when=asyncio.FIRST_COMPLETED)
        if self.call.id in self._ports.conversations or self._is_calling_out:
            # She has hung up; an operator who speaks with somebody about her goes on.
            await asyncio.wait((living,))

    async def _wind_up(self, living: asyncio.Task[None]) -> None:
        """End what is left of a life that is over, and tell how it ended."""
        try:
            await self._conclude(living)
        except Exception:
            log.exception("call_flow_failed", phase=self.call.phase)
            self.call.ended_by = EndedBy.SYSTEM
            await self._give_back()
        ending = self._leave_to_asterisk() if self.gave_back else self._end()
        await see_through(asyncio.create_task(ending), _SLOW)

    async def _conclude(self, living: asyncio.Task[None]) -> None:
        """Find out whether the caller has hung up, or is still there and needs somebody else."""
        caller = self.caller
        went_well = await ended_well(living)
        has_left = caller.left.done() or caller.gone.done()
        if went_well and not has_left:
            return
        is_there = await self._is_still_there()
        if has_left and (is_there or await self._has_ended_elsewhere()):
            # Moved, not hung up: the dead man's switch, or somebody at the console. She is Asterisk's now.
            log.warning("caller_moved_away", phase=self.call.phase)
            await self._note_given_back()
        elif is_there:
            raise FlowBroken(f"Asterisk refused what a caller who is there needs, in {self.call.phase}")
        else:
            caller.end()  # As we know now: nobody need ask for her again.

    async def _is_still_there(self) -> bool:
        """Whether Asterisk has her channel, now and a moment later: its end is told before it is gone."""
        channels = self._ports.asterisk.channels
        try:
            if not await channels.exists(self.call.id):
                return False
            await asyncio.sleep(_GOING_S)
            return await channels.exists(self.call.id)
        except AriError:
            return True  # Not known: then she must be looked after.

    async def _has_ended_elsewhere(self) -> bool:
        """Whether she was moved so long ago that Asterisk has served her to the end: the story is its own."""
        if self.caller.ended_ago_s is not None and self.caller.ended_ago_s < _LATE_S:
            return False
        return await asyncio.to_thread(has_ended_there, self._ports.queue_log, self.call.id)

    async def _live(self) -> None:
        if self._order is not None:
            await self._call_out(*self._order)
        elif self._resumed is not None and self._resumed.is_answered:
            await self._go_on(self._resumed)
        else:
            await self._begin()

    @property
    def _is_calling_out(self) -> bool:
        return self._order is not None and self.call.timings.answered is None

    async def _call_out(self, order: Order, route: Route) -> None:
        """Reach the operator and the far end; then it is a talk as any other."""
        call, ports = self.call, self._ports
        await ports.outbox.publish(
            call.id,
            "dialled_out",
            call.ring_at,
            number=order.number,
            carrier=call.carrier.id if call.carrier else None,
            operator=order.operator_id,
            follows=order.follows,
            incident=order.incident,
            is_callback=order.is_callback,
            node=ports.city.node,
        )
        connection = await call_out(call, order, route, self.caller, ports)
        if connection is not None:
            await self._find_operator(connection)

    async def _go_on(self, resumed: Resumed) -> None:
        """Take the call up where it stands: she is not greeted twice, and keeps her place."""
        call, ports = self.call, self._ports
        ports.admission.adopt(call)
        if not self._was_offered:
            await self._publish_offered()
        async with asyncio.TaskGroup() as side:
            locating = side.create_task(locate_and_follow(call, ports))
            await self._meet_again(resumed)
            locating.cancel()

    async def _meet_again(self, resumed: Resumed) -> None:
        call, ports = self.call, self._ports
        if resumed.talks is not None:
            outcome = await talk_on(call, self.caller, resumed.talks, ports)
            if outcome is not Outcome.REQUEUE:
                call.ended_by = EndedBy(outcome.value)
                return
        else:
            await self._end_what_plays()
            if not resumed.is_owned:
                await ports.asterisk.channels.set_variable(call.id, _DEAD_MAN, "0")
        await self._find_operator()

    async def _end_what_plays(self) -> None:
        """End what an earlier controller began to play; while it lasts, she comes into no bridge."""
        stop = self._ports.asterisk.playbacks.stop
        await asyncio.gather(*(stop(playback_id) for playback_id in self.call.playback_ids()))

    async def _begin(self) -> None:
        call, ports = self.call, self._ports
        held, greets = ports.admission.arrive(call), ports.city.triage.greets
        offered = None if self._was_offered else self._publish_offered()
        rings_on = held is None and not greets
        if self._resumed is None:
            call.degraded_queue = DEFAULT  # As the dialplan has it of all who come.
        if held is not None:
            await self._own(offered)
        elif greets:
            await asyncio.gather(answer(call, ports), self._own(offered))
        goes_on = asyncio.Event() if held is not None else None
        async with asyncio.TaskGroup() as side:
            if rings_on:
                # Her phone rings until an operator answers: who that may be is asked at once.
                side.create_task(self._own(offered))
            locating = side.create_task(locate_and_follow(call, ports, goes_on))
            if held is not None and goes_on is not None:
                await hold(call, self.caller, held, ports)
                goes_on.set()
            watching = side.create_task(self._watch_recording())
            if greets and not call.is_test:
                self._classify(await ask(call, self.caller, ports))
            await self._find_operator()
            locating.cancel()
            watching.cancel()  # Of a call so short, the end judges the recording.

    async def _own(self, offered: Awaitable[object] | None) -> None:
        """Have the call on the disk; only then let go of the dead man's switch.

        While a prompt plays, Asterisk sets no variable of the channel: the switch comes first.
        """
        if offered is not None:
            await offered
        await self._ports.asterisk.channels.set_variable(self.call.id, _DEAD_MAN, "0")

    def _publish_offered(self) -> Awaitable[object]:
        """Write the call's first event: from here on it has an incident."""
        call, ports = self.call, self._ports
        self._was_offered = True
        if not call.is_test:
            within_s = ports.city.distribution.redial_within_s
            call.follows = ports.redials.take_earlier(call.number, ports.clock(), within_s)
        return ports.outbox.publish(
            call.id,
            "offered",
            call.ring_at,
            carrier=call.trunk,
            number=call.number,
            presentation=call.presentation,
            dialled=call.dialled,
            node=ports.city.node,
            account_code=call.carrier.account_code if call.carrier else None,
            sip_call_id=call.sip_call_id,
            **({"is_test": True} if call.is_test else {}),
            **({"follows": call.follows} if call.follows else {}),
        )

    async def _find_operator(self, connection: Connection | None = None) -> None:
        """Wait, ring and talk; a talk that a failure cut off sends the caller back to wait, at the head."""
        call, ports = self.call, self._ports
        if call.is_test:
            await rehearse(call, self.caller, ports)
            call.ended_by = EndedBy.SYSTEM
            return
        while True:
            connection = connection or await wait_for_operator(call, self.caller, ports)
            outcome = await talk(call, self.caller, connection, ports)
            if outcome is not Outcome.REQUEUE:
                call.ended_by = EndedBy(outcome.value)
                return
            connection = None

    def _classify(self, found: Classified) -> None:
        call, city = self.call, self._ports.city
        kind = city.kind(found.kind)
        if kind is None:
            log.error("kind_unknown_to_the_city", kind=found.kind)
            return
        call.kind, call.language = kind.id, found.language
        call.queue, call.priority = kind.queue, kind.priority

    async def _let_go(self, living: asyncio.Task[None]) -> None:
        """Two who talk go on talking; a caller who waits is given to our heir, or else to Asterisk."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LIFE_ENDS_S):
                try:
                    await ended_well(living)
                except Exception:
                    log.exception("call_flow_failed", phase=self.call.phase)
        has_left = self.caller.left.done() or self.caller.gone.done()
        if not (self._ports.has_heir or has_left or self.call.phase is Phase.TALKING):
            await self._give_back()

    async def _watch_recording(self) -> None:
        """A recording that does not begin is an alarm at once, and never stops the call."""
        call, ports = self.call, self._ports
        heard_s = 0.0
        while heard_s < _RECORDING_BEGINS_S:  # Of a phone that only rings there is nothing to record.
            await asyncio.sleep(_RECORDING_BEGINS_S)
            heard_s = ports.clock() - call.timings.answered if call.timings.answered is not None else 0.0
        if not await has_begun(ports.recordings, call.id):
            log.error("recording_not_begun")
            ports.alarms.raise_("recording_failed", "A call is not recorded. Look at the recordings' disk.")
            await ports.outbox.publish(call.id, "recording_failed", why="it did not begin")

    async def _give_back(self) -> None:
        """Hand the caller to the dialplan: from here Asterisk alone looks after her."""
        if (playing := self.call.last_playback()) is not None:
            # While a prompt plays, Asterisk would let her wait for its end.
            with suppress(AriError):
                await self._ports.asterisk.playbacks.stop(playing)
        with suppress(AriError):
            await self._ports.asterisk.channels.continue_in_dialplan(
                self.call.id,
                context="degraded",
                extension="waiting" if self.call.timings.queued is not None else "call",
            )
        await self._note_given_back()

    async def _note_given_back(self) -> None:
        self.gave_back = True
        if not self._was_offered:
            await self._publish_offered()
        await self._ports.outbox.publish(
            self.call.id,
            "alarm",
            code="call_given_back",
            text="The call controller failed; Asterisk took over",
        )

    async def _leave_to_asterisk(self) -> None:
        """Leave nothing of ours behind; the call goes on without us, and its end is told when it comes."""
        self._release()
        await self._destroy_bridges()
        log.warning("call_left_to_asterisk", phase=self.call.phase.value)

    def _release(self) -> None:
        self._ports.distribution.release(self.call.id)
        self._ports.distribution.close_inbox(self.call.id)
        self._ports.admission.leave(self.call.id)

    async def _destroy_bridges(self) -> None:
        call, ports = self.call, self._ports
        for count in range(1, call.bridges + 1):
            bridge = mint(call.id, Kind.BRIDGE, count)
            if bridge not in call.closed_bridges:
                with suppress(AriError):
                    await ports.asterisk.bridges.destroy(bridge)

    async def _end(self) -> None:
        """Write the end down and leave nothing behind."""
        call, ports = self.call, self._ports
        if call.timings.ended is None:
            call.timings.ended = self.caller.ended_at(ports.clock())
        call.end_was_heard = self.caller.ended_ago_s is not None
        if not self._was_offered:
            # She hung up before the answer was through: an incident all the same.
            await self._publish_offered()
        if call.timings.connected is None and not (call.is_outward or call.is_test):
            ports.redials.note_left(call.id, call.number, ports.clock())
        self._release()
        if call.is_lost:
            await ports.outbox.publish(call.id, "lost", why="Asterisk died")
        spans: dict[str, Any] = call.timings.spans()
        # First: an Asterisk that does not answer may cost the tidying up, but not the incident its end.
        await ports.outbox.publish(
            call.id,
            "ended",
            by=call.ended_by.value,
            phase=call.phase.value,
            disposition=call.disposition,
            **spans,
        )
        if not self.caller.gone.done():
            with suppress(AriError):
                await ports.asterisk.channels.hangup(call.id)
        await self._destroy_bridges()

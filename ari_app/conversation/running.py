"""A conversation as it happens: legs' ends and an operator's wishes come in, one at a time and in order; what
the machine decides is told to the journal and done in Asterisk.

The caller is brought to her place before anybody is hung up, so she never hears silence. When the application
stops, nothing is done: those who talk go on talking, and the next controller retells the conversation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import replace

from ari_app.ari.errors import AriError
from ari_app.calls.call import Call
from ari_app.calls.dialling import ring_phone
from ari_app.calls.legs import Gone, Leg
from ari_app.calls.ports import Ports
from ari_app.conversation.errors import CommandRefused, ConversationError
from ari_app.conversation.leaving import reason_of
from ari_app.conversation.machine import handle
from ari_app.conversation.occupation import occupy, release, release_unanswered
from ari_app.conversation.rooms import Rooms
from ari_app.conversation.targets import Route, find_route
from ari_app.conversation.vocabulary import (
    CallIn,
    Command,
    Dial,
    Effect,
    Finish,
    HandOver,
    HangUp,
    Input,
    Left,
    LegGone,
    LegUp,
    Outcome,
    Party,
    Place,
    Press,
    Purpose,
    Put,
    PutAnew,
    ReleaseOperator,
    RingBack,
    SetMuted,
    SetRecordingPaused,
    State,
    TakenOver,
    Target,
    TargetKind,
    Tell,
    Unheard,
)
from suar.ids import Kind, mint
from suar.log import get_logger

_RESUMES = 3
_AGAIN_S = 0.3

log = get_logger()


class Conversation:
    """One caller and those who speak with her, from the first word to the last."""

    def __init__(self, call: Call, state: State, legs: Mapping[str, Leg], rooms: Rooms, ports: Ports) -> None:
        self._call = call
        self._ports = ports
        self._rooms = rooms
        self._legs = dict(legs)
        self._routes: dict[str, Route] = {}
        self._inbox: asyncio.Queue[tuple[Input, str | None, asyncio.Future[None] | None]] = asyncio.Queue()
        self._is_over = False
        self._cancelled: set[str] = set()
        self._released: str | None = None
        """The operator from whom a supervisor has taken the talk over."""
        self._called_operators = {
            party.id: party.target.id for party in state.parties if party.target.kind is TargetKind.OPERATOR
        }
        self.have_met = True
        """Whether caller and operator were brought together: else she still needs one."""
        self._show(state)

    @property
    def state(self) -> State:
        return self._state

    async def run(self) -> Outcome:
        """Lead the conversation to its end; whoever is left then is hung up, but for a caller who waits."""
        self._ports.conversations[self._call.id] = self
        for leg in self._legs.values():
            self._watch(leg)
        try:
            await self._rooms.arrange(self._state.places())
            return await self._until_over()
        finally:
            self._is_over = True
            del self._ports.conversations[self._call.id]
            self._call.conversation = None
            self._refuse_the_rest()
            # When it is the application that stops, those who talk go on talking.
            if not self._ports.is_stopping:
                self._ports.succession.forget(self._call.id)
                await asyncio.shield(self._part())

    async def do(self, command: Command, by: str) -> None:
        """Do what ``by`` asks. Raises :class:`~ari_app.conversation.errors.ConversationError`."""
        if self._is_over:
            raise CommandRefused("the conversation is over")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((command, by, done))
        await done

    async def call_in(self, target: Target, purpose: Purpose, by: str, incident: str | None = None) -> str:
        """Call somebody into the conversation; return her leg's id.

        ``incident`` travels with the call, where the one called can read it. Raises
        :class:`~ari_app.conversation.errors.ConversationError`.
        """
        route = find_route(self._ports.city, target, self._call, incident)
        desk = self._ports.desk(target.id) if target.kind is TargetKind.OPERATOR else None
        if desk is not None:
            route = replace(route, endpoint=f"PJSIP/{desk.endpoint}")  # Where she sits today.
        self._call.parties += 1
        party_id = mint(self._call.id, Kind.PARTY, self._call.parties)
        if target.kind is TargetKind.OPERATOR:
            occupy(target.id, party_id, self._ports)
        self._routes[party_id] = route
        try:
            await self.do(CallIn(party_id, target, purpose), by)
        except ConversationError:
            if target.kind is TargetKind.OPERATOR:
                release_unanswered(target.id, party_id, None, self._ports)
            raise
        return party_id

    def note_unheard(self, leg: str) -> None:
        """Somebody speaks and is not heard: see `ari_app.hearing.unheard`."""
        self._inbox.put_nowait((Unheard(leg), None, None))

    # ---------------------------------------------------------------------------------------- the loop

    async def _until_over(self) -> Outcome:
        while True:
            given, by, done = await self._inbox.get()
            try:
                outcome = await self._take(given, by)
            except ConversationError as refused:
                if done is not None and not done.done():
                    done.set_exception(refused)
                continue
            except BaseException:
                # The conversation ends with it; who asked must not wait for ever.
                if done is not None and not done.done():
                    done.set_exception(CommandRefused("the conversation is over"))
                raise
            if done is not None and not done.done():
                done.set_result(None)
            if outcome is not None:
                return outcome

    async def _take(self, given: Input, by: str | None) -> Outcome | None:
        if isinstance(given, LegGone) and given.leg == self._state.operator:
            given = self._inherited() or given
        before = self._state
        after, effects = handle(before, given)
        if SetRecordingPaused(True) in effects:
            # Nobody may believe that a recording is paused which is not.
            await self._ports.recorder.pause(self._call.id)
        if isinstance(given, LegGone):
            self._note_gone(given)
        self._show(after)
        written: list[Awaitable[object]] = []
        outcome = None
        for effect in effects:
            match effect:
                case Tell():
                    written.append(self._tell(effect, by))
                case Finish():
                    outcome = effect.outcome
                case _:
                    await self._do(effect)
        await asyncio.gather(*written)
        return outcome

    def _tell(self, event: Tell, by: str | None) -> Awaitable[object]:
        who = {"operator": by} if by else {}
        if event.type == "taken_over":
            who = {"released": self._released or ""}
        return self._ports.outbox.publish(self._call.id, event.type, **{**who, **event.data})

    def _inherited(self) -> TakenOver | None:
        """Return who carries the talk on whose operator's leg has ended: a supervisor who had barged in."""
        heir = self._ports.succession.take(self._call.id)
        if heir is None:
            return None
        self._released, self._call.operator = self._call.operator, heir.operator_id
        self._legs[heir.leg.id] = heir.leg
        self._rooms.note(heir.leg.id, Place.MAIN)
        self._watch(heir.leg)
        return TakenOver(heir.leg.id, heir.operator_id)

    async def _do(self, effect: Effect) -> None:
        """Carry out an effect; what has ended meanwhile tells so itself."""
        channels = self._ports.asterisk.channels
        try:
            match effect:
                case Put(leg=leg, place=place):
                    await self._rooms.put(leg, place)
                case PutAnew(leg=leg):
                    log.warning("sound_mended", leg=leg)
                    await self._rooms.put_anew(leg)
                case Dial(party=party):
                    await self._dial(party)
                case HangUp(leg=leg):
                    await self._hang_up(leg)
                case SetMuted(leg=leg, is_muted=is_muted):
                    await (channels.mute(leg) if is_muted else channels.unmute(leg))
                case Press(leg=leg, digits=digits):
                    await channels.send_digits(leg, digits)
                case SetRecordingPaused(is_paused=False):
                    await self._resume_recording()
                case ReleaseOperator(leg=leg):
                    release(leg, self._ports)
                    if self._state.operator is None:
                        self._call.operator = None
                case HandOver(party=party):
                    self._call.operator = party.target.id
                case RingBack():
                    self._call.is_to_be_called_again = True
                case _:
                    pass
        except AriError as error:
            log.warning("conversation_effect_failed", effect=type(effect).__name__, reason=str(error))

    async def _dial(self, party: Party) -> None:
        """Ring somebody's phone, listening before it exists."""
        route = self._routes.pop(party.id)
        if party.target.kind is TargetKind.OPERATOR:
            self._called_operators[party.id] = party.target.id
        leg = self._legs[party.id] = self._ports.legs[party.id] = Leg(party.id)
        self._watch(leg)
        try:
            await ring_phone(
                leg,
                self._ports,
                endpoint=route.endpoint,
                app_args="dialled,party",
                caller_id=route.caller_id,
                ring_s=route.ring_s,
                variables=route.variables,
            )
        except AriError as error:
            log.warning("party_not_rung", party=party.id, reason=str(error))
            leg.end(cause=0)

    async def _resume_recording(self) -> None:
        for _ in range(_RESUMES):
            try:
                await self._ports.recorder.resume(self._call.id)
            except ConversationError as error:
                log.warning("recording_not_resumed", reason=str(error))
                await asyncio.sleep(_AGAIN_S)
            else:
                return
        self._ports.alarms.raise_("recording_failed", f"{self._call.id}: its recording stays paused.")

    def _show(self, state: State) -> None:
        self._state = self._call.conversation = state
        self._ports.on_change()

    # --------------------------------------------------------------------------------------- the legs

    def _watch(self, leg: Leg) -> None:
        """Have a leg's answer and end come in as signals."""

        def note_up(_: asyncio.Future[None]) -> None:
            self._inbox.put_nowait((LegUp(leg.id), None, None))

        def note_gone(_: asyncio.Future[None] | asyncio.Future[Gone]) -> None:
            left = reason_of(leg)
            if left is Left.HUNG_UP and not self.have_met and leg.id != self._call.id:
                left = Left.FAILED
            self._inbox.put_nowait((LegGone(leg.id, left), None, None))

        if leg.id == self._call.id:
            # Of a channel that came to us its leaving is the last that we hear.
            leg.left.add_done_callback(note_gone)
        else:
            leg.up.add_done_callback(note_up)
        leg.gone.add_done_callback(note_gone)

    def _note_gone(self, gone: LegGone) -> None:
        """Keep the accounts of whoever has gone: the caller's time, an operator's work."""
        if gone.leg == self._call.id and self._call.timings.ended is None:
            self._call.timings.ended = self._legs[gone.leg].ended_at(self._ports.clock())
        self._release(gone.leg, None if gone.leg in self._cancelled else gone.left)

    def _release(self, leg_id: str, left: Left | None) -> None:
        """Let an operator who was called in go on to other work."""
        operator_id = self._called_operators.pop(leg_id, None)
        if operator_id is None:
            return
        if self._legs[leg_id].up.done():
            release(leg_id, self._ports)
        else:
            release_unanswered(operator_id, leg_id, left, self._ports)

    def _refuse_the_rest(self) -> None:
        while not self._inbox.empty():
            _, _, done = self._inbox.get_nowait()
            if done is not None and not done.done():
                done.set_exception(CommandRefused("the conversation is over"))

    async def _hang_up(self, leg_id: str) -> None:
        self._cancelled.add(leg_id)
        leg = self._legs.get(leg_id)
        if leg is not None and not leg.gone.done():
            with suppress(AriError):
                await self._ports.asterisk.channels.hangup(leg_id)

    async def _part(self) -> None:
        """Free the phones first, then the rooms: deleting first would lose the hang-up causes."""
        for leg_id in list(self._called_operators):
            self._release(leg_id, None)
        if self._state.operator is not None:
            release(self._state.operator, self._ports)
        for leg_id in self._legs:
            if leg_id != self._call.id:
                await self._hang_up(leg_id)
        await self._rooms.close()

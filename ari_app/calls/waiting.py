"""Waiting for an operator: the caller hears that she is not alone, phones ring one at a time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from ari_app.ari.errors import AriError, AriRejected, ResourceGone
from ari_app.ari.events import AriEvent, PlaybackFinished
from ari_app.calls.call import Call, Phase
from ari_app.calls.legs import Gone, Leg
from ari_app.calls.music import start_music, stop_music
from ari_app.calls.ports import APPLICATION, Ports
from ari_app.distribution import Inbox
from queues.vocabulary import (
    AlarmCode,
    CallQueued,
    ConnectCall,
    OfferAccepted,
    OfferCall,
    OfferEnd,
    OfferFailed,
    RaiseAlarm,
    ReleaseOperatorLeg,
    RescindOffer,
)
from suar.ids import Kind, mint
from suar.log import get_logger

_USER_BUSY, _CALL_REJECTED, _NO_ANSWER = 17, 21, {18, 19, 26}
_MARGIN_S = 5

log = get_logger()


@dataclass(frozen=True, slots=True)
class Connection:
    """An operator whose phone is up, for this call alone."""

    operator_id: str
    offer_id: str
    leg: Leg


async def wait_for_operator(call: Call, caller: Leg, ports: Ports) -> Connection:
    """Queue the call and carry out what the ACD decides until an operator has answered."""
    inbox = ports.distribution.open_inbox(call.id)
    caller.forget_heard()
    await start_music(call, ports)
    # Should we fail, Asterisk alone knows whom she needs.
    need = ports.city.degraded_queue(call.kind, call.language)
    await ports.asterisk.channels.set_variable(call.id, "SUAR_QUEUE", need)
    kind = ports.city.kind(call.kind)
    if kind is not None and ports.city.queue(call.queue) is None:
        call.queue = kind.queue  # The rules have changed while she talked.
    again = call.timings.queued is not None
    if call.timings.queued is None:
        call.timings.queued = ports.clock()
    ports.enter(call, Phase.WAITING)
    await ports.outbox.publish(call.id, "queued", queue=call.queue, priority=call.priority)
    ports.distribution.tell(
        CallQueued(
            call.id,
            call.queue,
            call.priority,
            frozenset(kind.skills if kind else ()),
            call.language,
            call.timings.queued if again else None,
            call.offers,
            tuple(kind.wants if kind else ()),
        )
    )
    ringing: dict[str, Leg] = {}
    try:
        return await _obey(call, caller, inbox, ringing, ports)
    finally:
        # She has hung up, or we stop: no phone may go on ringing for nobody.
        for leg in ringing.values():
            await asyncio.shield(_hang_up(leg, ports))


async def _obey(call: Call, caller: Leg, inbox: Inbox, ringing: dict[str, Leg], ports: Ports) -> Connection:
    """Carry out the ACD's commands for a call, up to the one that connects it."""
    comfort: asyncio.Task[None] | None = None
    async with asyncio.TaskGroup() as group:
        while True:
            command = await inbox.get()
            match command:
                case OfferCall():
                    leg = ringing[command.offer_id] = await _ring(call, command, ports)
                    group.create_task(_watch(call, command, leg, ports))
                case RescindOffer(offer_id=offer_id, operator_id=operator_id, reason=reason):
                    if leg_ringing := ringing.pop(offer_id, None):
                        await _drop(call, leg_ringing, offer_id, operator_id, reason.value, ports)
                case ReleaseOperatorLeg(offer_id=offer_id):
                    if leg_ringing := ringing.pop(offer_id, None):
                        await _hang_up(leg_ringing, ports)
                case ConnectCall(offer_id=offer_id, operator_id=operator_id):
                    if comfort:
                        comfort.cancel()
                    return Connection(operator_id, offer_id, ringing.pop(offer_id))
                case RaiseAlarm(code=AlarmCode.NO_OPERATOR):
                    comfort = group.create_task(_tell_no_operator(call, caller, ports))
                case RaiseAlarm():
                    pass


async def _ring(call: Call, offer: OfferCall, ports: Ports) -> Leg:
    """Dial the operator's phone, listening before it exists."""
    call.offers += 1
    call.operator = offer.operator_id
    leg_id = mint(call.id, Kind.OPERATOR_LEG, call.offers)
    leg = ports.legs[leg_id] = Leg(leg_id)
    ports.enter(call, Phase.RINGING)
    await ports.outbox.publish(call.id, "ringing", operator=offer.operator_id, offer=offer.offer_id)
    operator = ports.city.operator(offer.operator_id)
    try:
        await ports.asterisk.channels.originate(
            endpoint=f"PJSIP/{operator.endpoint if operator else offer.operator_id}",
            channel_id=leg_id,
            app=APPLICATION,
            app_args=f"operator,{call.id},{offer.offer_id}",
            caller_id=f'"{_shown(call, ports)}" <{ports.city.emergency_number}>',
            timeout_s=round(offer.ring_timeout_s) + _MARGIN_S,
            originator=call.id,
        )
    except (AriRejected, ResourceGone) as error:
        log.warning("operator_not_rung", operator=offer.operator_id, reason=str(error))
        leg.end(cause=0)
    return leg


async def _watch(call: Call, offer: OfferCall, leg: Leg, ports: Ports) -> None:
    """Tell the ACD what became of an offer: answered, or gone and why."""
    if await leg.up_or_gone():
        ports.distribution.tell_late(OfferAccepted(call.id, offer.operator_id, offer.offer_id))
        return
    outcome = _outcome(leg.gone.result())
    ports.distribution.tell_late(OfferFailed(call.id, offer.operator_id, offer.offer_id, outcome))


def _outcome(gone: Gone) -> OfferEnd:
    """Name why a ringing leg ended, from its cause (ITU-T Q.850)."""
    if gone.cause in {_USER_BUSY, _CALL_REJECTED}:
        return OfferEnd.REJECTED
    return OfferEnd.NO_ANSWER if gone.cause in _NO_ANSWER else OfferEnd.UNREACHABLE


async def _drop(call: Call, leg: Leg, offer_id: str, operator_id: str, reason: str, ports: Ports) -> None:
    """An offer is over without a talk: stop the phone, and let the caller wait on."""
    await _hang_up(leg, ports)
    call.operator = None
    ports.enter(call, Phase.WAITING)
    await ports.outbox.publish(call.id, "ring_ended", operator=operator_id, offer=offer_id, outcome=reason)


async def _hang_up(leg: Leg, ports: Ports) -> None:
    if not leg.gone.done():
        with suppress(AriError):
            await ports.asterisk.channels.hangup(leg.id)


async def _tell_no_operator(call: Call, caller: Leg, ports: Ports) -> None:
    """Say that nobody is free yet and that she should stay, then go back to the music."""
    call.playbacks += 1
    playback_id = mint(call.id, Kind.PLAYBACK, call.playbacks)
    channels = ports.asterisk.channels
    try:
        await stop_music(call, ports)
        await channels.play(
            call.id, "sound:suar/no-operator", playback_id=playback_id, language=call.language
        )
        while not is_end_of(await caller.hear(), playback_id):
            pass
    except AriRejected as error:
        log.error("prompt_not_played", prompt="no-operator", status=error.status)
    finally:
        with suppress(AriError):
            await start_music(call, ports)


def is_end_of(event: AriEvent, playback_id: str) -> bool:
    """Whether this is the end of that playback."""
    return isinstance(event, PlaybackFinished) and event.playback.id == playback_id


def _shown(call: Call, ports: Ports) -> str:
    """What the operator's phone shows: the kind, in the city's language. Never the caller's number."""
    kind = ports.city.kind(call.kind)
    name = kind.name(ports.city.languages[0]) if kind else call.kind
    return name.replace('"', "").replace("\\", "")

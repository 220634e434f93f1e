"""Waiting for an operator: the caller hears that she is not alone, and phones ring for her."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ari_app.calls.call import Call, Phase
from ari_app.calls.challenging import challenge, priority_of
from ari_app.calls.comfort import Comfort, announcement
from ari_app.calls.legs import Leg
from ari_app.calls.music import start_music
from ari_app.calls.overflow import overflow, settle
from ari_app.calls.ports import Ports
from ari_app.calls.ringing import Phones
from ari_app.calls.unanswered import answer_in_the_end
from ari_app.distribution import AnsweredElsewhere, Inbox, RingElsewhere
from queues.vocabulary import (
    AlarmCode,
    AnnounceWait,
    CallOverflowed,
    CallQueued,
    ConnectCall,
    OfferCall,
    RaiseAlarm,
    ReleaseOperatorLeg,
    RescindOffer,
)
from suar.city.degraded import queue_for


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
    if call.timings.answered is not None:
        await start_music(call, ports)
    kind = ports.city.kind(call.kind)
    if kind is not None and ports.city.queue(call.queue) is None:
        call.queue = kind.queue  # The rules have changed while she talked.
    again = call.timings.queued is not None
    if call.timings.queued is None:
        call.timings.queued = ports.clock()
    ports.enter(call, Phase.WAITING)
    priority = priority_of(call)
    # On the disk soon after; what must be there first, her call itself, is.
    ports.outbox.publish(call.id, "queued", queue=call.queue, priority=priority)
    ports.distribution.tell(
        CallQueued(
            call.id,
            call.queue,
            priority,
            frozenset(kind.skills if kind else ()),
            call.language,
            call.timings.queued if again else None,
            call.offers,
            tuple(kind.wants if kind else ()),
            ports.redials.token(call.number),
        )
    )
    phones: list[Phones] = []
    try:
        return await _obey(call, caller, inbox, phones, ports)
    finally:
        settle(call, ports)
        # Somebody has her, she has hung up, or we stop: no phone may go on ringing for nobody.
        for one in phones:
            await asyncio.shield(one.silence())


async def _obey(call: Call, caller: Leg, inbox: Inbox, rings: list[Phones], ports: Ports) -> Connection:
    """Carry out the ACD's commands for a call, up to the one that connects it."""
    async with asyncio.TaskGroup() as group:
        # Should we fail, Asterisk alone knows whom she needs.
        need = queue_for(ports.city, call.kind, call.language, call.degraded_queue)
        if need != call.degraded_queue:
            group.create_task(_tell_need(call, need, ports))
        comfort = Comfort(call, caller, ports, group)
        phones = Phones(call, inbox, ports, group)
        rings.append(phones)
        challenge(call, comfort, ports)
        unanswered = group.create_task(answer_in_the_end(call, ports))
        while True:
            command = await inbox.get()
            match command:
                case OfferCall():
                    await phones.ring(command)
                case RescindOffer(offer_id=offer_id, reason=reason):
                    await phones.drop(offer_id, reason.value)
                case ReleaseOperatorLeg(offer_id=offer_id):
                    await phones.release(offer_id)
                case ConnectCall(offer_id=offer_id, operator_id=operator_id):
                    unanswered.cancel()
                    await comfort.hush()
                    return Connection(operator_id, offer_id, phones.take(offer_id))
                case RingElsewhere():
                    await phones.ring_elsewhere(command)
                case AnsweredElsewhere(to=to, leg_id=leg_id):
                    unanswered.cancel()
                    await comfort.hush()
                    return Connection(to, leg_id, phones.take(leg_id))
                case AnnounceWait(language=language, position=position):
                    comfort.say(announcement(position), language)
                case CallOverflowed():
                    await overflow(call, command, phones, ports)
                case RaiseAlarm(code=AlarmCode.NO_OPERATOR):
                    comfort.say("no-operator")
                case RaiseAlarm():
                    pass


async def _tell_need(call: Call, need: str, ports: Ports) -> None:
    call.degraded_queue = ""
    await ports.asterisk.channels.set_variable(call.id, "SUAR_QUEUE", need)
    call.degraded_queue = need

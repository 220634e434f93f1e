"""The phones that ring for one caller: operators' by the ACD's offers, and others who may take her.

Whoever answers first has her. Of the others each stops ringing, and each end is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass

from ari_app.ari.errors import AriError, AriRejected, ResourceGone
from ari_app.calls.call import Call, Phase
from ari_app.calls.dialling import ring_phone
from ari_app.calls.legs import Gone, Leg
from ari_app.calls.ports import Ports
from ari_app.distribution import AnsweredElsewhere, Inbox, RingElsewhere
from queues.errors import QueuesError
from queues.vocabulary import CallDiverted, OfferAccepted, OfferCall, OfferEnd, OfferFailed
from suar.ids import Kind, mint
from suar.log import get_logger

_USER_BUSY, _CALL_REJECTED, _NO_ANSWER = 17, 21, {18, 19, 26}

log = get_logger()


@dataclass(frozen=True, slots=True)
class _Phone:
    leg: Leg
    who: str
    watch: asyncio.Task[None]


class Phones:
    """What rings for one caller, by the offer's id, or the leg's where there is none."""

    def __init__(self, call: Call, inbox: Inbox, ports: Ports, tasks: asyncio.TaskGroup) -> None:
        self._call = call
        self._inbox = inbox
        self._ports = ports
        self._tasks = tasks
        self._ringing: dict[str, _Phone] = {}

    async def ring(self, offer: OfferCall) -> None:
        """Ring an operator's phone, listening before it exists."""
        ports = self._ports
        leg = self._begin(offer.operator_id, offer.offer_id)
        watch = self._tasks.create_task(self._watch(offer, leg))
        # Known before it is dialled: whoever hangs up in the midst of that leaves no phone ringing.
        self._ringing[offer.offer_id] = _Phone(leg, offer.operator_id, watch)
        desk = ports.desk(offer.operator_id)
        await self._dial(
            leg,
            desk.endpoint if desk is not None else f"op-{offer.operator_id}",
            f'"{_shown(self._call, ports)}" <{ports.city.emergency_number}>',
            None,  # Its lease ends in the ACD.
            offer.offer_id,
        )

    async def ring_elsewhere(self, ask: RingElsewhere) -> None:
        """Ring somebody who is no operator of ours, while the caller waits on in her place."""
        if any(phone.who == ask.to for phone in self._ringing.values()):
            return
        leg = self._begin(ask.to, ask.to)
        watch = self._tasks.create_task(self._watch_elsewhere(ask, leg))
        self._ringing[leg.id] = _Phone(leg, ask.to, watch)
        await self._dial(leg, ask.endpoint, ask.caller_id, ask.ring_s, ask.to, ask.variables)

    async def drop(self, name: str, reason: str) -> None:
        """Stop a phone, and tell why; one that rings no more is passed over."""
        phone = self._ringing.pop(name, None)
        if phone is None:
            return
        await _hang_up(phone.leg, self._ports)
        self._note_less()
        await self._tell_end(name, phone, reason)

    async def release(self, name: str) -> None:
        """Put down a phone that was answered after its offer had ended."""
        phone = self._ringing.pop(name, None)
        if phone is not None:
            await _hang_up(phone.leg, self._ports)

    def take(self, name: str) -> Leg:
        """Return the leg of who has her, and let no other phone be waited for."""
        leg = self._ringing.pop(name).leg
        for other, phone in self._ringing.items():
            phone.watch.cancel()
            self._tell_end(other, phone, OfferEnd.RESCINDED.value)
        return leg

    async def silence(self) -> None:
        """Stop whatever rings: she has somebody, has hung up, or we stop."""
        if self._ringing:
            await asyncio.gather(*(_hang_up(phone.leg, self._ports) for phone in self._ringing.values()))

    def _begin(self, who: str, offer_id: str) -> Leg:
        """Return the leg. The disk takes note of it meanwhile: her phone need not wait for that."""
        call, ports = self._call, self._ports
        call.offers += 1
        call.operator = who
        leg_id = mint(call.id, Kind.OPERATOR_LEG, call.offers)
        leg = ports.legs[leg_id] = Leg(leg_id)
        ports.enter(call, Phase.RINGING)
        ports.outbox.publish(call.id, "ringing", operator=who, offer=offer_id)
        return leg

    async def _dial(
        self,
        leg: Leg,
        endpoint: str,
        caller_id: str,
        ring_s: float | None,
        offer_id: str,
        variables: dict[str, str] | None = None,
    ) -> None:
        try:
            await ring_phone(
                leg,
                self._ports,
                endpoint=endpoint if "/" in endpoint else f"PJSIP/{endpoint}",
                app_args=f"operator,{self._call.id},{offer_id}",
                caller_id=caller_id,
                ring_s=ring_s,
                # What leaves the house inherits nothing from the caller's channel.
                originator=None if variables else self._call.id,
                variables=variables,
            )
        except (AriRejected, ResourceGone) as error:
            log.warning("operator_not_rung", operator=self._call.operator, reason=str(error))
            leg.end(cause=0)

    async def _watch(self, offer: OfferCall, leg: Leg) -> None:
        """Tell the ACD what became of an offer: answered, or gone and why."""
        call_id, distribution = self._call.id, self._ports.distribution
        if await leg.up_or_gone():
            distribution.tell_late(OfferAccepted(call_id, offer.operator_id, offer.offer_id))
            return
        outcome = _outcome(leg.gone.result())
        distribution.tell_late(OfferFailed(call_id, offer.operator_id, offer.offer_id, outcome))

    async def _watch_elsewhere(self, ask: RingElsewhere, leg: Leg) -> None:
        if await leg.up_or_gone():
            try:
                self._ports.distribution.tell(CallDiverted(self._call.id, ask.to))
            except QueuesError:
                await self.drop(leg.id, OfferEnd.RESCINDED.value)  # An operator was quicker.
            else:
                self._inbox.put(AnsweredElsewhere(ask.to, leg.id))
            return
        await self.drop(leg.id, _outcome(leg.gone.result()).value)

    def _note_less(self) -> None:
        """One phone rings no more: she waits, or another rings still."""
        others = [phone.who for phone in self._ringing.values()]
        self._call.operator = others[-1] if others else None
        self._ports.enter(self._call, Phase.RINGING if others else Phase.WAITING)

    def _tell_end(self, name: str, phone: _Phone, reason: str) -> Awaitable[object]:
        return self._ports.outbox.publish(
            self._call.id, "ring_ended", operator=phone.who, offer=name, outcome=reason
        )


def _outcome(gone: Gone) -> OfferEnd:
    """Name why a ringing leg ended, from its cause (ITU-T Q.850)."""
    if gone.cause in {_USER_BUSY, _CALL_REJECTED}:
        return OfferEnd.REJECTED
    return OfferEnd.NO_ANSWER if gone.cause in _NO_ANSWER else OfferEnd.UNREACHABLE


async def _hang_up(leg: Leg, ports: Ports) -> None:
    if not leg.gone.done():
        with suppress(AriError):
            await ports.asterisk.channels.hangup(leg.id)


def _shown(call: Call, ports: Ports) -> str:
    """What the operator's phone shows: the kind, in the city's language. Never the caller's number."""
    kind = ports.city.kind(call.kind)
    name = kind.name(ports.city.languages[0]) if kind else call.kind
    return name.replace('"', "").replace("\\", "")

"""A call that we make: back to somebody who rang us, or to whoever is needed in an incident.

The operator's own phone rings first, then the far end's; from its answer on it is a call as any other, with
one recording and one story. A callback says what it is (``Priority: psap-callback``, RFC 7090), so that it
is not taken for an unknown caller's and turned away.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from ari_app.ari.errors import AriError
from ari_app.calls.call import Call, EndedBy, Phase
from ari_app.calls.dialling import ring_phone
from ari_app.calls.legs import Leg
from ari_app.calls.ports import Ports
from ari_app.calls.waiting import Connection
from ari_app.conversation.errors import TargetUnknown, TargetUnreachable
from ari_app.conversation.leaving import reason_of
from ari_app.conversation.occupation import release_unanswered
from ari_app.conversation.targets import (
    OPERATOR_RING_S,
    Route,
    dial,
    incident_headers,
    is_number,
    outgoing_carrier,
)
from ari_app.conversation.vocabulary import Left
from suar.ids import Kind, mint
from suar.log import get_logger

_MARGIN_S = 5.0

log = get_logger()


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be made."""

    number: str
    operator_id: str
    carrier_id: str | None = None
    """The carrier by which the one to be called rang; another if that takes no calls."""
    follows: str | None = None
    """The call that this one belongs to: they have one incident."""
    incident: str | None = None
    is_callback: bool = False
    """Whether it goes back to one who rang the emergency number."""
    kind: str | None = None


def route_of(order: Order, call_id: str, ports: Ports) -> tuple[str, Route]:
    """Return the carrier's id and how to dial. Raises ``TargetUnknown`` or ``TargetUnreachable``."""
    city = ports.city
    if not is_number(order.number):
        raise TargetUnknown("number: 2 to 15 digits, perhaps with a plus")
    carrier = outgoing_carrier(city, city.carrier(order.carrier_id or ""))
    if carrier is None:
        raise TargetUnreachable("no carrier takes outgoing calls: give one a `gateway` in the city file")
    variables = incident_headers(city, order.follows or call_id, order.incident)
    variables |= {"SUAR_CARRIER": carrier.id, "SUAR_DIALLED": order.number}
    if order.is_callback:
        variables["PJSIP_HEADER(add,Priority)"] = "psap-callback"
    return carrier.id, dial(city, carrier, order.number, variables)


async def call_out(call: Call, order: Order, route: Route, caller: Leg, ports: Ports) -> Connection | None:
    """Ring the operator's phone and then the far end's; None if either is not reached, and said why."""
    call.offers += 1
    leg = Leg(mint(call.id, Kind.OPERATOR_LEG, call.offers))
    ports.legs[leg.id] = leg
    is_reached = False
    try:
        if not await _ring_operator(call, order, leg, ports):
            await _note_failure(call, "operator", reason_of(leg), ports)
            caller.end(cause=0)  # She was never called.
            return None
        is_reached = await _ring_far_end(call, route, caller, leg, ports)
        return Connection(order.operator_id, leg.id, leg) if is_reached else None
    finally:
        if not is_reached and not ports.is_stopping:
            await asyncio.shield(_let_go(order, leg, ports))


async def _ring_operator(call: Call, order: Order, leg: Leg, ports: Ports) -> bool:
    desk = ports.desk(order.operator_id)
    ports.enter(call, Phase.RINGING)
    await ports.outbox.publish(call.id, "ringing", operator=order.operator_id, offer="")
    await _originate(
        leg, ports,
        endpoint=f"PJSIP/{desk.endpoint if desk else order.operator_id}",
        app_args=f"operator,{call.id},out",
        caller_id=f'"{ports.city.name}" <{ports.city.emergency_number}>',
        ring_s=OPERATOR_RING_S,
        variables={},
    )  # fmt: skip
    return await leg.up_or_gone()


async def _ring_far_end(call: Call, route: Route, caller: Leg, leg: Leg, ports: Ports) -> bool:
    """Ring, with the operator listening to the tone, until either answers or leaves."""
    channels = ports.asterisk.channels
    with suppress(AriError):
        await channels.ring(leg.id)
    await _originate(
        caller, ports, endpoint=route.endpoint, app_args="dialled,out", caller_id=route.caller_id,
        ring_s=route.ring_s, variables=dict(route.variables),
    )  # fmt: skip
    await asyncio.wait((caller.up, caller.gone, leg.gone), return_when=asyncio.FIRST_COMPLETED)
    if leg.gone.done():
        call.ended_by = EndedBy.OPERATOR
        return False
    if not caller.up.done():
        await _note_failure(call, "far_end", reason_of(caller), ports)
        return False
    with suppress(AriError):
        await channels.stop_ringing(leg.id)
    call.timings.answered = call.timings.queued = ports.clock()
    ports.outbox.publish(call.id, "answered")
    return True


async def _originate(
    leg: Leg,
    ports: Ports,
    *,
    endpoint: str,
    app_args: str,
    caller_id: str,
    ring_s: int,
    variables: dict[str, str],
) -> None:
    try:
        await ring_phone(
            leg, ports, endpoint=endpoint, app_args=app_args, caller_id=caller_id, ring_s=ring_s,
            variables=variables,
        )  # fmt: skip
    except AriError as error:
        log.warning("leg_not_rung", channel=leg.id, reason=str(error))
        leg.end(cause=0)


async def _note_failure(call: Call, who: str, left: Left, ports: Ports) -> None:
    call.ended_by = EndedBy.SYSTEM
    await ports.outbox.publish(call.id, "not_reached", who=who, outcome=left.value)


async def _let_go(order: Order, leg: Leg, ports: Ports) -> None:
    was_up = leg.up.done()
    if not leg.gone.done():
        with suppress(AriError):
            await ports.asterisk.channels.hangup(leg.id)
    left = None if was_up else reason_of(leg)
    release_unanswered(order.operator_id, leg.id, left, ports)

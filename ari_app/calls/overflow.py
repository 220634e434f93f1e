"""Who else may take a caller who waits too long: a supervisor, or a neighbouring city's emergency number."""

from __future__ import annotations

from ari_app.calls.call import Call
from ari_app.calls.ports import Ports
from ari_app.calls.ringing import Phones
from ari_app.conversation.errors import ConversationError
from ari_app.conversation.targets import find_route
from ari_app.conversation.vocabulary import Target, TargetKind
from ari_app.distribution import RingElsewhere
from queues.vocabulary import CallOverflowed, OverflowTo
from suar.log import get_logger

log = get_logger()


async def overflow(call: Call, how: CallOverflowed, phones: Phones, ports: Ports) -> None:
    """See to it; she waits on in her place all the while."""
    await ports.outbox.publish(
        call.id,
        "overflowed",
        queue=how.queue,
        when=how.when.value,
        to=how.to.value,
        target=how.target or None,
    )
    match how.to:
        case OverflowTo.SUPERVISORS:
            ports.alarms.raise_(f"overflowed:{call.id}", "A caller waits whom a supervisor may take.")
        case OverflowTo.NEIGHBOUR:
            await _ring_neighbour(call, how.target, phones, ports)
        case _:
            pass


def settle(call: Call, ports: Ports) -> None:
    """She waits no more."""
    ports.alarms.clear(f"overflowed:{call.id}")


async def _ring_neighbour(call: Call, neighbour: str, phones: Phones, ports: Ports) -> None:
    try:
        incident = ports.outbox.incident(call.id)
        route = find_route(ports.city, Target(TargetKind.NEIGHBOUR, neighbour), call, incident)
    except ConversationError as error:
        log.error("neighbour_not_rung", neighbour=neighbour, reason=str(error))
        return
    await phones.ring_elsewhere(
        RingElsewhere(neighbour, route.endpoint, route.caller_id, route.ring_s, dict(route.variables))
    )

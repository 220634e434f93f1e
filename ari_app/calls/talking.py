"""Caller and operator in one bridge, until either puts the phone down or the operator's phone fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ari_app.ari.errors import AriError, ResourceGone
from ari_app.ari.resources import MIXED
from ari_app.calls.call import Call, Phase
from ari_app.calls.music import stop_music
from ari_app.calls.ports import Ports
from ari_app.calls.waiting import Connection
from queues.vocabulary import CallEnded
from suar.ids import Kind, mint
from suar.log import get_logger

log = get_logger()


async def talk(call: Call, connection: Connection, ports: Ports) -> bool:
    """Bridge the two and return when the operator's leg has ended.

    Returns True if she hung up, False if her phone or the network failed: the caller is then still on
    the line and has to be given to another operator. A hang-up of the caller cancels this.
    """
    asterisk = ports.asterisk
    call.bridges += 1
    bridge_id = mint(call.id, Kind.BRIDGE, call.bridges)

    async def join() -> None:
        await asterisk.bridges.create(bridge_id, MIXED)
        await stop_music(call, ports)
        await asterisk.bridges.add_channel(bridge_id, call.id, connection.leg.id)
        call.operator = connection.operator_id
        call.timings.connected = call.timings.connected or ports.clock()
        ports.enter(call, Phase.TALKING)
        await ports.outbox.publish(call.id, "connected", operator=connection.operator_id)

    return await _until_parted(call, connection, bridge_id, join, ports)


async def talk_on(call: Call, connection: Connection, bridge_id: str, ports: Ports) -> bool:
    """Take up a talk that an earlier controller began, as :func:`talk` would have gone on."""

    async def join() -> None:
        call.operator = connection.operator_id
        ports.enter(call, Phase.TALKING)

    return await _until_parted(call, connection, bridge_id, join, ports)


async def _until_parted(
    call: Call,
    connection: Connection,
    bridge_id: str,
    join: Callable[[], Awaitable[None]],
    ports: Ports,
) -> bool:
    try:
        await join()
        gone = await asyncio.shield(connection.leg.gone)
        while (heir := ports.succession.take(call.id)) is not None:
            previous, connection = connection, heir
            await _hand_over(call, previous, heir, ports)
            gone = await asyncio.shield(connection.leg.gone)
    except ResourceGone:
        # Either of the two went in the moment of joining: if it was the caller, her hang-up cancels us.
        gone = await asyncio.shield(connection.leg.gone)
    finally:
        # When it is the application that stops, the two go on talking.
        if not ports.is_stopping:
            ports.succession.forget(call.id)
            await asyncio.shield(_part(bridge_id, connection, ports))
    if gone.was_hung_up:
        return True
    log.warning("operator_lost_while_talking", operator=connection.operator_id, cause=gone.cause)
    await ports.outbox.publish(call.id, "operator_lost", operator=connection.operator_id, cause=gone.cause)
    ports.distribution.tell_late(CallEnded(call.id))
    call.operator = None
    return False


async def _hand_over(call: Call, previous: Connection, heir: Connection, ports: Ports) -> None:
    """The talk goes on with somebody else; it stays one call, with one recording and one time."""
    call.operator = heir.operator_id
    ports.distribution.tell_late(CallEnded(call.id))
    ports.on_change()
    await ports.outbox.publish(
        call.id, "taken_over", operator=heir.operator_id, released=previous.operator_id
    )


async def _part(bridge_id: str, connection: Connection, ports: Ports) -> None:
    """Free the operator's phone first, then the bridge: deleting first would lose the hang-up cause."""
    if not connection.leg.gone.done():
        with suppress(AriError):
            await ports.asterisk.channels.hangup(connection.leg.id)
    with suppress(AriError):
        await ports.asterisk.bridges.destroy(bridge_id)

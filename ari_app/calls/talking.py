"""Caller and operator come together: from here on their conversation leads itself, whatever it becomes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ari_app.ari.errors import AriError, ResourceGone
from ari_app.ari.resources import MIXED
from ari_app.calls.call import Call, Phase
from ari_app.calls.legs import Leg
from ari_app.calls.music import stop_music
from ari_app.calls.ports import Ports
from ari_app.calls.unanswered import answer
from ari_app.calls.waiting import Connection
from ari_app.conversation.rejoining import Rejoined
from ari_app.conversation.rooms import Rooms
from ari_app.conversation.running import Conversation
from ari_app.conversation.vocabulary import Outcome, Place, State
from suar.ids import Kind, mint
from suar.log import get_logger

log = get_logger()


async def talk(call: Call, caller: Leg, connection: Connection, ports: Ports) -> Outcome:
    """Bring the two together, and return how it ended.

    ``REQUEUE`` means that the caller is still on the line and has to be given to another operator.
    """
    call.bridges += 1
    main, leg = mint(call.id, Kind.BRIDGE, call.bridges), connection.leg
    state = State(call.id, leg.id)
    conversation = Conversation(
        call, state, {call.id: caller, leg.id: leg}, Rooms(call, main, state.places(), ports), ports
    )
    try:
        await _join(call, connection, main, ports)
    except ResourceGone:
        # Either of the two went in the moment of joining: her end tells itself.
        conversation.have_met = False
    except BaseException:
        await asyncio.shield(_undo(main, leg, ports))
        raise
    return await conversation.run()


async def talk_on(call: Call, caller: Leg, rejoined: Rejoined, ports: Ports) -> Outcome:
    """Take up a conversation that an earlier controller led, as :func:`talk` would have gone on."""
    call.operator = rejoined.operator_id
    call.hears_music = rejoined.at.get(call.id) is Place.HOLD
    ports.enter(call, Phase.TALKING)
    legs = {**rejoined.legs, call.id: caller}
    rooms = Rooms(call, rejoined.main, rejoined.at, ports, has_side=rejoined.has_side)
    return await Conversation(call, rejoined.state, legs, rooms, ports).run()


async def _join(call: Call, connection: Connection, main: str, ports: Ports) -> None:
    bridges = ports.asterisk.bridges
    # One socket runs its requests in order, so none waits for the answer to the one before.
    await asyncio.gather(
        answer(call, ports),
        bridges.create(main, MIXED),
        stop_music(call, ports),
        bridges.add_channel(main, call.id, connection.leg.id),
    )
    call.operator = connection.operator_id
    call.timings.connected = call.timings.connected or ports.clock()
    ports.enter(call, Phase.TALKING)
    ports.outbox.publish(call.id, "connected", operator=connection.operator_id)


async def _undo(main: str, leg: Leg, ports: Ports) -> None:
    if ports.is_stopping:
        return
    for undo in (ports.asterisk.channels.hangup(leg.id), ports.asterisk.bridges.destroy(main)):
        with suppress(AriError):
            await undo

"""A held caller: her phone rings, then she is asked to press a key, then she hears music, until she goes on.

What decides how long is `queues.admission`. Nobody is hung up, and any key will do.
"""

from __future__ import annotations

import asyncio

from ari_app.admission import Held
from ari_app.ari.errors import AriRejected
from ari_app.ari.events import ChannelDtmfReceived
from ari_app.calls.call import Call, Phase
from ari_app.calls.legs import Leg
from ari_app.calls.music import start_music, stop_music
from ari_app.calls.ports import Ports
from ari_app.calls.teardown import cut_short
from suar.log import get_logger

PROMPT = "many-calls"

log = get_logger()


async def hold(call: Call, caller: Leg, held: Held, ports: Ports) -> None:
    """Keep a caller until she may go on; then she is answered.

    Raises :class:`~ari_app.ari.errors.ResourceGone` if she has hung up.
    """
    ports.enter(call, Phase.GATED)
    ports.outbox.publish(call.id, "gated", why=held.why.value, excess=held.excess)
    await ports.asterisk.channels.ring(call.id)
    await asyncio.wait((held.asked, held.admitted), return_when=asyncio.FIRST_COMPLETED)
    if not held.admitted.done():
        asking = asyncio.create_task(_ask(call, caller, ports))
        try:
            await asyncio.wait((asking, held.admitted), return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                asking.result()
            await held.admitted
        finally:
            await cut_short(asking)
        await _hush(call, ports)
    admit = held.admitted.result()
    caller.forget_heard()
    if admit.was_proven:
        call.has_pressed, call.is_put_back = True, False  # She is not asked twice.
    ports.outbox.publish(call.id, "admitted", held_s=admit.held_s, pressed=admit.was_proven)
    if call.timings.answered is None:
        await _answer(call, ports)
    ports.enter(call, Phase.GREETING)


async def _ask(call: Call, caller: Leg, ports: Ports) -> None:
    """Answer her, say what to do, and wait for any key; music goes on where the words end."""
    await _answer(call, ports)
    playback_id = call.next_playback()
    try:
        await ports.asterisk.channels.play(
            call.id, f"sound:suar/{PROMPT}", playback_id=playback_id, language=call.language
        )
    except AriRejected as error:
        log.error("prompt_not_played", prompt=PROMPT, status=error.status)
        await start_music(call, ports)
    while not isinstance(await caller.hear(), ChannelDtmfReceived):
        await start_music(call, ports)
    ports.admission.prove(call.id)


async def _answer(call: Call, ports: Ports) -> None:
    await ports.asterisk.channels.answer(call.id)
    call.timings.answered = ports.clock()
    ports.outbox.publish(call.id, "answered")


async def _hush(call: Call, ports: Ports) -> None:
    """End what she hears, so that the menu is the next that she does."""
    if (playing := call.last_playback()) is not None:
        await ports.asterisk.playbacks.stop(playing)
    await stop_music(call, ports)

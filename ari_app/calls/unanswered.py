"""A city that does not greet: a caller's phone rings until an operator answers.

She is answered all the same before her carrier gives the call up, and then hears music.
"""

from __future__ import annotations

import asyncio

from ari_app.calls.call import Call
from ari_app.calls.music import start_music
from ari_app.calls.ports import Ports


async def answer(call: Call, ports: Ports) -> None:
    """Answer a caller whose phone still rings; nothing for any other."""
    if call.timings.answered is None:
        call.timings.answered = ports.clock()
        await ports.asterisk.channels.answer(call.id)
        ports.outbox.publish(call.id, "answered")


async def answer_in_the_end(call: Call, ports: Ports) -> None:
    """Answer a caller who has waited for so long that her carrier might give her up."""
    if call.timings.answered is not None:
        return
    since = call.timings.queued if call.timings.queued is not None else ports.clock()
    await asyncio.sleep(max(0.0, since + ports.city.triage.rings_s - ports.clock()))
    await answer(call, ports)
    await start_music(call, ports)

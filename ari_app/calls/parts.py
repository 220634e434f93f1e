"""The recordings of those who were called into a call: one for each, sealed and chained as the caller's is.

What an operator said to an agency while the caller heard music is in the agency's recording alone.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from ari_app.calls.chaining import chain
from ari_app.calls.ports import Ports
from ari_app.calls.recording import Sealed, seal
from suar.ids import Kind, mint
from suar.log import get_logger

log = get_logger()


async def keep_parts(call_id: str, ports: Ports) -> None:
    """Seal what was recorded of those who were called in, and tell the call's incident of each, once."""
    history = ports.outbox.history(call_id)
    told = {event.data.get("part") for event in history if event.type == "part_sealed"}
    called = sum(event.type == "party_called" for event in history)
    if not called:
        return
    for leg in await asyncio.to_thread(_recorded, ports.recordings, call_id, called):
        if leg in told:
            continue
        sealed = await seal(ports.recordings, leg, 0.0)
        if not isinstance(sealed, Sealed):
            log.error("recording_failed", call_id=call_id, part=leg, why=sealed)
            ports.alarms.raise_("recording_failed", f"{leg}: {sealed}. Look at the disk of the recordings.")
            await ports.outbox.publish(call_id, "part_failed", part=leg, why=sealed)
            continue
        await ports.outbox.publish(
            call_id,
            "part_sealed",
            part=leg,
            file=sealed.file,
            sha256=sealed.sha256,
            length_s=sealed.length_s,
            bytes=sealed.bytes,
            chain=await chain(call_id, sealed, ports),
        )


def _recorded(recordings: Path, call_id: str, called: int) -> list[str]:
    """Return the legs of which there is a recording. The folder holds years: nobody looks through it."""
    legs = [mint(call_id, Kind.PARTY, number) for number in range(1, called + 1)]
    return [leg for leg in legs if any((recordings / f"{leg}{end}").exists() for end in (".raw", ".wav"))]

"""A sealed recording goes into the recordings' chain; a chain that cannot be written is never the call's."""

from __future__ import annotations

import asyncio

from ari_app.calls.ports import Ports
from ari_app.calls.recording import Sealed
from suar.log import get_logger
from suar.recordings.ledger import Ledger, LedgerUnusable

_ALARM = "recording_not_chained"

log = get_logger()


async def tell_sealed(call_id: str, sealed: Sealed, ports: Ports) -> None:
    """Chain a sealed recording, and tell the call's incident of it."""
    await ports.outbox.publish(
        call_id,
        "recording_sealed",
        file=sealed.file,
        sha256=sealed.sha256,
        length_s=sealed.length_s,
        bytes=sealed.bytes,
        chain=await chain(call_id, sealed, ports),
    )


async def chain(call_id: str, sealed: Sealed, ports: Ports) -> str | None:
    """Add a sealed recording to the chain, once; return its hash, or None with an alarm raised.

    The hash goes to the incident too: somewhere else than the chain, it shows when that was cut.
    """
    ledger = Ledger(ports.recordings, ports.now)
    try:
        entry = await asyncio.to_thread(
            ledger.append, call_id, sealed.file, sealed.sha256, sealed.bytes, is_new=sealed.is_fresh
        )
    except LedgerUnusable as error:
        log.error("recording_not_chained", call_id=call_id, why=str(error))
        ports.alarms.raise_(
            _ALARM, f"{error}. The recording is there; when this is mended, run `suar recordings reconcile`."
        )
        return None
    ports.alarms.clear(_ALARM)
    return entry.hash

"""What follows a call's end: its recordings are sealed, wrap-ups awaited, its line in the log written."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from ari_app.calls.call import Call, EndedBy
from ari_app.calls.chaining import tell_sealed
from ari_app.calls.parts import keep_parts
from ari_app.calls.ports import Ports
from ari_app.calls.recording import GLANCE_S, Sealed, seal
from suar.log import get_logger

_AFTERMATH_S = 3.0
_HEARD_FROM_S = 0.5

log = get_logger()


async def follow_up(call: Call, ports: Ports) -> None:
    """Do it, and say that no further event of this call will come."""
    asterisk_started_at = ports.line.started_at
    with structlog.contextvars.bound_contextvars(call_id=call.id):
        wrap_up_s = None
        try:
            await keep_recording(call, ports)
            await keep_parts(call.id, ports)
            wrap_up_s = await _wrapped_up(call, ports)
        finally:
            # Told even if we stop before the operator has finished.
            tell_end(call, wrap_up_s)
        await _look_back(call, asterisk_started_at, ports)
    await ports.outbox.finish(call.id)


def tell_end(call: Call, wrap_up_s: float | None) -> None:
    """Write the one line of a call: everything but who called and from where."""
    log.info(
        "call_ended",
        outcome=call.disposition,
        by=call.ended_by.value,
        phase=call.phase.value,
        carrier=call.trunk,
        kind=call.kind,
        language=call.language,
        location_source=call.location_source,
        offers=call.offers,
        wrap_up_s=wrap_up_s,
        **call.timings.spans(),
    )


async def keep_recording(call: Call, ports: Ports) -> None:
    """Seal the recording of an ended call and say what became of it.

    Of a call whose end nobody told us it is enough that there is one: how long it should be is not known.
    """
    timings, lasted_s = call.timings, 0.0
    if timings.answered is not None and timings.ended is not None and call.end_was_heard:
        lasted_s = timings.ended - timings.answered
    patience_s = GLANCE_S if timings.answered is None else None
    outcome = await seal(ports.recordings, call.id, lasted_s, patience_s)
    if isinstance(outcome, Sealed):
        await tell_sealed(call.id, outcome, ports)
        if not outcome.truncated:
            ports.alarms.clear_if_before("recording_failed", call.ring_at)
            return
        why = f"the recording has {outcome.length_s:.0f} s of {lasted_s:.0f} s"
    elif timings.answered is None or (call.end_was_heard and lasted_s < _HEARD_FROM_S):
        return  # Nothing was ever heard: who gives up in the moment of the answer is past hearing.
    else:
        why = outcome
    log.error("recording_failed", call_id=call.id, why=why)
    ports.alarms.raise_("recording_failed", f"{call.id}: {why}. Look at the disk of the recordings.")
    await ports.outbox.publish(call.id, "recording_failed", why=why)


async def _wrapped_up(call: Call, ports: Ports) -> float | None:
    """Wait for the end of each operator's wrap-up; return how long all of them took."""
    total_s = None
    while wrap_up := await ports.wrap_ups.next_of(call.id):
        total_s = (total_s or 0.0) + wrap_up.lasted_s
        who, lasted_s = wrap_up.operator_id, wrap_up.lasted_s
        await ports.outbox.publish(call.id, "wrapped_up", operator=who, wrap_up_s=lasted_s)
    return total_s


async def _look_back(call: Call, asterisk_started_at: datetime | None, ports: Ports) -> None:
    """Asterisk that goes down in good order hangs up its callers first: that was not their doing.

    Whether it is the same Asterisk is asked, not when it started: the clock may have been set.
    """
    if call.ended_by is not EndedBy.CALLER or call.is_lost:
        return
    await asyncio.sleep(_AFTERMATH_S)
    await ports.line.is_up.wait()
    if ports.line.started_at != asterisk_started_at:
        await ports.outbox.publish(call.id, "lost", why="Asterisk went down")

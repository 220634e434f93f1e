"""Three hundred calls, waiting and talking; the controller is killed: how long until all are adopted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import UTC, datetime

from suar.demo.phones import OperatorPool
from tests.bench.bed import PHONES, Bed, city, load_calls, say

_CALLS, _OPERATORS, _RATE = 300, 20, 30
_TARGET_S = 2.0


async def run() -> bool:
    """Kill with -9; its heir's log says when it was connected, and its live picture when it had them all."""
    async with city(_OPERATORS) as bed:
        names = [operator.endpoint for operator in bed.work.city.operators]
        passwords = bed.work.secrets.operator_sip_passwords
        users = [(name, passwords[name.removeprefix("op-")]) for name in names]
        async with OperatorPool(bed.sipp, PHONES, bed.sip, users):
            for operator in bed.work.city.operators:
                await bed.web.set_operator(operator.id, "ready")
            load = asyncio.create_task(load_calls(bed, "112", _RATE, _CALLS, digit="1", hold_ms=30_000))
            before = await _phases(bed, _CALLS)
            os.kill(bed.controller_pid(), signal.SIGKILL)
            after = await _phases(bed, _CALLS)
            took_s = (datetime.now(UTC) - _connected_at(bed)).total_seconds()
            failed, _ = await load
    say(f"adoption: {_CALLS} calls, the controller killed with -9")
    say(f"  before {before}   after {after}   failed {failed}")
    say(f"  from its connection until all wait or talk again, to a quarter of a second   {took_s:.2f} s")
    return failed == 0 and took_s < _TARGET_S


async def _phases(bed: Bed, wanted: int) -> dict[str, int]:
    """Return how many calls are in each phase, once there are as many as wanted and all wait or talk."""
    counts: dict[str, int] = {}
    async for picture in bed.web.pictures_whenever():
        phases = [call["phase"] for call in picture["calls"]]
        counts = {phase: phases.count(phase) for phase in sorted(set(phases))}
        if counts.get("talking", 0) == _OPERATORS and counts.get("waiting", 0) == wanted - _OPERATORS:
            break
    return counts


def _connected_at(bed: Bed) -> datetime:
    """Return when the last controller was connected to Asterisk, from its own log."""
    found: datetime | None = None
    for line in bed.log.read_text().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("event") == "ari_connected":
            found = datetime.fromisoformat(entry["timestamp"])
    if found is None:
        raise RuntimeError("no controller was ever connected")
    return found

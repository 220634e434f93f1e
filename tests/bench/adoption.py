"""Three hundred calls in every state; the controller is killed: how long until its heir has them all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from suar.demo.phones import OperatorPool
from tests.bench.bed import PHONES, Bed, city, load_calls, say

_TALKING, _HELD, _RINGING, _IN_THE_MENU, _CALLS = 20, 5, 15, 40, 300
_WAITING = _CALLS - _TALKING - _HELD - _RINGING - _IN_THE_MENU
_RATE, _HOLD_MS = 30, 60_000
_NEVER_S = 600.0
_TARGET_S = 2.0
_PATIENCE_S = 40.0

States = Counter[str]


async def run() -> bool:
    """Kill with -9; its heir's log says when it was connected, and its live picture when it had them all."""
    async with (
        city(_TALKING + _HELD + _RINGING, minds_silence=False) as bed,
        _phones(bed) as (answered, unanswered),
    ):
        await _all_ready(bed, answered)
        many = asyncio.create_task(_call(bed, _CALLS - _IN_THE_MENU, digit="1"))
        await _until(bed, lambda found: found["talking"] == _TALKING + _HELD and found["waiting"] >= _WAITING)
        await _hold(bed, _HELD)
        few = asyncio.create_task(_call(bed, _IN_THE_MENU))
        # Who is rung stops ringing after twelve seconds, and who is in the menu leaves it.
        await _all_ready(bed, unanswered)
        before = await _until(bed, _is_mixed)
        os.kill(bed.controller_pid(), signal.SIGKILL)
        after = await _until(bed, lambda found: _is_adopted(found, before))
        took_s = (datetime.now(UTC) - _connected_at(bed)).total_seconds()
        failed = await many + await few
    say(f"adoption: {_CALLS} calls, the controller killed with -9")
    say(f"  before {dict(before)}\n  after  {dict(after)}   failed {failed}")
    say(f"  from its connection until it has each in her state, to a quarter of a second   {took_s:.2f} s")
    return failed == 0 and took_s < _TARGET_S


@asynccontextmanager
async def _phones(bed: Bed) -> AsyncIterator[tuple[list[str], list[str]]]:
    """Have a phone for every operator; yield those who answer, and those who never do."""
    passwords = bed.work.secrets.operator_sip_passwords
    ids = [operator.id for operator in bed.work.city.operators]
    answered, unanswered = ids[: _TALKING + _HELD], ids[_TALKING + _HELD :]
    async with AsyncExitStack() as stack:
        for names, answer_after_s in ((answered, 0.1), (unanswered, _NEVER_S)):
            users = [(f"op-{name}", passwords[name]) for name in names]
            pool = OperatorPool(bed.sipp, PHONES, bed.sip, users, answer_after_s=answer_after_s)
            await stack.enter_async_context(pool)
        yield answered, unanswered


async def _all_ready(bed: Bed, names: list[str]) -> None:
    for name in names:
        await bed.web.set_operator(name, "ready")


async def _call(bed: Bed, count: int, *, digit: str = "") -> int:
    """Have people call, who stay for a minute; return how many failed."""
    failed, _ = await load_calls(
        bed, "112", _RATE, count, digit=digit, hold_ms=_HOLD_MS, callers_hang_up=True
    )
    return failed


async def _hold(bed: Bed, count: int) -> None:
    picture = await anext(bed.web.pictures_whenever())
    talks = [call for call in picture["calls"] if call["phase"] == "talking"]
    for call in talks[:count]:
        await bed.web.command(call["call_id"], "hold", call["operator"])


async def _until(bed: Bed, is_so: Callable[[States], bool]) -> States:
    """Return how many calls are in each state, once it is so."""
    found: States = Counter()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for picture in bed.web.pictures_whenever():
                found = Counter(_state_of(call) for call in picture["calls"])
                if is_so(found):
                    break
    except TimeoutError:
        raise RuntimeError(f"it does not come to that: {dict(found)}") from None
    return found


def _state_of(call: dict[str, Any]) -> str:
    conversation = call["conversation"]
    if conversation is not None and conversation["is_on_hold"]:
        return "held"
    return "in the menu" if call["phase"] in {"greeting", "triage"} else str(call["phase"])


def _is_mixed(found: States) -> bool:
    return (
        found["talking"] == _TALKING
        and found["held"] == _HELD
        and found["ringing"] == _RINGING
        and found["in the menu"] == _IN_THE_MENU
        and found.total() == _CALLS
    )


def _is_adopted(found: States, before: States) -> bool:
    """Whether everybody is where she was; who was in the menu is spared the rest, and phones ring anew."""
    talks = all(found[one] == before[one] for one in ("talking", "held"))
    return talks and found["waiting"] + found["ringing"] == _CALLS - _TALKING - _HELD


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

"""The live picture: drawn while calls go on, and the same as one that is drawn in one go."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from queues.vocabulary import OperatorState
from tests.component.test_call_flow import House, house

__all__ = ["house"]


async def first_picture(house: House) -> bytes:
    async for picture in house.controller.live.watch():
        return picture
    raise AssertionError("the watch has ended")


async def test_a_picture_that_is_sent_is_the_one_that_is_shown(house: House) -> None:
    """Calls, operators and alarms, and what there is beside them."""
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    await house.talking(call)
    house.controller.alarms.raise_("disk_low:journal", "Make room.")
    shown = house.controller.live.picture()
    sent = json.loads(await first_picture(house))
    for one in (shown, sent):
        one.pop("at"), one.pop("heard_ago_s"), one.pop("house")
    assert sent == json.loads(json.dumps(shown))
    assert [one["call_id"] for one in sent["calls"]] == [call]


async def test_every_change_of_an_operator_is_in_the_next_picture(house: House) -> None:
    """Whatever it is that changes: she is kept as she was drawn only as long as nothing does."""
    desk = house.controller.operators.desk("siti")
    assert desk is not None
    for name, value in {
        "operator": desk.operator.model_copy(update={"name": "Siti Rahayu"}),
        "state": OperatorState.NOT_READY,
        "reason": "meal",
        "since": desk.since + timedelta(seconds=1),
        "ends_at": desk.since + timedelta(seconds=9),
        "call_id": "sby1-1.7",
        "phone_is_online": not desk.phone_is_online,
        "queues": ("elsewhere",),
        "sits_at": "budi",
        "forced_by": "sari",
    }.items():
        before = json.loads(await first_picture(house))["operators"]
        setattr(desk, name, value)
        sent = json.loads(await first_picture(house))["operators"]
        assert sent != before, name
        assert sent == json.loads(json.dumps(house.controller.live.picture()))["operators"]


async def test_others_have_their_turn_while_thousands_are_drawn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller who is answered meanwhile waits for a few of them at most."""
    await house.call()
    live = house.controller.live
    (call,) = house.controller.switchboard.calls()
    drawn: list[int] = []
    monkeypatch.setattr(live, "_calls", lambda: [call] * 1000)

    def supervisors_on(_: str) -> list[dict[str, Any]]:
        drawn.append(0)
        return []

    monkeypatch.setattr(live, "supervisors_on", supervisors_on)
    at_a_turn = [0]

    async def take_turns() -> None:
        while True:
            at_a_turn.append(len(drawn))
            await asyncio.sleep(0)

    others = asyncio.create_task(take_turns())
    picture = json.loads(await first_picture(house))
    others.cancel()
    assert len(picture["calls"]) == len(drawn) == 1000
    at_a_turn.append(len(drawn))
    assert max(after - before for before, after in pairwise(at_a_turn)) <= 50


async def test_what_changes_while_a_picture_is_drawn_is_in_the_next(house: House) -> None:
    """Nothing that happens between two of them is lost."""
    pictures = house.controller.live.watch()
    drawing = asyncio.ensure_future(anext(pictures))
    await asyncio.sleep(0)
    house.controller.alarms.raise_("disk_low:journal", "Make room.")
    await drawing
    async with asyncio.timeout(2):
        assert "disk_low:journal" in (await anext(pictures)).decode()
    await pictures.aclose()  # type: ignore[attr-defined]

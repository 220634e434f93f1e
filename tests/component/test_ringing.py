"""A city that does not greet: a caller's phone rings until an operator answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from suar.city import City
from tests.component.test_call_flow import House, open_house


@pytest.fixture
def rings_s() -> float:
    return 20.0


@pytest.fixture
async def house(tmp_path: Path, rings_s: float) -> AsyncIterator[House]:
    def change(city: City) -> dict[str, Any]:
        return {"triage": city.triage.model_copy(update={"greets": False, "rings_s": rings_s})}

    async with open_house(tmp_path, change) as one:
        yield one


async def _call(house: House) -> str:
    call = await house.fake.call_in("call", "telkomsel", "112", number="+628121234567")
    (house.recordings / f"{call}.raw").write_bytes(bytes(320_000))
    await house.until(lambda: "queued" in house.told(call))
    return call


async def test_nothing_is_played_and_she_is_answered_when_her_operator_is(house: House) -> None:
    house.ready("siti")
    call = await _call(house)
    await house.rung(call)
    channel = house.fake.world.channels[call]
    assert channel.state == "Ring"
    assert not channel.hears_music
    await house.until(lambda: channel.variables.get("TIMEOUT(absolute)") == "0")
    leg = await house.talking(call)
    assert "SUAR_QUEUE" not in channel.variables  # The dialplan's own says what she needs.
    assert channel.state == "Up"
    assert house.fake.world.bridges == {f"{call}-br1": [call, leg]}
    await house.fake.hang_up(leg)
    await house.over(call)
    told = house.told(call)
    assert told.index("offered") < told.index("queued") < told.index("ringing") < told.index("answered")
    assert "triaged" not in told
    spans = house.data(call, "ended")
    assert spans["triage_s"] == 0.0
    asked = [path for method, path in house.fake.asked if method == "POST"]
    assert not [path for path in asked if "/play/" in path or path.endswith("/moh")]
    assert asked.index(f"channels/{leg}") < asked.index(f"channels/{call}/answer")


async def test_who_hangs_up_while_it_rings_leaves_nothing_behind(house: House) -> None:
    house.ready("siti")
    call = await _call(house)
    await house.rung(call)
    await house.fake.hang_up(call)
    await house.over(call)
    assert house.data(call, "ended")["disposition"] == "terputus"
    assert "answered" not in house.told(call)


@pytest.mark.parametrize("rings_s", [0.05])
async def test_who_waits_long_is_answered_before_her_carrier_gives_her_up(house: House) -> None:
    call = await _call(house)
    channel = house.fake.world.channels[call]
    await house.until(lambda: channel.state == "Up" and channel.hears_music)
    house.ready("siti")
    leg = await house.talking(call)
    assert not channel.hears_music
    assert house.told(call).count("answered") == 1
    await house.fake.hang_up(leg)
    await house.over(call)

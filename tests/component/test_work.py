"""What a call costs the controller does not grow with how many others there are: counted, not timed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ari_app.calls import flow
from ari_app.degraded.importer import Importer
from ari_app.housekeeping import Housekeeping
from ari_app.outbox import Sender
from suar.city import City
from tests.component.test_call_flow import House, open_house
from tests.work import counted

_FEW, _MANY = 25, 200
"""More than the length at which a queue overflows."""
_TIMES = 4
_A_LOOK = 6
"""Steps; a function that is called for each of the others takes more."""


@pytest.fixture
async def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A house in which only calls are at work: what looks at everything does so by the clock."""
    for part in (Housekeeping, Sender, Importer):
        monkeypatch.setattr(part, "run", rest)
    monkeypatch.setattr(flow, "_RECORDING_BEGINS_S", 0.0)

    def change(city: City) -> dict[str, Any]:
        return {
            "admission": city.admission.model_copy(update={"on": False}),
            "silence": city.silence.model_copy(update={"detector": "off"}),
        }

    async with open_house(tmp_path, change) as one:
        yield one


async def rest(_: object) -> None:
    """Do nothing."""


async def steps_of_a_call(house: House, waiting: list[str]) -> int:
    """Return how many steps it takes when one more comes, and the next is served."""
    served = waiting.pop(0)
    with counted() as work:
        waiting.append(await come(house))
        await house.fake.hang_up(f"{served}-op1")
        await house.until(lambda: served not in house.controller.ports.legs)
        house.ready_again("siti")
        await talking(house, waiting[0])
    return work.steps


async def come(house: House) -> str:
    call = await house.call()
    await house.fake.press(call, "1")
    await house.until(lambda: house.controller.distribution.waits(call))
    return call


async def talking(house: House, call: str) -> None:
    await house.fake.answer_leg(await house.rung(call))
    await house.until(lambda: call in house.controller.ports.conversations)


async def test_a_call_costs_the_same_among_many_as_among_few(crowd: House) -> None:
    """From its beginning to its end: each of the others may cost it no more than a look."""
    waiting = [await come(crowd) for _ in range(_FEW)]
    crowd.ready("siti")
    await talking(crowd, waiting[0])
    few = min([await steps_of_a_call(crowd, waiting) for _ in range(_TIMES)])
    waiting += [await come(crowd) for _ in range(_MANY - _FEW)]
    many = min([await steps_of_a_call(crowd, waiting) for _ in range(_TIMES)])
    assert many < few + _A_LOOK * (_MANY - _FEW)

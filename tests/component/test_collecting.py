"""Rings of objects that nobody needs: looked for when few calls are alive, and in the end in any case."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from ari_app import collecting


class Ring:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def mine() -> Iterator[None]:
    """The collector as `ari_app` has it, and then as it was."""
    before = gc.get_threshold()
    collecting.begin()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def grow_old() -> ref[Ring]:
    """Return a ring that nobody holds any more, after it has been there for long."""
    ring = Ring()
    gc.collect(0)
    gc.collect(1)
    return ref(ring)


async def look(alive: int) -> None:
    task = asyncio.create_task(collecting.run(lambda: alive))
    await asyncio.sleep(0)
    task.cancel()


async def test_what_is_old_is_looked_through_when_few_calls_are_alive(mine: None) -> None:
    """As soon as Python would have done it by itself, and not before."""
    gc.collect()
    old = grow_old()
    for _ in range(20):
        gc.collect(1)
    await look(alive=1000)
    assert old() is not None
    await look(alive=50)
    assert old() is None


def test_it_is_left_to_chance_no_more(mine: None) -> None:
    """However much is made anew: with thousands of callers it would take a third of a second."""
    gc.collect()
    old = grow_old()
    _made = [[] for _ in range(200_000)]  # type: ignore[var-annotated]
    assert old() is not None


@pytest.mark.parametrize(
    ("looks", "alive", "is_due"), [(9, 0, False), (10, 50, True), (999, 51, False), (1000, 2000, True)]
)
def test_when_it_is_due(looks: int, alive: int, is_due: bool) -> None:
    assert collecting.is_due(looks, alive) is is_due

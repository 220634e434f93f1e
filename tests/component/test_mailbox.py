"""A mailbox: what comes for one reader, in order, at the cost of next to nothing while nothing comes."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from ari_app.mailbox import Mailbox


async def test_messages_come_in_order_whether_somebody_waits_or_not() -> None:
    box: Mailbox[int] = Mailbox()
    reading = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    for number in range(3):
        box.put(number)
    assert [await reading, await box.get(), await box.get()] == [0, 1, 2]


async def test_of_more_than_it_holds_the_oldest_go() -> None:
    box: Mailbox[int] = Mailbox(2)
    for number in range(5):
        box.put(number)
    assert [await box.get(), await box.get()] == [3, 4]


async def test_a_reader_who_is_cancelled_loses_nothing() -> None:
    """Neither before a message comes nor in the moment in which it does."""
    box: Mailbox[str] = Mailbox()
    for comes_first in (True, False):
        reading = asyncio.create_task(box.get())
        await asyncio.sleep(0)
        if comes_first:
            box.put("here")
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        if not comes_first:
            box.put("here")
        assert await box.get() == "here"


async def test_what_was_there_is_dropped_on_request() -> None:
    box: Mailbox[str] = Mailbox()
    box.put("old")
    box.clear()
    box.put("new")
    assert await box.get() == "new"


async def test_an_empty_one_is_small() -> None:
    """`asyncio.Queue` takes 3 kB."""
    tracemalloc.start()
    try:
        boxes = [Mailbox[int](8) for _ in range(100)]
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used / len(boxes) < 300

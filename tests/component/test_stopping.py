"""A controller that is asked to stop does, in whatever moment and whatever its calls wait for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ari_app.calls.teardown import cut_short, see_through
from ari_app.outbox import CallEvent
from tests.component.test_call_flow import House, house, open_house

__all__ = ["house"]

_AT_ONCE_S = 5.0
"""On a busy machine."""


def named(name: str) -> asyncio.Task[Any]:
    return next(task for task in asyncio.all_tasks() if task.get_name() == name)


async def wind_up(finished: asyncio.Event) -> None:
    """Take a cancellation, and some time to tidy up after it."""
    try:
        await asyncio.Event().wait()
    finally:
        await finished.wait()


async def test_a_cancellation_in_the_moment_in_which_the_work_is_done_is_not_lost() -> None:
    """As one that comes before it."""
    finished = asyncio.Event()
    work = asyncio.create_task(wait(finished))
    seen_through = asyncio.create_task(see_through(work, "slow"))
    await asyncio.sleep(0)
    work.add_done_callback(lambda _: seen_through.cancel())
    finished.set()
    await asyncio.wait({seen_through}, timeout=_AT_ONCE_S)
    assert seen_through.cancelled()


async def wait(until: asyncio.Event) -> None:
    await until.wait()


async def test_our_own_cancellation_is_not_taken_for_that_of_what_we_cut_short() -> None:
    """What we cut short still tidies up when we are cancelled ourselves."""
    finished = asyncio.Event()
    work = asyncio.create_task(wind_up(finished))
    await asyncio.sleep(0)
    cutting = asyncio.create_task(cut_short(work))
    await asyncio.sleep(0)
    cutting.cancel()
    await asyncio.wait({cutting}, timeout=_AT_ONCE_S)
    assert cutting.cancelled()
    finished.set()
    await asyncio.wait({work})


async def test_what_takes_too_long_is_cancelled_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its limit, and also where it may take its time but we are cancelled."""
    monkeypatch.setattr("ari_app.calls.teardown._TEARDOWN_S", 0.05)
    for may_take_its_time in (False, True):
        work = asyncio.create_task(wait(asyncio.Event()))
        seeing = asyncio.create_task(see_through(work, "too_slow", may_take_its_time=may_take_its_time))
        with capture_logs() as told:
            await asyncio.sleep(0.1)
            if may_take_its_time:
                assert not seeing.done()
                seeing.cancel()
            await asyncio.wait({seeing, work}, timeout=_AT_ONCE_S)
        assert (seeing.cancelled(), work.cancelled()) == (may_take_its_time, True)
        assert [one["event"] for one in told] == ["too_slow"]


async def test_a_stop_in_the_moment_in_which_a_call_ends_is_heard(house: House) -> None:
    """Its operator has not finished her wrap-up, and nobody waits for that any more."""
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    await house.talking(call)
    flow = named(f"call-{call}")

    def stop_at_the_end(event: CallEvent) -> None:
        if event.type == "ended":
            named(f"end-{call}").add_done_callback(lambda _: flow.cancel())

    house.controller.outbox.on_event = stop_at_the_end
    await house.fake.hang_up(call)
    await asyncio.wait({flow}, timeout=_AT_ONCE_S)
    assert flow.cancelled()


async def test_a_stop_while_a_caller_who_hung_up_is_wound_up_loses_no_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She has left: that is told as ever, and her phone's silence is not taken for somebody to look after."""
    asked, goes_on = asyncio.Event(), asyncio.Event()
    exists = house.controller.asterisk.channels.exists

    async def exists_slowly(channel_id: str) -> bool:
        asked.set()
        await goes_on.wait()
        return await exists(channel_id)

    monkeypatch.setattr(house.controller.asterisk.channels, "exists", exists_slowly)
    call = await house.call()
    await house.choose(call)
    await house.fake.hang_up(call)
    await asked.wait()
    settling = asyncio.create_task(house.controller.switchboard.settle(_AT_ONCE_S))
    await asyncio.sleep(0)
    goes_on.set()
    await settling
    assert "ended" in house.told(call)
    assert "alarm" not in house.told(call)
    assert house.data(call, "ended")["by"] == "caller"


async def test_a_controller_ends_whatever_its_calls_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that takes no cancellation is left behind, and the log says where it stands."""
    monkeypatch.setattr("ari_app.app._SETTLE_S", 0.1)
    monkeypatch.setattr("ari_app.app._CLOSE_S", 0.1)
    begun = asyncio.Event()

    async def wait_stubbornly(*_: object) -> None:
        begun.set()
        for _cancellation in range(10):  # More often than it is asked.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    monkeypatch.setattr("ari_app.calls.aftermath.keep_recording", wait_stubbornly)
    with capture_logs() as told:
        async with asyncio.timeout(_AT_ONCE_S), open_house(tmp_path) as house:
            call = await house.call()
            flow = named(f"call-{call}")
            await house.fake.hang_up(call)
            await begun.wait()
    still_runs = not flow.done()
    for _ in range(20):
        flow.cancel()
        await asyncio.sleep(0)
    (left,) = (one for one in told if one["event"] == "task_does_not_end")
    assert left["task"] == flow.get_name()
    assert any("wait_stubbornly" in step for step in left["stands_at"])
    assert still_runs


async def test_a_bug_after_one_call_touches_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the log has it."""

    async def stumble(*_: object) -> None:
        raise ValueError("a bug")

    stays, goes = await house.call(), await house.call("indosat")
    monkeypatch.setattr("ari_app.calls.aftermath.keep_parts", stumble)
    with capture_logs() as told:
        await house.fake.hang_up(goes)
        await house.until(lambda: "task_failed" in {one["event"] for one in told})
    await house.choose(stays)
    assert house.controller.live.asterisk_is_up


@pytest.mark.parametrize("has_heir", [False, True])
async def test_who_comes_as_we_stop_is_not_kept(house: House, has_heir: bool) -> None:
    """Asterisk alone looks after her at once, or our heir does."""
    house.controller.ports.has_heir = has_heir
    await house.controller.switchboard.settle(_AT_ONCE_S)
    call = await house.fake.call_in("call", "telkomsel", "112")
    channel = house.fake.world.channels[call]
    if has_heir:
        await house.fake.press(call, "1")  # What is heard after her has been heard.
        await asyncio.sleep(0.1)
        assert channel.location is None
    else:
        await house.until(lambda: channel.location == ("degraded", "call"))
    assert house.controller.switchboard.calls() == []

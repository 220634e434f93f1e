"""What came about while the controller stood still, or the socket was lost, is told as it was."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from ari_app.ari.events import ChannelDestroyed, ChannelDtmfReceived, age_s, decode
from tests.component.test_call_flow import House, house

__all__ = ["house"]

NOW = datetime(2026, 11, 24, 8, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-11-24T08:15:00.000+0000", 10.0),
        ("2026-11-24T15:15:00.000+0700", 10.0),
        ("2026-11-24T07:15:00.000+0000", 0.0),
        ("2026-11-24T09:15:00.000+0000", 0.0),
        ("", 0.0),
        ("yesterday", 0.0),
    ],
)
def test_how_late_an_end_is_told_is_known_unless_the_clock_was_set(stamp: str, expected: float) -> None:
    """An hour ahead or behind is somebody at the clock."""
    event = decode(f'{{"type":"ChannelDestroyed","timestamp":"{stamp}","channel":{{"id":"x"}}}}')
    assert isinstance(event, ChannelDestroyed)
    assert age_s(event, NOW) == expected
    assert age_s(ChannelDtmfReceived(event.channel, "1"), NOW) == 0.0


async def stood_still(house: House, call: str, for_s: float) -> None:
    """The caller goes; nobody of ours sees it until so many seconds later."""
    clock = house.controller.ports.clock
    house.controller.ports.clock = lambda: clock() + for_s
    house.fake.late_s = for_s
    await house.fake.hang_up(call)


async def test_who_was_served_by_asterisk_while_we_stood_still_did_not_hang_up_unheard(house: House) -> None:
    """She was moved, spoke with an operator and hung up, all before we came to: that is her story."""
    call = await house.call()
    await house.choose(call)
    lines = (
        f"{call}|degraded|NONE|OFFERED|telkomsel|112|+628121234567|allowed|",
        f"{call}|degraded-fire-id|NONE|ENTERQUEUE||+628121234567|1",
        f"{call}|degraded-fire-id|siti|CONNECT|6|x|0",
        f"{call}|degraded|NONE|ENDED|",
    )
    log = house.state.queue_log
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(f"{int(time.time())}|{line}\n" for line in lines))
    await stood_still(house, call, 10.0)
    await house.until(lambda: "recording_sealed" in house.told(call))
    assert house.told(call).count("ended") == 1
    assert house.data(call, "connected")["operator"] == "siti"
    assert house.data(call, "ended")["disposition"] == "normal"
    # She is no one who hung up unheard and keeps a place.
    assert house.controller.ports.redials.take_earlier("+628121234567", 0.0, 1e9) is None


async def test_who_hung_up_while_we_stood_still_is_not_missed_on_her_recording(house: House) -> None:
    """It is as long as she was there, which was told late: no alarm, and no minute too many in her story."""
    call = await house.call()
    await stood_still(house, call, 30.0)
    await house.until(lambda: not house.controller.switchboard.held())
    assert house.data(call, "ended")["by"] == "caller"
    assert house.data(call, "ended")["triage_s"] < 5.0
    assert "recording_failed" not in house.told(call)


async def test_who_hung_up_while_the_socket_was_lost_is_not_missed_on_her_recording(house: House) -> None:
    """When she did, nobody knows."""
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    await house.talking(call)
    del house.fake.world.channels[call]
    clock = house.controller.ports.clock
    house.controller.ports.clock = lambda: clock() + 30.0
    await house.fake.cut()
    await house.until(lambda: "recording_sealed" in house.told(call))
    house.ready_again("siti")
    await house.until(lambda: not house.controller.switchboard.held())
    assert "recording_failed" not in house.told(call)

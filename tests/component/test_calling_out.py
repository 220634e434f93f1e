"""Calls that we make, on the fake Asterisk: back to a caller, and inside an incident."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from ari_app.conversation.vocabulary import Hold
from queues.vocabulary import OperatorState
from tests.component.test_call_flow import House, house
from tests.component.test_conversation import Talk

__all__ = ["house"]

NUMBER = "+628129999999"


async def order(house: House, **body: Any) -> tuple[int, dict[str, Any]]:
    url = f"http://{house.controller.city.network.control_bind}/v1/calls"
    headers = {"Authorization": f"Bearer {house.token}"}
    given = {"by": "siti", "number": NUMBER, **body}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json=given) as response,
    ):
        return response.status, await response.json()


def state_of(house: House, operator: str = "siti") -> OperatorState:
    desk = house.controller.operators.desk(operator)
    assert desk is not None
    return desk.state


async def test_a_callback_says_what_it_is_and_becomes_a_call(house: House) -> None:
    """Her phone, then the caller's; RFC 7090's header; one recording; then wrap-up."""
    house.ready("siti")
    status, answer = await order(house, follows="sby1-1.7", is_callback=True, incident="sby1-20261124-0001")
    assert status == 201
    call = answer["call_id"]
    assert state_of(house) is OperatorState.TALKING
    leg = await house.rung(call)
    assert call not in house.fake.world.channels
    await house.fake.answer_leg(leg)
    await house.until(lambda: call in house.fake.world.channels)
    assert house.fake.world.channels[leg].hears_ringing
    channel = house.fake.world.channels[call]
    assert channel.name.startswith(f"PJSIP/trunk-telkom/sip:{NUMBER}@")
    assert channel.variables["PJSIP_HEADER(add,Priority)"] == "psap-callback"
    assert "callid:sby1-1.7:" in channel.variables["PJSIP_HEADER(add,Call-Info)"]
    (house.recordings / f"{call}.raw").write_bytes(bytes(320_000))
    await house.fake.answer_leg(call)
    await house.until(lambda: call in house.controller.ports.conversations)
    assert channel.is_recorded
    assert not house.fake.world.channels[leg].hears_ringing
    assert set(house.fake.world.bridges[f"{call}-br1"]) == {call, leg}
    await house.controller.ports.conversations[call].do(Hold(), "siti")
    assert channel.hears_music
    await house.fake.hang_up(call)
    await house.over(call)
    await house.until(lambda: "recording_sealed" in house.told(call))
    assert house.told(call)[:5] == ["dialled_out", "ringing", "answered", "connected", "held"]
    assert house.data(call, "dialled_out")["follows"] == "sby1-1.7"
    assert (house.data(call, "ended")["disposition"], state_of(house)) == ("normal", OperatorState.WRAP_UP)


async def test_a_call_that_is_no_callback_does_not_say_that_it_is(house: House) -> None:
    house.ready("siti")
    _, answer = await order(house)
    call = answer["call_id"]
    await house.fake.answer_leg(await house.rung(call))
    await house.until(lambda: call in house.fake.world.channels)
    assert "PJSIP_HEADER(add,Priority)" not in house.fake.world.channels[call].variables
    await house.fake.hang_up(f"o-{call}-op1")
    await house.over(call)
    assert house.data(call, "ended")["by"] == "operator"


@pytest.mark.parametrize(("cause", "outcome"), [(17, "busy"), (19, "no_answer"), (1, "unreachable")])
async def test_a_far_end_that_is_not_reached(house: House, cause: int, outcome: str) -> None:
    """The operator is free at once: there is nothing to wrap up."""
    house.ready("siti")
    _, answer = await order(house)
    call = answer["call_id"]
    await house.fake.answer_leg(await house.rung(call))
    await house.until(lambda: call in house.fake.world.channels)
    await house.fake.reject_leg(call, cause)
    await house.over(call)
    assert house.data(call, "not_reached") == {"who": "far_end", "outcome": outcome}
    assert house.data(call, "ended")["disposition"] == "not_reached"
    assert state_of(house) is OperatorState.READY


async def test_an_operator_who_does_not_answer_her_own_call_costs_nobody_a_ring(house: House) -> None:
    house.ready("siti")
    _, answer = await order(house)
    call = answer["call_id"]
    await house.fake.reject_leg(await house.rung(call), 19)
    await house.over(call)
    assert house.data(call, "not_reached")["who"] == "operator"
    assert ("POST", f"channels/{call}") not in house.fake.asked
    assert state_of(house) is OperatorState.NOT_READY


async def test_whoever_does_not_answer_is_put_down_by_us_and_not_by_a_clock_on_the_wall(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk's own patience ends when somebody sets its clock: it is for legs that nobody minds."""
    monkeypatch.setattr("ari_app.calls.calling_out.OPERATOR_RING_S", 0.2)
    house.ready("siti")
    _, answer = await order(house)
    leg = await house.rung(answer["call_id"])
    assert house.fake.world.channels[leg].rings_s > 3600
    await house.over(answer["call_id"])
    assert house.data(answer["call_id"], "not_reached") == {"who": "operator", "outcome": "no_answer"}
    assert state_of(house) is OperatorState.NOT_READY


async def test_who_may_not_call_and_whom(house: House) -> None:
    """Not at work, no number, unknown fields: refused, and nobody is rung."""
    assert (await order(house))[0] == 409
    house.ready("siti")
    status, answer = await order(house, number="12;34")
    assert (status, answer["error"]["field"]) == (409, "number")
    assert (await order(house, number=7))[0] == 422
    assert (await order(house, colour="red"))[0] == 422
    assert not house.fake.world.channels
    assert state_of(house) is OperatorState.READY


async def test_a_line_that_stays_open_is_called_again_at_once(house: House) -> None:
    """Held as an emergency, the caller hung up: her operator's phone rings, then hers, as a callback."""
    talk = await Talk.begin(house)
    await talk.conversation.do(Hold(emergency=True), "siti")
    await house.fake.hang_up(talk.call)
    await house.until(lambda: any(one.id != talk.call for one in house.controller.switchboard.calls()))
    (again,) = [one.id for one in house.controller.switchboard.calls() if one.id != talk.call]
    leg = await house.rung(again)
    assert house.data(again, "dialled_out")["follows"] == talk.call
    await house.fake.answer_leg(leg)
    await house.until(lambda: again in house.fake.world.channels)
    assert house.fake.world.channels[again].variables["PJSIP_HEADER(add,Priority)"] == "psap-callback"
    await house.fake.hang_up(leg)
    await house.over(again)


async def test_two_calls_at_one_moment_have_ids_of_their_own(house: House) -> None:
    house.ready("siti", "budi")
    answers = await asyncio.gather(order(house), order(house, by="budi"))
    assert len({answer["call_id"] for _, answer in answers}) == 2
    for _, answer in answers:
        await house.fake.hang_up(await house.rung(answer["call_id"]))
    await house.until(lambda: all("ended" in house.told(answer["call_id"]) for _, answer in answers))

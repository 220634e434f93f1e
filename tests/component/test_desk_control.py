"""What operators and supervisors ask of the ACD over the control interface, and what they are told."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ari_app.fake_asterisk.world import NO_ANSWER
from queues.vocabulary import OperatorState
from tests.component.acd_house import AcdHouse, acd_house

TWO_QUEUES = (
    (
        "# What holds for every queue.",
        '[[queues]]\nid = "info"\nname = "Info"\nstrategy = "longest_idle"\nring_timeout_s = 9\n'
        "wrap_up_s = 30\nwrap_up_limit_s = 60\nanswer_target_s = 60\n\n# What holds for every queue.",
    ),
    ('queues = ["emergency"]', 'queues = ["emergency", "info"]'),
    ('queue = "emergency"\npriority = 1\nskills = []', 'queue = "info"\npriority = 5\nskills = []'),
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[AcdHouse]:
    async with acd_house(tmp_path, *TWO_QUEUES) as one:
        yield one


def picture_of(house: AcdHouse, operator: str) -> dict[str, Any]:
    return next(one for one in house.controller.live.picture()["operators"] if one["id"] == operator)


async def waiting(house: AcdHouse, digit: str = "1") -> str:
    """Let a caller wait."""
    call = await house.call()
    await house.choose(call, digit)
    await house.until(lambda: call in house.controller.distribution.positions())
    return call


async def test_an_operator_pauses_with_a_reason_of_the_city(house: AcdHouse) -> None:
    """The picture says when the pause has to end; another reason is refused, naming those there are."""
    assert (await house.post("/v1/operators/siti/not-ready", by="siti", reason="meal"))[0] == 200
    told = picture_of(house, "siti")
    assert (told["state"], told["reason"], told["forced_by"]) == ("not_ready", "meal", None)
    assert told["ends_at"] is not None
    status, body = await house.post("/v1/operators/siti/not-ready", by="siti", reason="holiday")
    assert (status, body["error"]["field"]) == (422, "reason")
    assert "break, equipment, meal, pause, prayer, training" in body["error"]["message"]
    assert picture_of(house, "siti")["reason"] == "meal"


async def test_the_roster_is_written_for_no_call_and_for_each_change_of_what_is_in_it(
    house: AcdHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that comes while it is written too, even if it brings back what the file had before."""
    file, desk = house.state.operators_file, house.controller.operators.desk("siti")
    assert desk is not None
    await house.post("/v1/operators/siti/ready", by="siti")
    await house.until(file.exists)
    await house.controller.roster.close()
    written: list[str] = []

    def write(path: Path, content: bytes) -> None:
        written.append(json.loads(content)["siti"]["state"])
        if len(written) == 1:
            time.sleep(0.2)

    monkeypatch.setattr("ari_app.roster.write_anew", write)
    desk.state = OperatorState.TALKING
    house.controller.roster.note(desk)
    await house.controller.roster.close()
    assert written == []
    desk.state = OperatorState.NOT_READY
    house.controller.roster.note(desk)
    await house.until(lambda: written)
    desk.state = OperatorState.READY
    house.controller.roster.note(desk)
    await house.controller.roster.close()
    assert written == ["not_ready", "ready"]


async def test_a_pause_that_a_supervisor_ordered_ends_when_she_says_so(house: AcdHouse) -> None:
    """The operator herself cannot end it, and is told who can."""
    await house.post("/v1/operators/siti/ready", by="siti")
    await house.post("/v1/operators/siti/not-ready", by="sari", reason="supervisor")
    assert picture_of(house, "siti")["forced_by"] == "sari"
    status, body = await house.post("/v1/operators/siti/ready", by="siti")
    assert (status, body["error"]["code"]) == (409, "operator_cannot")
    assert "sari" in body["error"]["message"]
    assert (await house.post("/v1/operators/siti/ready", by="sari"))[0] == 200
    assert house.state_of("siti") == "ready"


async def test_a_pause_that_lasts_too_long_is_an_alarm_until_it_ends(house: AcdHouse) -> None:
    """The supervisors are told whose it is."""
    await house.post("/v1/operators/siti/not-ready", by="siti", reason="training", for_s=0.05)
    codes = house.controller.alarms.standing
    await house.until(lambda: "pause_overdue:siti" in {alarm.code for alarm in codes()})
    await house.post("/v1/operators/siti/ready", by="siti")
    assert "pause_overdue:siti" not in {alarm.code for alarm in codes()}


async def test_who_needs_more_time_after_a_call_has_it_up_to_the_limit(house: AcdHouse) -> None:
    """30 seconds, then at most 60 in this queue; without a wrap-up there is nothing to extend."""
    await house.post("/v1/operators/siti/ready", by="siti")
    status, body = await house.post("/v1/operators/siti/extend-wrap-up", by="siti", by_s=20)
    assert (status, body["error"]["code"]) == (409, "operator_cannot")
    call = await waiting(house, "3")
    leg = await house.talking(call)
    await house.fake.hang_up(leg)
    await house.until(lambda: house.state_of("siti") == "wrap_up")
    first = picture_of(house, "siti")["ends_at"]
    assert (await house.post("/v1/operators/siti/extend-wrap-up", by="siti", by_s=20))[0] == 200
    second = picture_of(house, "siti")["ends_at"]
    assert first < second
    assert (await house.post("/v1/operators/siti/extend-wrap-up", by="siti", by_s=500))[0] == 200
    status, body = await house.post("/v1/operators/siti/extend-wrap-up", by="siti", by_s=1)
    assert (status, "60 s" in body["error"]["message"]) == (409, True)
    assert (await house.post("/v1/operators/siti/extend-wrap-up", by_s=0))[1]["error"]["field"] == "by_s"


async def test_an_operator_serves_the_queues_that_she_signs_on_to(house: AcdHouse) -> None:
    """Only the other queue's caller rings her phone; then she changes over, and has the first as well."""
    assert (await house.post("/v1/operators/siti/sign-on", by="siti", queues=["info"]))[0] == 200
    await house.post("/v1/operators/siti/ready", by="siti")
    assert picture_of(house, "siti")["queues"] == ("info",)
    fire = await waiting(house, "1")
    assert house.state_of("siti") == "ready"
    assert (await house.post("/v1/operators/siti/queues", by="siti", queues=["emergency", "info"]))[0] == 200
    await house.rung(fire)
    status, body = await house.post("/v1/operators/siti/queues", by="siti", queues=["vip"])
    assert (status, body["error"]["field"]) == (422, "queues")
    assert "emergency, info" in body["error"]["message"]


async def test_the_second_to_pick_a_caller_is_told_that_she_is_taken(house: AcdHouse) -> None:
    """Nobody but the first operator's phone rings; she who was too late is as she was."""
    call = await waiting(house)
    for name in ("siti", "budi"):
        await house.post(f"/v1/operators/{name}/sign-on", by=name)
    assert (await house.post("/v1/operators/siti/pick", by="siti", call_id=call))[0] == 200
    await house.rung(call)
    status, body = await house.post("/v1/operators/budi/pick", by="budi", call_id=call)
    assert (status, body["error"]["code"]) == (409, "taken")
    assert house.state_of("budi") == "not_ready"
    await house.fake.answer_leg(f"{call}-op1")
    await house.until(lambda: "connected" in house.told(call))
    assert (await house.post("/v1/operators/budi/pick", by="budi", call_id=call))[1]["error"][
        "code"
    ] == "taken"
    status, body = await house.post("/v1/operators/budi/pick", by="budi", call_id="sby1-9.9")
    assert (status, body["error"]["code"]) == (409, "not_waiting")


async def test_a_supervisor_has_a_caller_served_next(house: AcdHouse) -> None:
    """Before everybody who has waited longer."""
    first, second = await waiting(house), await waiting(house)
    assert await house.post(f"/v1/calls/{second}/head", by="sari") == (
        200,
        {"call_id": second, "position": 1},
    )
    await house.post("/v1/operators/siti/ready", by="siti")
    await house.rung(second)
    assert f"{first}-op1" not in house.fake.world.channels
    assert (await house.post("/v1/calls/sby1-9.9/head", by="sari"))[0] == 409


@pytest.mark.parametrize(
    ("wish", "body", "field"),
    [
        ("not-ready", {"reason": "x" * 101}, "reason"),
        ("not-ready", {"for_s": -1}, "for_s"),
        ("not-ready", {"reason": 7}, "body"),
        ("queues", {}, "queues"),
        ("queues", {"queues": []}, "queues"),
        ("pick", {}, "call_id"),
    ],
)
async def test_a_body_that_says_nothing_sensible_names_its_field(
    house: AcdHouse, wish: str, body: dict[str, Any], field: str
) -> None:
    """And nothing happens."""
    status, told = await house.post(f"/v1/operators/siti/{wish}", **body)
    assert (status, told["error"]["field"]) == (422, field)
    assert house.state_of("siti") == "signed_off"


async def test_an_order_and_a_choice_of_queues_outlive_the_controller(house: AcdHouse) -> None:
    """They stand in the roster, from which the next controller brings everybody back."""
    await house.post("/v1/operators/siti/sign-on", by="siti", queues=["info"])
    await house.post("/v1/operators/siti/not-ready", by="sari", reason="training")
    await house.controller.roster.close()
    brought = list(house.controller.roster.restore(house.controller.city))
    assert [getattr(event, "queues", None) for event in brought] == [("info",), None]
    assert [getattr(event, "by", None) for event in brought] == [None, "sari"]


async def test_an_operator_works_at_any_phone_that_is_free(house: AcdHouse) -> None:
    """Budi's rings for Siti, and counts for her when it is gone; afterwards her own is hers again."""
    assert (await house.post("/v1/operators/siti/sign-on", by="siti", phone="budi"))[0] == 200
    await house.post("/v1/operators/siti/ready", by="siti")
    assert picture_of(house, "siti")["sits_at"] == "budi"
    await house.fake.set_endpoint("PJSIP/op-siti", "offline")
    call = await waiting(house)
    leg = await house.rung(call)
    assert house.fake.world.channels[leg].name.startswith("PJSIP/op-budi-")
    await house.fake.set_endpoint("PJSIP/op-budi", "offline")
    await house.fake.reject_leg(leg, NO_ANSWER)
    await house.until(lambda: house.state_of("siti") == "not_ready")
    await house.until(lambda: picture_of(house, "siti")["phone"] == "offline")
    await house.post("/v1/operators/siti/sign-off", by="siti")
    assert picture_of(house, "siti")["sits_at"] is None


async def test_a_phone_where_somebody_works_is_hers_alone(house: AcdHouse) -> None:
    """Whoever was there first, the owner or a guest; a phone that there is not is said."""
    await house.post("/v1/operators/budi/sign-on", by="budi")
    status, body = await house.post("/v1/operators/siti/sign-on", by="siti", phone="budi")
    assert (status, "budi is signed on there" in body["error"]["message"]) == (409, True)
    await house.post("/v1/operators/budi/sign-off", by="budi")
    await house.post("/v1/operators/siti/sign-on", by="siti", phone="budi")
    status, body = await house.post("/v1/operators/budi/ready", by="budi")
    assert (status, "siti is signed on there" in body["error"]["message"]) == (409, True)
    assert (await house.post("/v1/operators/budi/ready", by="budi", phone="siti"))[0] == 200
    assert (await house.post("/v1/operators/siti/sign-off", by="siti"))[0] == 200
    status, body = await house.post("/v1/operators/siti/sign-on", by="siti", phone="nobody")
    assert (status, body["error"]["field"]) == (422, "phone")


async def test_a_guest_at_a_phone_is_there_again_after_a_restart(house: AcdHouse) -> None:
    """The roster has the phone; reachable as that phone is."""
    await house.post("/v1/operators/siti/ready", by="siti", phone="budi")
    await house.controller.roster.close()
    brought = list(house.controller.roster.restore(house.controller.city))
    assert [getattr(event, "phone", None) for event in brought] == ["budi", None]

"""The door for claims of a caller's place: told in order, kept on the disk, taken up by an heir."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession

from ari_app.app import Controller
from suar.location import Claim, Reading, claim_from
from suar.location.shapes import Circle, Position
from suar.secret import Secrets
from tests.component.test_adoption import ANSWERED, CALL, OFFERED, Estate, estate, until
from tests.component.test_call_flow import House, house

__all__ = ["estate", "house"]

NOW = datetime.now(UTC)
CARRIER = Claim("carrier", NOW, Circle(Position(-7.2575, 112.7521), 25_000), label="031", method="Manual")
PHONE = Claim("aml-https", NOW, Circle(Position(-7.2575, 112.7521), 20), method="GPS", fix_at=NOW)


async def post(controller: Controller, secrets: Secrets, call: str, body: Any) -> tuple[int, dict[str, Any]]:
    url = f"http://{controller.city.network.control_bind}/v1/calls/{call}/claims"
    token = {"Authorization": f"Bearer {secrets.control_token}"}
    async with ClientSession(headers=token) as session, session.post(url, json=body) as response:
        return response.status, await response.json()


def events(controller: Controller, call: str) -> list[dict[str, Any]]:
    wanted = {"located", "location_changed", "caller_data"}
    told = [event.as_json() for event in controller.outbox.history(call) if event.type in wanted]
    return [{name: value for name, value in one.items() if name not in {"seq", "at"}} for one in told]


async def test_a_claim_comes_while_the_call_lives(house: House) -> None:
    """The first is news, a better one a change that is told before it; the same again is nothing."""
    call = await house.call()
    secrets = Secrets.load_or_create(house.state, house.controller.city)
    body = Reading("aml-https", (PHONE,), call={"imsi": "known"}).as_json()
    status, first = await post(house.controller, secrets, call, Reading("carrier", (CARRIER,)).as_json())
    assert (status, first["fresh"], first["changed"]) == (200, 1, False)
    status, second = await post(house.controller, secrets, call, body)
    assert (status, second["fresh"], second["claims"], second["changed"]) == (200, 1, 2, True)
    assert claim_from(second["best"]) == PHONE
    status, again = await post(house.controller, secrets, call, {**body, "call": {}})
    assert (status, again["fresh"], again["claims"], again["changed"]) == (200, 0, 2, False)
    told = events(house.controller, call)
    assert [one["type"] for one in told] == ["located", "location_changed", "located", "caller_data"]
    assert told[1]["change"]["reason"]["code"] == "refined"
    assert (told[0]["best"], told[2]["best"]) == (True, True)
    (shown,) = house.controller.live.picture()["calls"]
    assert shown["location"] == {"source": "aml-https", "uncertainty_m": 20, "claims": 2, "changes": 1}


async def test_a_call_that_is_wound_up_takes_claims_until_all_is_told(house: House) -> None:
    """After the end, before the operator's wrap-up is over; then it is the dashboards'."""
    house.ready("siti")
    call = await house.call()
    secrets = Secrets.load_or_create(house.state, house.controller.city)
    await house.choose(call)
    await house.fake.hang_up(await house.talking(call))
    await house.until(lambda: "ended" in house.told(call))
    body = Reading("aml-https", (PHONE,)).as_json()
    status, _ = await post(house.controller, secrets, call, body)
    assert status == 200
    assert events(house.controller, call)[-1]["claim"]["source"] == "aml-https"
    await house.controller.outbox.finish(call)
    status, refused = await post(house.controller, secrets, call, body)
    assert (status, refused["error"]["code"]) == (404, "call_unknown")


async def test_what_cannot_be_a_claim_is_refused_by_its_name(house: House) -> None:
    """And nothing of it is told."""
    call = await house.call()
    secrets = Secrets.load_or_create(house.state, house.controller.city)
    broken = Reading("aml-https", (PHONE,)).as_json()
    broken["claims"][0]["shape"]["radius_m"] = "wide"
    status, refused = await post(house.controller, secrets, call, broken)
    assert (status, refused["error"]["field"]) == (422, "shape.radius_m")
    assert events(house.controller, call) == []


async def test_an_heir_knows_what_was_claimed(estate: Estate) -> None:
    """All of it, and by which it was gone; what comes again is nothing, what is better a change."""
    call = CALL.format(1)
    estate.has(call)
    near = replace(PHONE, shape=Circle(Position(-7.2575, 112.7521), 5))
    await estate.told(
        call, OFFERED, ANSWERED,
        ("located", {"claim": CARRIER.as_json(), "best": True}),
        ("location_changed", {"change": {"new": PHONE.as_json()}}),
        ("located", {"claim": PHONE.as_json(), "best": True}),
        ("located", {"claim": {"source": "damaged"}, "best": True}),
    )  # fmt: skip
    async with estate.heir() as heir:
        await until(lambda: heir.switchboard.calls())
        (taken,) = heir.switchboard.calls()
        assert (taken.claims.claims, taken.claims.best, taken.place_changes) == ((CARRIER, PHONE), PHONE, 1)
        assert (await heir.claims.add(call, Reading("aml-https", (PHONE,)))).fresh == 0
        assert (await heir.claims.add(call, Reading("aml-https", (near,)))).is_changed


async def test_a_place_that_a_dead_controller_never_asked_for_is_asked_for(estate: Estate) -> None:
    """It died between the answer and the place."""
    call = CALL.format(2)
    estate.has(call)
    await estate.told(call, OFFERED, ANSWERED)
    async with estate.heir() as heir:
        await until(lambda: {"location_unknown"} <= {one.type for one in heir.outbox.history(call)})

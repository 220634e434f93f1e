"""What a number did before: computed when it calls, shown, bounded, written down, and lifted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from dashboards.incidents.nuisance import standing_of
from suar.record import stamp
from tests.component.conftest import CONNECTED, ENDED, OFFERED, Site, site
from tests.component.test_call_flow import House, house
from tests.component.test_web_supervision import PICTURE, Controller, controller

__all__ = ["controller", "house", "site"]
SCRIPT = {"X-Requested-With": "suar"}
PRANK = {"type": "disposed", "disposition": "prank", "by": "siti"}


def days_ago(days: float) -> str:
    return stamp(datetime.now(UTC) - timedelta(days=days))


async def call(site: Site, name: str, *events: dict[str, Any], days: float = 0, **more: Any) -> None:
    told = [OFFERED | more, *events]
    status, answer = await site.put_call(name, *({**one, "at": days_ago(days)} for one in told))
    assert status == 200, answer


async def pranks(site: Site, **more: Any) -> None:
    for day in (1, 2, 3):
        await call(site, f"sby1-{day}.1", CONNECTED, ENDED, PRANK, days=day, **more)


async def told(controller: Controller, name: str) -> dict[str, Any]:
    """Return what the controller was told of a call's number."""
    path = f"/v1/calls/{name}/standing"
    async with asyncio.timeout(10):
        while not (found := [body for asked, body in controller.asked if asked == path]):
            await asyncio.sleep(0.01)
    return found[-1]


async def acts(site: Site, what: str) -> list[Any]:
    from dashboards.supervision.audit import list_acts

    found = await site.services.db.read(lambda session: list_acts(session, 50))
    return [act for act in found if act.what == what]


async def test_a_number_of_pranks_is_put_back_and_that_is_written_down(
    site: Site, controller: Controller
) -> None:
    """With its reasons and its end; a supervisor lifts it, and what was before counts no more."""
    await pranks(site)
    controller.answer = (200, {"is_put_back": True})
    await call(site, "sby1-9.1")
    body = await told(controller, "sby1-9.1")
    assert (body["is_suppressed"], body["by"]) == (True, "suar")
    assert [(one["because"], one["count"]) for one in body["reasons"]] == [("prank", 3)]
    async with asyncio.timeout(10):
        while not (written := await acts(site, "put_back")):
            await asyncio.sleep(0.01)
    [act] = written
    assert (act.who, act.about, act.data["score"]) == ("suar", "sby1-9.1", body["score"])
    assert "+62812" not in str(act.data)
    assert act.data["until"] < days_ago(-14)

    sari = await site.client("sari")
    assert 'action="/calls/sby1-9.1/lift"' in await (await sari.get("/audit")).text()
    why = {"why": "anak-anak, sudah dibicarakan"}
    assert (await sari.post("/calls/sby1-9.1/lift", data=why, headers=SCRIPT)).status == 204
    assert (await told(controller, "sby1-9.1"))["is_suppressed"] is False
    [lifted] = await acts(site, "nuisance_lifted")
    assert (lifted.who, lifted.data) == ("sari", {"text": why["why"]})
    controller.asked.clear()
    await call(site, "sby1-10.1")
    await asyncio.sleep(0.3)
    assert controller.asked == []


@pytest.mark.parametrize(("radius_m", "phones"), [(30, 2), (25_000, 0), (None, 0)])
async def test_phones_at_one_place_are_those_that_were_in_one_place(
    site: Site, controller: Controller, radius_m: float | None, phones: int
) -> None:
    """Where all callers of a trunk are is no place, nor is one that nobody knows exactly."""
    place = {"latitude": -7.26, "longitude": 112.74, "uncertainty_m": radius_m, "received_at": days_ago(0.1)}
    shape = {"type": "Circle", "center": [-7.26, 112.74], "radius_m": radius_m}
    claim = place | {"source": "pidf-lo", "shape": shape if radius_m else None}
    located = {"type": "located", "claim": claim, "best": True}
    for number in ("+62811", "+62812"):
        name = f"sby1-{number[3:]}.1"
        await call(site, name, located, CONNECTED, ENDED, PRANK, days=0.2, number=number)
    for name, days in (("sby1-5.1", 0.1), ("sby1-6.1", 0.0)):
        await call(site, name, located, CONNECTED, ENDED, days=days, number="+62899")
    now = datetime.now(UTC)
    standing, _ = await site.services.db.read(
        lambda session: standing_of(session, "sby1-6.1", timedelta(days=14), now)
    )
    places = [one.count for one in standing.reasons if one.because == "place"]
    assert places == ([phones] if phones else [])


async def test_only_who_oversees_lifts_and_only_what_is_there(site: Site, controller: Controller) -> None:
    """A call without a number has nothing to be lifted."""
    await call(site, "sby1-9.1", number=None, presentation="missing")
    siti, sari = await site.client("siti"), await site.client("sari")
    assert (await siti.post("/calls/sby1-9.1/lift", data={}, headers=SCRIPT)).status == 403
    assert (await sari.post("/calls/sby1-9.1/lift", data={}, headers=SCRIPT)).status == 404


async def test_programs_lift_as_the_page_does(site: Site, controller: Controller) -> None:
    """For who oversees, with a reason, and written down the same."""
    await pranks(site)
    siti, sari = await site.client("siti"), await site.client("sari")
    path, why = "/api/v1/calls/sby1-3.1/lift", {"why": "keliru"}
    assert (await siti.post(path, json=why)).status == 403
    assert [(await sari.post(path, json=wrong)).status for wrong in ({}, {"why": ""})] == [422, 422]
    assert (await sari.post("/api/v1/calls/sby1-77.1/lift", json=why)).status == 404
    done = await sari.post(path, json=why)
    assert (done.status, await done.json()) == (200, {"call_id": "sby1-3.1", "is_lifted": True})
    [lifted] = await acts(site, "nuisance_lifted")
    assert (lifted.who, lifted.about, lifted.data) == ("sari", "sby1-3.1", {"text": "keliru"})


async def test_who_calls_without_a_number_has_no_standing(site: Site, controller: Controller) -> None:
    """Nor has one whose number is withheld: others may have the same."""
    await pranks(site, presentation="restricted", number="anonymous")
    await call(site, "sby1-9.1", presentation="restricted", number="anonymous")
    await asyncio.sleep(0.3)
    assert controller.asked == []


async def test_the_desk_shows_the_score_with_its_reasons(site: Site, controller: Controller) -> None:
    """And says what it is for."""
    standing = {"score": 70, "reasons": [{"because": "prank", "count": 2, "points": 64.2}]}
    shown = PICTURE["calls"][0] | {"standing": standing, "is_put_back": True}
    siti = await site.client("siti")
    site.show(PICTURE | {"calls": [shown]})
    page = await (await siti.get("/desk")).text()
    assert "skor 70 dari 100" in page
    assert "prank 2× (+64)" in page


async def test_a_call_that_is_put_back_waits_one_step_less_urgently(house: House) -> None:
    """If it comes in time; who waits already keeps her place, and nobody is turned away."""
    bind = house.controller.city.network.control_bind
    headers = {"Authorization": f"Bearer {house.token}"}
    body = {"score": 80, "is_suppressed": True, "reasons": [{"because": "prank", "count": 3, "points": 80}]}
    first, late = await house.call(number="+62811"), await house.call(number="+62812")
    await house.choose(late)
    async with aiohttp.ClientSession(f"http://{bind}", headers=headers) as http:
        answers = [
            await (await http.post(f"/v1/calls/{one}/standing", json=body)).json() for one in (first, late)
        ]
        assert [one["is_put_back"] for one in answers] == [True, False]
        for wrong in ({}, body | {"score": 101}, body | {"score": "high"}):
            assert (await http.post(f"/v1/calls/{first}/standing", json=wrong)).status == 422
        assert (await http.post("/v1/calls/nobody/standing", json=body)).status == 404
    await house.choose(first)
    usual = house.data(late, "queued")["priority"]
    assert house.data(first, "queued")["priority"] == usual + 1
    assert house.data(first, "standing")["score"] == 80
    house.ready("siti", "budi")
    assert await house.rung(first)


async def put_back(house: House, number: str) -> str:
    """A call whose number made many for nothing, in the line."""
    call_id = await house.call(number=number)
    await stand(house, call_id, 80)
    await house.choose(call_id)
    return call_id


async def stand(house: House, call_id: str, score: int) -> Any:
    """Tell the controller how a call's number stands; return its answer."""
    headers = {"Authorization": f"Bearer {house.token}"}
    body = {"score": score, "is_suppressed": score >= 60, "reasons": []}
    url = f"http://{house.controller.city.network.control_bind}/v1/calls/{call_id}/standing"
    async with aiohttp.ClientSession(headers=headers) as http:
        return await (await http.post(url, json=body)).json()


def priorities(house: House) -> dict[str, int]:
    return {name: one.priority for name, one in house.controller.distribution.waiting().items()}


async def test_who_is_put_back_is_asked_and_a_key_gives_the_step_back(house: House) -> None:
    """She waits in line meanwhile; another hears nothing of it."""
    usual = await house.call(number="+62811")
    await house.choose(usual)
    asked, other = await put_back(house, "+62812"), await put_back(house, "+62813")

    def prompts() -> int:
        heard = [one["media_uri"] for one in house.fake.world.playbacks.values()]
        return sum("sound:suar/press-if-needed" in one for one in heard)

    await house.until(lambda: prompts() == 2)
    assert ["challenged" in house.told(one) for one in (usual, asked, other)] == [False, True, True]
    step = priorities(house)
    assert (step[asked], step[other]) == (step[usual] + 1, step[usual] + 1)
    await house.fake.press(asked, "5")
    await house.until(lambda: "challenge_passed" in house.told(asked))
    found = priorities(house)
    assert (found[asked], found[other]) == (found[usual], found[usual] + 1)
    assert "challenge_passed" not in house.told(other)


async def test_a_key_counts_for_a_while_after_the_words(house: House) -> None:
    """Music plays by then; and the key is one of the challenge's, whichever it is."""
    asked = await put_back(house, "+62812")
    channel = house.fake.world.channels[asked]
    await house.until(lambda: channel.playbacks)
    await house.fake.finish_playback(asked)
    await house.until(lambda: not channel.playbacks)
    await house.fake.press(asked, "#")
    await house.until(lambda: "challenge_passed" in house.told(asked))


async def test_who_cannot_press_is_served_all_the_same(house: House) -> None:
    """Being asked stands in nobody's way: an operator who is free takes her while she is."""
    asked = await put_back(house, "+62812")
    house.ready("siti")
    await house.talking(asked)


async def test_a_lift_helps_who_waits_at_once(house: House) -> None:
    """Her step is given back where she stands."""
    asked = await put_back(house, "+62812")
    before = priorities(house)[asked]
    assert (await stand(house, asked, 0))["is_put_back"] is False
    assert priorities(house)[asked] == before - 1

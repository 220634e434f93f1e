"""What a number did before: computed when it calls, shown, bounded, written down, and lifted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

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


async def test_only_who_oversees_lifts_and_only_what_is_there(site: Site, controller: Controller) -> None:
    """A call without a number has nothing to be lifted."""
    await call(site, "sby1-9.1", number=None, presentation="missing")
    siti, sari = await site.client("siti"), await site.client("sari")
    assert (await siti.post("/calls/sby1-9.1/lift", data={}, headers=SCRIPT)).status == 403
    assert (await sari.post("/calls/sby1-9.1/lift", data={}, headers=SCRIPT)).status == 404


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
    site.services.controller.picture = PICTURE | {"calls": [shown]}
    site.services.controller.stale_since = None
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

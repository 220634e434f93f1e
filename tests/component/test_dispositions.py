"""What a person says that a call was: on the page, in the database and in the controller's journal."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.component.conftest import CONNECTED, ENDED, OFFERED, Site, site
from tests.component.test_call_flow import House, house
from tests.component.test_web_supervision import Controller, controller

__all__ = ["controller", "house", "site"]
CALL = "sby1-1.1"
INCIDENT = "sby1-20261124-0001"
PATH = f"/v1/calls/{CALL}/disposition"


async def asked(controller: Controller) -> list[tuple[str, dict[str, Any]]]:
    async with asyncio.timeout(5):
        while not controller.asked:
            await asyncio.sleep(0.005)
    return controller.asked


async def test_a_choice_on_the_desk_is_stored_at_once_and_journalled(
    site: Site, controller: Controller
) -> None:
    """One click while she winds up; the incident stays open until its agencies are done."""
    await site.put_call(CALL, OFFERED, CONNECTED, ENDED)
    siti = await site.client("siti")
    page = await (await siti.get(f"/incidents/{INCIDENT}")).text()
    assert 'type="radio" name="disposition" value="luar_wilayah"' in page
    async with siti.post(
        f"/incidents/{INCIDENT}/describe",
        data={"disposition": "informasi"},
        headers={"X-Requested-With": "suar"},
    ) as response:
        assert response.status == 204
    shown = await (await siti.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert (shown["disposition"], shown["state"]) == ("informasi", "in_progress")
    assert await asked(controller) == [(PATH, {"disposition": "informasi", "by": "siti"})]
    # It comes back from the journal: nothing new, and no second line in the timeline.
    await site.put_call(CALL, {"type": "disposed", "disposition": "informasi", "by": "siti"}, first=4)
    shown = await (await siti.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert [event["what"] for event in shown["events"]] == ["offered", "connected", "ended", "described"]


async def test_closing_on_the_desk_takes_what_is_marked_or_was_said_before(
    site: Site, controller: Controller
) -> None:
    """One list says what it was, and the button that closes stands beside it: nothing is asked twice."""
    await site.put_call(CALL, OFFERED, CONNECTED, ENDED | {"disposition": "prank"})
    siti = await site.client("siti")
    page = await (await siti.get(f"/incidents/{INCIDENT}")).text()
    assert f'<button formaction="/incidents/{INCIDENT}/close">' in page
    assert "<select" not in page[page.index('class="live dispositions"') :].split("</form>")[0]
    assert page.count('value="informasi"') == 1
    headers = {"X-Requested-With": "suar"}
    async with siti.post(f"/incidents/{INCIDENT}/close", data={}, headers=headers) as response:
        assert response.status == 204
    shown = await (await siti.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert (shown["disposition"], shown["state"]) == ("prank", "closed")
    assert await asked(controller) == [(PATH, {"disposition": "prank", "by": "siti"})]


async def test_closing_over_the_api_is_journalled_too(site: Site, controller: Controller) -> None:
    """And a call that is wound up is left alone."""
    await site.put_call(CALL, OFFERED, CONNECTED, ENDED)
    siti = await site.client("siti")
    await siti.post(f"/api/v1/incidents/{INCIDENT}/close", json={"disposition": "prank"})
    assert await asked(controller) == [(PATH, {"disposition": "prank", "by": "siti"})]
    controller.asked.clear()
    await site.put_call(CALL, {"type": "wrapped_up", "operator": "siti", "wrap_up_s": 3}, first=4)
    await siti.patch(f"/api/v1/incidents/{INCIDENT}", json={"disposition": "normal"})
    await asyncio.sleep(0.1)
    assert controller.asked == []


async def test_without_a_controller_the_choice_is_stored_all_the_same(site: Site) -> None:
    """The journal is a second place, never a condition."""
    await site.put_call(CALL, OFFERED)
    siti = await site.client("siti")
    answer = await siti.patch(f"/api/v1/incidents/{INCIDENT}", json={"disposition": "ghost"})
    assert (answer.status, (await answer.json())["disposition"]) == (200, "ghost")


async def test_a_database_made_anew_learns_it_from_the_journal(site: Site) -> None:
    """The journal's event alone is enough; one that nobody knows is passed over."""
    said = {"type": "disposed", "disposition": "prank", "by": "siti"}
    await site.put_call(CALL, OFFERED, said, ENDED, said | {"disposition": "fun"})
    shown = await (await (await site.client("siti")).get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert shown["disposition"] == "prank"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"disposition": "fun", "by": "siti"}, 422, "disposition"),
        ({"disposition": "ghost", "by": ""}, 422, "by"),
        ({"disposition": "ghost"}, 422, None),
        ({"disposition": "ghost", "by": "siti"}, 200, None),
    ],
)
async def test_the_controllers_door(
    house: House, body: dict[str, Any], status: int, field: str | None
) -> None:
    """It journals what a person said of a call that is not wound up, and names what is wrong."""
    call = await house.call()
    bind = house.controller.city.network.control_bind
    headers = {"Authorization": f"Bearer {house.token}"}
    async with aiohttp.ClientSession(f"http://{bind}", headers=headers) as http:
        answer = await http.post(f"/v1/calls/{call}/disposition", json=body)
        told = (await answer.json()).get("error", {})
        assert (answer.status, told.get("field")) == (status, field)
        assert ("disposed" in house.told(call)) == (status == 200)
        unknown = await http.post("/v1/calls/nobody/disposition", json={"disposition": "ghost", "by": "x"})
        assert unknown.status == 404

"""What operators and supervisors do with the waiting line and with their shifts, from pages and API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.component.conftest import Site
from tests.component.test_web_supervision import AT, PICTURE, Controller, acts, asked

WAITING = "sby1-1.2"
HER_PICTURE = deepcopy(PICTURE)
HER_PICTURE["operators"] = [
    {
        "id": "siti", "name": "Siti Aminah", "state": "wrap_up", "reason": None, "since": AT,
        "call_id": None, "phone": "online", "queues": ["emergency"], "ends_at": AT, "forced_by": None,
    },
]  # fmt: skip
HER_PICTURE["calls"] = [
    {
        "call_id": WAITING, "carrier": "telkomsel", "phase": "waiting", "kind": "medical", "language": "en",
        "queue": "emergency", "priority": 0, "since": AT, "ring_at": AT, "position": 1, "operator": None,
        "is_moved_to_head": False, "overflowed_to": [], "supervisors": [],
    },
]  # fmt: skip
HER_PICTURE["rules"] = {
    "pauses": [
        {"id": "simulation", "names": {"id": "simulasi", "en": "drill"}, "limit_s": 0, "then": "alarm"}
    ],
    "queues": [{"id": "emergency", "name": "Darurat"}],
}


@pytest.fixture
async def controller(site: Site) -> AsyncIterator[Controller]:
    """Siti has wrap-up, and one caller waits."""
    async with asked(site, HER_PICTURE) as one:
        yield one


async def read(browser: ClientSession, path: str) -> str:
    async with browser.get(path) as response:
        assert response.status == 200
        return await response.text()


@pytest.mark.parametrize(
    ("wish", "form", "asked"),
    [
        ("extend-wrap-up", {"by_s": "60"}, {"by_s": 60.0}),
        ("pick", {"call_id": WAITING}, {"call_id": WAITING}),
        ("queues", {"queue": "emergency"}, {"queues": ["emergency"]}),
        ("not-ready", {"reason": "meal"}, {"reason": "meal"}),
    ],
)
async def test_her_page_and_the_api_ask_the_same(
    site: Site, controller: Controller, wish: str, form: dict[str, str], asked: dict[str, Any]
) -> None:
    """In her own name, and of her own shift."""
    siti = await site.client("siti")
    async with siti.post(f"/desk/{wish}", data=form, allow_redirects=False) as response:
        assert response.status == 303
    async with siti.post(f"/api/v1/me/{wish}", json=asked) as response:
        assert response.status == 200, await response.text()
    assert controller.asked == [(f"/v1/operators/siti/{wish}", {"reason": None, **asked, "by": "siti"})] * 2


async def test_who_comes_second_is_told_so_in_her_own_language(site: Site, controller: Controller) -> None:
    """On the page in Indonesian; over the API with a code of its own."""
    refusal = {"code": "taken", "message": f"{WAITING} is taken: budi was quicker"}
    controller.answer = (409, {"error": refusal})
    siti = await site.client("siti")
    headers = {"X-Requested-With": "suar", "Accept": "application/json"}
    async with siti.post("/desk/pick", data={"call_id": WAITING}, headers=headers) as response:
        told = (await response.json())["error"]
        assert (response.status, told["code"]) == (409, "taken")
        assert told["message"] == "Penelepon ini sudah diambil operator lain."
    async with siti.post("/api/v1/me/pick", json={"call_id": WAITING}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (409, "taken")


async def test_her_desk_shows_who_waits_and_what_she_may_do(site: Site, controller: Controller) -> None:
    """Each button says what it is for; the reasons are those of the controller's city file."""
    siti = await site.client("siti")
    page = await read(siti, "/desk")
    assert 'aria-label="Ambil 1 Medis"' in page
    assert "+1 menit" in page
    assert '<option value="simulation">simulasi</option>' in page
    assert 'value="meal"' not in page


@pytest.mark.parametrize(
    ("wish", "body", "status"),
    [
        ("dance", {}, 404),
        ("not-ready", {}, 422),
        ("extend-wrap-up", {"by_s": -1}, 422),
        ("queues", {"queues": []}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused_at_the_door(
    site: Site, controller: Controller, wish: str, body: dict[str, Any], status: int
) -> None:
    """The controller is not asked."""
    siti = await site.client("siti")
    async with siti.post(f"/api/v1/me/{wish}", json=body) as response:
        assert response.status == status
    assert controller.asked == []


async def test_a_form_with_a_number_that_is_none_names_its_field(site: Site, controller: Controller) -> None:
    """Nobody's wrap-up becomes endless by a slip."""
    siti = await site.client("siti")
    headers = {"Accept": "application/json"}
    async with siti.post("/desk/extend-wrap-up", data={"by_s": "lama"}, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["field"]) == (422, "by_s")


async def test_a_supervisor_has_a_caller_served_next_and_it_is_written_down(
    site: Site, controller: Controller
) -> None:
    """From the board as from the API; an operator may not."""
    controller.answer = (200, {"call_id": WAITING, "position": 1})
    sari, siti = await site.client("sari"), await site.client("siti")
    assert f'action="/calls/{WAITING}/head"' in await read(sari, "/board")
    async with sari.post(f"/calls/{WAITING}/head", allow_redirects=False) as response:
        assert response.status == 303
    async with sari.post(f"/api/v1/calls/{WAITING}/head") as response:
        assert await response.json() == {"call_id": WAITING, "position": 1}
    assert controller.asked == [(f"/v1/calls/{WAITING}/head", {"by": "sari"})] * 2
    assert await acts(sari) == [("sari", "moved_to_head", WAITING, {})] * 2
    for path in (f"/calls/{WAITING}/head", f"/api/v1/calls/{WAITING}/head"):
        async with siti.post(path) as response:
            assert response.status == 403


async def test_a_supervisor_takes_a_caller_from_the_board(site: Site, controller: Controller) -> None:
    """With her own phone, and it is written down; an operator picks in her own way."""
    controller.answer = (202, {"call_id": WAITING, "supervisor": "sari"})
    sari, siti = await site.client("sari"), await site.client("siti")
    assert f'action="/calls/{WAITING}/take"' in await read(sari, "/board")
    async with sari.post(f"/calls/{WAITING}/take", allow_redirects=False) as response:
        assert response.status == 303
    assert controller.asked == [(f"/v1/calls/{WAITING}/supervisors/sari/take", {})]
    assert await acts(sari) == [("sari", "took_waiting", WAITING, {})]
    async with siti.post(f"/calls/{WAITING}/take") as response:
        assert response.status == 403

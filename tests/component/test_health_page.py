"""What is degraded, on the wall and on the health page, through restarts and to the city's webhook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from agi.health import Health
from agi.status import Status, answering
from dashboards.controller import ControllerLink
from dashboards.health.book import Book
from dashboards.health.parts import PartsWatch
from suar.alarms import Alarms
from tests.component.conftest import Site, free_bind

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AT = "2026-11-24T08:00:00.000Z"


def picture(*codes: str, **house: Any) -> dict[str, Any]:
    alarms = [{"code": code, "text": f"about {code}", "since": AT} for code in codes]
    shown = {"alarms": alarms, "calls": [], "operators": [], "asterisk": "up", "since": AT}
    return {**shown, "house": {"standby": "waits", "unsent": 0, **house}}


def hear(site: Site, shown: dict[str, Any]) -> None:
    """Have the controller's picture come in."""
    site.show(shown)
    site.services.controller.on_change()


@pytest.mark.parametrize(
    ("language", "means", "todo"),
    [("id", "Artinya bagi penelepon", "Kosongkan disk"), ("en", "What it means for callers", "Make room")],
)
async def test_the_page_says_what_it_means_and_what_to_do(
    site: Site, language: str, means: str, todo: str
) -> None:
    """Both the controller's alarms and our own, on the wall too; when they are over it says that."""
    sari = await site.client("sari")
    await sari.post("/language", data={"language": language}, allow_redirects=False)
    hear(site, picture("disk_low:journal", "trunk_full:telkomsel", standby="missing", unsent=7))
    site.services.alarms.raise_("rescuer_gone", "")
    text = await (await sari.get("/health")).text()
    for expected in (
        means,
        todo,
        "Telkomsel",
        'id="alarm-rescuer_gone"',
        "part-bad",
        "about disk_low:journal",
    ):
        assert expected in text, expected
    wall = await (await sari.get("/board")).text()
    for code in ("disk_low-journal", "trunk_full-telkomsel", "rescuer_gone"):
        assert f"/health#alarm-{code}" in wall
    told = await (await sari.get("/api/v1/health")).json()
    assert [one["code"] for one in told["standing"]][-1] == "rescuer_gone"
    assert told["parts"][-1] == {
        "name": "outbox", "judgement": "good", "word": "unsent", "since": None, "count": 7,
    }  # fmt: skip

    hear(site, picture())
    site.services.alarms.clear("rescuer_gone")
    told = await (await sari.get("/api/v1/health")).json()
    assert (told["is_well"], len(told["past"])) == (True, 3)
    assert 'class="card good"' in await (await sari.get("/health")).text()


async def test_the_page_is_for_staff(site: Site) -> None:
    """An agency's desk has no business with it."""
    pmk = await site.client("pmk")
    assert (await pmk.get("/health")).status == 403
    assert (await pmk.get("/api/v1/health")).status == 403


def test_a_restart_of_the_web_keeps_what_stands_until_it_is_cleared(tmp_path: Path) -> None:
    """Also what the controller told, until a picture comes without it."""
    now = START
    first = Book(tmp_path, lambda: now)
    first.open()
    first.follow(picture("recording_failed", "asterisk_lost"))
    first.own.raise_("database_read_only", "")
    first.close()

    second = Book(tmp_path, lambda: now)
    second.open()
    codes = {alarm.code for alarm in second.standing()}
    assert codes == {"recording_failed", "asterisk_lost", "database_read_only"}
    second.follow(picture("recording_failed"))
    second.own.drop_unconfirmed()
    assert [alarm.code for alarm in second.standing()] == ["recording_failed"]
    assert {past.alarm.code for past in second.past(10)} == {"asterisk_lost", "database_read_only"}
    second.close()


async def test_our_own_alarms_go_to_the_webhook_and_the_controllers_do_not(site: Site) -> None:
    """It tells its own: nobody is told twice."""
    told: list[str] = []
    site.services.book.on_own_news = lambda alarm, news: told.append(f"{alarm.code} {news.value}")
    hear(site, picture("asterisk_lost"))
    site.services.alarms.raise_("controller_gone", "")
    site.services.alarms.clear("controller_gone")
    assert told == ["controller_gone raised", "controller_gone cleared"]


async def test_parts_that_are_gone_are_alarms_until_they_are_back(tmp_path: Path) -> None:
    """Ten seconds each; a rescuer that lives without Asterisk is another alarm than one that is gone."""
    now = START
    alarms = Alarms(lambda: now)
    answer: dict[str, Any] = {"status": "ok", "why": []}
    app = web.Application()

    async def readyz(_: web.Request) -> web.Response:
        return web.json_response(answer, status=200 if answer["status"] == "ok" else 503)

    app.router.add_get("/readyz", readyz)
    async with TestServer(app) as rescuer, ClientSession() as session:
        link = ControllerLink("http://127.0.0.1:1", "", lambda: now)
        here = str(rescuer.make_url("")).rstrip("/")
        watch = PartsWatch(link, here, None, alarms, lambda: now)

        async def after(seconds: float) -> set[str]:
            nonlocal now
            now += timedelta(seconds=seconds)
            await watch.look(session)
            return {alarm.code for alarm in alarms.standing()}

        assert (await after(9), watch.rescuer) == (set(), "ready")
        assert await after(1) == {"controller_gone"}
        assert alarms.standing()[0].since == START
        link.stale_since = None
        assert await after(1) == set()
        answer = {"status": "degraded", "why": ["no Asterisk"]}
        assert await after(9) == set()
        assert (await after(1), watch.rescuer) == ({"rescuer_unready"}, "unready")
        watch._url = "http://127.0.0.1:1"
        assert (await after(10), watch.rescuer) == ({"rescuer_gone"}, "gone")
        watch._url, answer = here, {"status": "ok", "why": []}
        assert (await after(1), watch.rescuer) == (set(), "ready")


async def test_what_the_rescuer_finds_stands_on_the_page_until_it_says_otherwise(site: Site) -> None:
    """It tells the webhook itself; while it does not answer, what it said last stays."""
    alarms, services = Alarms(), site.services
    status, bind = Status(Health(0.0)), free_bind()
    services.parts_watch._url = f"http://{bind}"
    async with ClientSession() as session:
        async with answering(status, alarms, bind, "figures", site.secrets.control_token):
            async with session.get(f"http://{bind}/v1/alarms") as refused:
                assert refused.status == 401
            alarms.raise_("test_call_missed", "Nobody answered.")
            await services.parts_watch.look(session)
        sari = await site.client("sari")
        assert "alarm-test_call_missed" in await (await sari.get("/health")).text()
        assert not services.alarms.stands("test_call_missed")
        await services.parts_watch.look(session)
        assert services.book.rescuers.stands("test_call_missed")
        async with answering(status, alarms, bind, "figures", site.secrets.control_token):
            alarms.clear("test_call_missed")
            await services.parts_watch.look(session)
    assert "alarm-test_call_missed" not in await (await sari.get("/health")).text()
    past = services.book.past(5)
    assert [one.alarm.code for one in past] == ["test_call_missed"]

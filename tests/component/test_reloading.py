"""New rules are taken up while people wait and talk; a file that cannot be used changes nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from ari_app.app import serve
from ari_app.cli import NobodyAnswers, NotReloaded, reload
from ari_app.fake_asterisk import FakeAsterisk
from suar.city import load
from suar.paths import StateDir
from suar.secret import Secrets
from suar.workplace import Workplace
from tests.component.acd_house import AcdHouse, CityFile, acd_house
from tests.component.conftest import CITY, free_bind

INFO = (
    "# What holds for every queue.",
    '[[queues]]\nid = "info"\nname = "Info"\nstrategy = "fewest_calls"\nring_timeout_s = 9\n'
    "wrap_up_s = 0\nanswer_target_s = 60\n\n# What holds for every queue.",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[AcdHouse]:
    async with acd_house(tmp_path) as one:
        yield one


async def test_who_waits_keeps_her_place_and_is_served_by_the_new_rules(house: AcdHouse) -> None:
    """Two wait, and stay first and second; two phones ring for the one who is left, as the file says now."""
    first, second = await house.call(), await house.call()
    await house.choose(first)
    await house.choose(second)
    await house.until(lambda: len(house.controller.distribution.positions()) == 2)
    before = house.controller.distribution.snapshot().waiting
    house.file.change(('strategy = "longest_idle"', 'strategy = "ring_all"'))
    assert await house.post("/v1/reload") == (200, {"taken_up": ["queues"], "waiting": []})
    after = house.controller.distribution.snapshot().waiting
    assert [(one.call_id, one.position) for one in after] == [(one.call_id, one.position) for one in before]
    assert all(now.waited_s >= then.waited_s for now, then in zip(after, before, strict=True))
    house.ready("siti", "budi")
    await house.rung(first)
    await house.rung(second)
    await house.fake.hang_up(second)
    await house.rung(first, 2)


async def test_a_talk_goes_on_and_its_wrap_up_is_the_new_one(house: AcdHouse) -> None:
    """The operator who talks is in nobody's way; after the call she has no wrap-up any more."""
    house.ready("siti")
    call = await house.call()
    await house.choose(call)
    leg = await house.talking(call)
    house.file.change(('wrap_up_mode = "optional"', 'wrap_up_mode = "none"'))
    assert (await house.post("/v1/reload"))[0] == 200
    assert house.state_of("siti") == "talking"
    await house.fake.hang_up(leg)
    await house.until(lambda: house.state_of("siti") == "ready")


async def test_an_operator_at_work_serves_what_the_file_says_now(house: AcdHouse) -> None:
    """And a queue that is new; a caller of a kind that has moved there waits there."""
    house.ready("siti")
    house.file.change(
        INFO,
        ('queues = ["emergency"]', 'queues = ["info"]'),
        ('queue = "emergency"\npriority = 1\nskills = []', 'queue = "info"\npriority = 5\nskills = []'),
    )
    status, told = await house.post("/v1/reload")
    assert (status, told["taken_up"]) == (200, ["queues", "kinds", "operators"])
    assert house.controller.distribution.snapshot().operators[0].queues == ("info",)
    fire, police = await house.call(), await house.call()
    await house.choose(fire)
    await house.choose(police, "3")
    await house.rung(police)
    assert f"{fire}-op1" not in house.fake.world.channels
    assert house.data(police, "queued") == {"queue": "info", "priority": 5}


async def test_what_asterisk_has_to_know_waits_for_a_restart(house: AcdHouse) -> None:
    """It is named; the controller goes on with the old."""
    house.file.change(("channels = 60", "channels = 61"), ("ageing_s = 120", "ageing_s = 60"))
    assert await house.post("/v1/reload") == (200, {"taken_up": ["distribution"], "waiting": ["carriers"]})
    assert house.controller.ports.city.carriers[0].channels == 60
    assert house.controller.ports.city.distribution.ageing_s == 60


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("ageing_s = 120", "ageing_s = true", "distribution.ageing_s"),
        ('strategy = "longest_idle"', 'strategy = "best"', "queues[1] (emergency).strategy"),
    ],
)
async def test_a_wrong_file_changes_nothing(house: AcdHouse, right: str, wrong: str, field: str) -> None:
    """The answer names the field, and the way out."""
    old = house.controller.ports.city
    house.file.change((right, wrong))
    status, told = await house.post("/v1/reload")
    assert (status, told["error"]["field"]) == (422, field)
    assert wrong.rpartition(" ")[2].strip('"') in told["error"]["message"].lower()
    assert house.controller.ports.city is old


async def test_rules_that_need_what_only_a_start_brings_are_refused(house: AcdHouse) -> None:
    """Overflow to a neighbour who is new."""
    house.file.change(
        ('id = "bangkalan"', 'id = "lamongan"\nhand_over_to = "sip:112@127.0.0.23"'),
        ('neighbour = "sidoarjo"', 'neighbour = "lamongan"'),
    )
    status, told = await house.post("/v1/reload")
    assert (status, told["error"]["field"]) == (422, "queues (emergency).overflow[3].neighbour")
    assert "without a restart" in told["error"]["message"]


async def test_the_command_tells_what_was_taken_up_and_what_is_wrong(
    house: AcdHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    """`suar reload`: the tables, or the problems of the file."""
    work = Workplace(CITY, house.state.root)
    work.__dict__["city"] = house.controller.city
    house.file.change(("channels = 60", "channels = 61"), ("ageing_s = 120", "ageing_s = 60"))
    await asyncio.to_thread(reload, work)
    assert capsys.readouterr().out.endswith(
        "taken up: distribution\nwaiting for `suar asterisk render` and a restart: carriers\n"
    )
    house.file.change(("ageing_s = 60", "ageing_s = -1"))
    with pytest.raises(NotReloaded, match=r"distribution\.ageing_s = -1"):
        await asyncio.to_thread(reload, work)


async def test_the_command_says_that_nobody_answers(tmp_path: Path) -> None:
    """A city whose controller does not run."""
    work = Workplace(CITY, tmp_path)
    network = load(CITY).network.model_copy(update={"control_bind": free_bind()})
    work.__dict__["city"] = load(CITY).model_copy(update={"network": network})
    with pytest.raises(NobodyAnswers, match="does not run"):
        await asyncio.to_thread(reload, work)


async def test_a_signal_has_the_controller_read_its_file(tmp_path: Path) -> None:
    """SIGHUP, as `systemctl reload` sends it: the figures know the new queue."""
    fake, state = FakeAsterisk(), StateDir(tmp_path)
    async with fake.serving() as url:
        file = CityFile(fake, url)
        city = file.read()
        secrets = Secrets.load_or_create(state, city)
        served = asyncio.create_task(serve(city, state, secrets, file.read))
        try:
            await _figures(f"http://{city.network.control_bind}/metrics", secrets, 'queue="emergency"')
            file.change(INFO)
            os.kill(os.getpid(), signal.SIGHUP)
            await _figures(f"http://{city.network.control_bind}/metrics", secrets, 'queue="info"')
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await served


async def _figures(url: str, secrets: Secrets, word: str) -> None:
    """Wait until the figures have a word."""
    async with (
        asyncio.timeout(30),
        ClientSession(headers={"Authorization": f"Bearer {secrets.metrics_token}"}) as session,
    ):
        while True:
            try:
                async with session.get(url) as answer:
                    if word in await answer.text():
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.05)

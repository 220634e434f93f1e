"""The controller's figures and its readiness, on the fake Asterisk."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from suar.paths import StateDir
from suar.secret import Secrets
from tests.component.test_call_flow import House, house

__all__ = ["house"]

LABELS = {"phase", "outcome", "queue", "state", "journal", "code", "le", "carrier", "why"}


async def get(house: House, path: str, token: str | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://{house.controller.city.network.control_bind}{path}"
    async with ClientSession(headers=headers) as session, session.get(url) as response:
        return response.status, await response.text()


def figures(house: House) -> dict[str, float]:
    """Every figure under its name and its labels' values."""
    text = house.controller.metrics.text().decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_calls_figures_follow_it(house: House) -> None:
    """Waiting, ringing, talking, ended; how long the answer took; what waits to be stored."""
    house.ready("siti")
    call = await house.call()
    assert figures(house)["suar_calls triage"] + figures(house)["suar_calls greeting"] == 1
    await house.choose(call)
    leg = await house.talking(call)
    found = figures(house)
    assert found["suar_calls talking"] == 1
    assert found["suar_operators talking"] == 1
    assert found["suar_answer_seconds_count"] == 1
    assert found["suar_asterisk_up"] == 1
    assert found["suar_outbox_events"] >= 5
    await house.fake.hang_up(leg)
    await house.over(call)
    found = figures(house)
    assert found["suar_calls_ended_total normal"] == 1
    assert found["suar_calls_ended_total terputus"] == 0
    assert found["suar_calls talking"] == 0
    assert found["suar_outbox_oldest_event_seconds"] >= 0
    assert not house.controller.metrics._stories


async def test_who_waits_is_counted_and_her_alarm_has_no_name_in_it(house: House) -> None:
    """The wait grows; she hangs up, and the call has ended without an operator."""
    call = await house.call()
    await house.choose(call)
    await house.until(lambda: figures(house).get("suar_alarms no_operator") == 1)
    found = figures(house)
    assert found["suar_waiting_callers emergency"] == 1
    await asyncio.sleep(0.02)
    assert (
        figures(house)["suar_longest_wait_seconds emergency"] > found["suar_longest_wait_seconds emergency"]
    )
    await house.fake.hang_up(call)
    await house.over(call)
    assert figures(house)["suar_calls_ended_total terputus"] == 1
    assert figures(house)["suar_waiting_callers emergency"] == 0


async def test_no_figure_names_a_caller_a_call_or_a_place(house: House) -> None:
    """The labels are those that a city has few of; the number is nowhere."""
    call = await house.call(number="+628121234567")
    await house.choose(call)
    text = house.controller.metrics.text().decode()
    labels = {
        name
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name in sample.labels
    }
    assert labels <= LABELS
    assert "8121234567" not in text
    assert call not in text
    await house.fake.hang_up(call)
    await house.over(call)


async def test_the_figures_need_their_own_token(house: House) -> None:
    """A stranger and the control token are refused; the loop's lag is measured by itself."""

    secrets = Secrets.load_or_create(StateDir(house.recordings.parent), house.controller.city)
    assert (await get(house, "/metrics"))[0] == 401
    assert (await get(house, "/metrics", secrets.control_token))[0] == 401
    await house.until(lambda: figures(house)["suar_event_loop_lag_seconds_count"] >= 1)
    status, text = await get(house, "/metrics", secrets.metrics_token)
    assert status == 200
    assert "# HELP suar_calls_ended_total Calls that have ended." in text


async def test_ready_means_asterisk_and_a_journal_that_can_be_written(house: House) -> None:
    """A full disk makes the controller not ready, and an alarm; both go by themselves with their cause."""
    assert await get(house, "/readyz") == (
        200,
        '{"status": "ok", "asterisk": "up", "journal": "writable", "why": []}',
    )
    journal: Any = house.controller.outbox._journal
    keep, house.controller.outbox._last_write = journal._write, None

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    journal._write = full
    status, text = await get(house, "/readyz")
    assert (status, json.loads(text)) == (
        503,
        {
            "status": "degraded",
            "asterisk": "up",
            "journal": "unusable",
            "why": ["the journal cannot be written: look at its disk"],
        },
    )
    assert (await get(house, "/healthz"))[0] == 200
    assert "journal_unusable" in [alarm.code for alarm in house.controller.alarms.standing()]
    assert figures(house)["suar_journal_write_failures_total calls"] == 1
    journal._write = keep
    assert (await get(house, "/readyz"))[0] == 200
    assert "journal_unusable" not in [alarm.code for alarm in house.controller.alarms.standing()]


async def test_without_asterisk_it_is_alive_and_not_ready(house: House) -> None:
    """And its figures say so."""
    house.controller.live.note_asterisk(False)
    status, text = await get(house, "/readyz")
    assert (status, json.loads(text)["why"]) == (503, ["Asterisk cannot be reached"])
    assert await get(house, "/healthz") == (200, '{"status": "ok"}')
    assert figures(house)["suar_asterisk_up"] == 0

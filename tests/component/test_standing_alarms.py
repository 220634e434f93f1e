"""Alarms through the death of the controller that raised them, and the standby that it looks out for."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ari_app.app import running
from ari_app.fake_asterisk import FakeAsterisk
from ari_app.leadership import Leadership, _try
from suar.paths import StateDir
from suar.secret import Secrets
from tests.component.conftest import city_on


async def test_a_restart_of_the_controller_forgets_no_alarm(tmp_path: Path) -> None:
    """A failed recording stands until one has gone well; that it was draining is over with the process."""
    state = StateDir(tmp_path)
    fake = FakeAsterisk()
    async with fake.serving() as url:
        city = city_on(fake, url)
        secrets = Secrets.load_or_create(state, city)
        async with running(city, state, secrets) as first:
            first.alarms.raise_("recording_failed", "no file")
            first.alarms.raise_("draining", "")
            (since,) = (alarm.since for alarm in first.alarms.standing() if alarm.code == "recording_failed")
        async with running(city, state, secrets) as second:
            shown = second.live.picture()
            assert [(one["code"], one["text"]) for one in shown["alarms"]] == [
                ("recording_failed", "no file")
            ]
            (kept,) = second.alarms.standing()
            assert abs((kept.since - since).total_seconds()) < 0.001
            assert shown["house"] == {"standby": "none", "unsent": 0}
            second.alarms.clear("recording_failed")
        async with running(city, state, secrets) as third:
            assert third.alarms.standing() == []
            assert [past.alarm.code for past in third.history.past()] == ["recording_failed", "draining"]


async def test_a_standby_is_seen_even_if_the_leader_looked_while_it_came(tmp_path: Path) -> None:
    """To look is to hold the standby's lock for a moment: whoever comes in that moment tries again."""
    async with Leadership(tmp_path, "http://127.0.0.1:1/healthz") as leader:
        looking = _try(tmp_path / "standby.lock")
        assert looking is not None
        standby = Leadership(tmp_path, "http://127.0.0.1:1/healthz", standby=True)
        waiting = asyncio.create_task(standby.__aenter__())
        await asyncio.sleep(0.05)
        os.close(looking)
        async with asyncio.timeout(2):
            while not leader.has_heir():
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.15)
        assert leader.has_heir()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert not leader.has_heir()

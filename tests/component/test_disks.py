"""A disk that fills up: an alarm first, then the journal's reserve."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from pathlib import Path

import pytest

from ari_app.alarms import Alarms
from ari_app.disks import Reserve, watch
from ari_app.outbox import Journal, JournalUnusable


async def test_the_journal_goes_on_with_its_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full while the reserve stands; without one, the journal says that it cannot go on."""
    reserve = Reserve(tmp_path, 4096)
    reserve.take()
    assert (tmp_path / "reserve").stat().st_size == 4096
    journal = Journal(tmp_path, reserve=reserve)
    journal.open()
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if (tmp_path / "reserve").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data)

    monkeypatch.setattr(os, "write", full)
    await journal.append({"call": "a"})
    assert not (tmp_path / "reserve").exists()
    assert [record for _, record in journal.read()] == [{"call": "a"}]

    def always_full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", always_full)
    with pytest.raises(JournalUnusable):
        await journal.append({"call": "b"})
    await journal.close()


async def test_a_disk_that_is_nearly_full_is_an_alarm_while_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleared when there is room again; the reserve is then taken anew."""
    free = 10
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr("ari_app.disks._PERIOD_S", 0.01)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10_000, 10_000 - free, free))
    alarms = Alarms()
    watching = asyncio.create_task(watch({"journal": tmp_path}, Reserve(tmp_path, 4096), alarms))
    await asyncio.sleep(0.1)
    assert [alarm.code for alarm in alarms.standing()] == ["disk_low:journal"]
    free = 9_000
    await asyncio.sleep(0.1)
    assert alarms.standing() == []
    assert (tmp_path / "reserve").exists()
    watching.cancel()

"""A database whose file is deleted, replaced, or on a disk that turned read-only; all with real files."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select

from ari_app.outbox import Journal, Outbox, Sender
from dashboards.db import Database
from dashboards.errors import DatabaseReadOnly, DatabaseUnavailable
from dashboards.health.database import DELETED, DOWN, READ_ONLY, DatabaseWatch
from dashboards.models import User
from dashboards.sqlite_file import DatabaseMissing, SqliteFile
from dashboards.state import utc_now
from suar.alarms import Alarm, Alarms, News
from tests.component.conftest import OFFERED, Site

ROOT = Path(__file__).parents[2]
OFFERED_NOW: dict[str, Any] = {**OFFERED, "type_": "offered", "at": datetime(2026, 11, 24, 8, 0, tzinfo=UTC)}
del OFFERED_NOW["type"]


class Desk:
    """A database with its watch, and what the watch has told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "suar.db"
        self.db = Database(f"sqlite:///{self.path}")
        self.alarms = Alarms()
        self.news: list[tuple[str, str]] = []
        self.alarms.on_news = self._note
        self.now = 0.0
        self.watch = DatabaseWatch(self.db, self.alarms, clock=lambda: self.now)

    def _note(self, alarm: Alarm, news: News) -> None:
        self.news.append((alarm.code, news.value))

    async def add(self, name: str) -> None:
        await self.db.write(
            lambda session: session.add(User(name=name, role="admin", password_hash="", created_at=utc_now()))
        )

    async def count(self) -> int:
        return await self.db.read(lambda session: session.exec(select(func.count()).select_from(User)).one())

    def count_on_disk(self) -> int:
        """What another process finds at the path, whole."""
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as other:
            assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (count,) = other.execute("SELECT count(*) FROM user_account").fetchone()
        return int(count)

    def codes(self) -> list[str]:
        return [alarm.code for alarm in self.alarms.standing()]

    def remove(self, *suffixes: str) -> None:
        for suffix in suffixes:
            self.path.with_name(self.path.name + suffix).unlink()


@asynccontextmanager
async def desk_in(folder: Path) -> AsyncIterator[Desk]:
    desk = Desk(folder)
    await desk.db.open()
    try:
        yield desk
    finally:
        await desk.db.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


RAISED_AND_CLEARED = [(DELETED, "raised"), (DELETED, "cleared")]


@pytest.mark.parametrize("suffixes", [("",), ("", "-wal", "-shm")], ids=["the file", "all of it"])
async def test_a_deleted_file_is_written_back(desk: Desk, suffixes: tuple[str, ...]) -> None:
    """With what was stored before and after it was deleted, and the alarm comes and goes."""
    await desk.add("before")
    desk.remove(*suffixes)
    await desk.add("after")
    assert await desk.count() == 2
    await desk.watch.look()
    assert desk.news == RAISED_AND_CLEARED
    assert desk.count_on_disk() == 2
    await desk.add("later")
    assert (await desk.count(), desk.count_on_disk()) == (3, 3)
    desk.remove(*suffixes)
    await desk.watch.look()
    assert desk.count_on_disk() == 3
    assert desk.path.stat().st_mode & 0o777 == 0o600


async def test_nothing_that_was_stored_is_lost_while_it_is_written_back(desk: Desk) -> None:
    """Many write and read all the time, and the file goes three times under them."""
    stored = 0
    refused = 0

    async def work(who: int) -> None:
        nonlocal stored, refused
        for number in range(25):
            try:
                await desk.add(f"{who}-{number}")
                stored += 1
                await desk.count()
            except DatabaseUnavailable:
                refused += 1  # Said to the one who asked, who asks again.

    async def delete() -> None:
        for _ in range(3):
            await asyncio.sleep(0.05)
            desk.remove("", "-wal", "-shm")
            await desk.watch.look()

    await asyncio.gather(delete(), *(work(who) for who in range(4)))
    assert desk.news == RAISED_AND_CLEARED * 3
    assert stored >= 75
    assert await desk.count() == stored
    assert desk.count_on_disk() == stored


async def test_another_file_in_its_place_is_put_aside(desk: Desk, tmp_path: Path) -> None:
    """Ours comes back; the other one's contents are still there."""
    await desk.add("ours")
    other = tmp_path / "other"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    other.replace(desk.path)
    await desk.watch.look()
    assert desk.news == RAISED_AND_CLEARED
    assert desk.count_on_disk() == 1
    (aside,) = tmp_path.glob("suar.db.replaced-*")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


async def test_what_cannot_be_written_back_is_held_and_tried_again(desk: Desk, tmp_path: Path) -> None:
    """A folder that has gone too; every five seconds, and the alarm stands until it went well."""
    await desk.add("before")
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    desk.remove("")
    tmp_path.rename(elsewhere)
    await desk.watch.look()
    assert desk.codes() == [DELETED]
    elsewhere.rename(tmp_path)
    await desk.watch.look()
    assert desk.codes() == [DELETED]
    desk.now += 5.0
    await desk.watch.look()
    assert desk.codes() == []
    assert desk.count_on_disk() == 1


async def test_no_connection_ever_makes_an_empty_database(desk: Desk) -> None:
    """Neither a new one beside those that are open, nor a start on a file that has gone."""
    await desk.add("before")
    desk.remove("", "-wal", "-shm")
    desk.db._engine.dispose()
    with pytest.raises(DatabaseUnavailable, match="unable to open"):
        await desk.count()
    assert not desk.path.exists()
    await desk.watch.look()
    assert await desk.count() == 1


async def test_a_start_without_its_file_says_what_to_do(tmp_path: Path) -> None:
    """Only who removes the mark begins anew."""
    async with desk_in(tmp_path) as desk:
        await desk.add("before")
    desk.remove("")
    again = Database(desk.db.url)
    with pytest.raises(DatabaseMissing, match="suar restore"):
        await again.open()
    await again.close()
    assert not desk.path.exists()
    (tmp_path / "suar.db.made").unlink()
    async with desk_in(tmp_path) as fresh:
        assert await fresh.count() == 0


async def test_a_crash_in_the_middle_of_writing_back_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    """What was saved is found by the next start, and an old log of writes is not taken for its own."""
    await desk.add("before")
    desk.remove("")
    assert isinstance(desk.db.file, SqliteFile)
    desk.db.file.save()
    left = tmp_path / "left"
    shutil.copytree(tmp_path, left, ignore=lambda *_: ["left"])
    assert (left / "suar.db-wal").exists()
    async with desk_in(left) as again:
        assert await again.count() == 1
        assert again.count_on_disk() == 1


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(8):
        while not is_so():
            await asyncio.sleep(0.02)


@contextmanager
def opened_for_reading_only(db: Database) -> Iterator[None]:
    """SQLite itself refuses to write, as it does on a disk that it cannot open for writing."""
    file = db.file
    assert file is not None
    keep = file._connect
    uri = f"{file.path.as_uri()}?mode=ro"
    file._connect = lambda busy_s: sqlite3.connect(  # type: ignore[method-assign]
        uri, uri=True, timeout=busy_s, check_same_thread=False
    )
    db._engine.dispose()
    try:
        yield
    finally:
        file._connect = keep  # type: ignore[method-assign]


async def test_a_read_only_database_refuses_writes_cleanly_and_comes_back(desk: Desk) -> None:
    """Reading goes on; the alarm stands until a write has gone well, with no restart."""
    await desk.add("before")
    with opened_for_reading_only(desk.db):
        with pytest.raises(DatabaseReadOnly, match="readonly"):
            await desk.add("refused")
        await desk.watch.look()
        assert desk.codes() == [READ_ONLY]
        assert await desk.count() == 1
        await desk.watch.look()
        assert desk.codes() == [READ_ONLY]
    await desk.watch.look()
    assert desk.news == [(READ_ONLY, "raised"), (READ_ONLY, "cleared")]
    await desk.add("after")
    assert desk.count_on_disk() == 2


async def test_what_a_call_leaves_behind_waits_for_a_read_only_database(site: Site, tmp_path: Path) -> None:
    """503 with a way to understand it; the controller's outbox keeps the events and sends them again."""
    page = await site.client("sari")
    outbox = Outbox(Journal(tmp_path / "journal"))
    outbox.open()
    stalls: list[str | None] = []
    url = str(site.server.make_url("")).rstrip("/")
    sender = Sender(outbox, url, site.secrets.ingest_token, on_stalled=stalls.append)
    sending = asyncio.create_task(sender.run())
    with opened_for_reading_only(site.services.db):
        status, answer = await site.put_call("sby1-1.9", OFFERED)
        assert (status, answer["error"]["code"]) == (503, "database_read_only")
        assert "Calls go on" in answer["error"]["message"]
        await outbox.publish("sby1-1.1", **OFFERED_NOW)
        await until(lambda: stalls == ["503 Service Unavailable"])
        await until(lambda: [alarm.code for alarm in site.services.alarms.standing()] == [READ_ONLY])
        assert outbox.depth() == 1
        assert (await page.get("/incidents")).status == 200
        refused = await page.post("/logout", headers={"Accept": "text/html"})
        assert refused.status == 503
        assert "hanya dapat dibaca" in await refused.text()
    await until(lambda: stalls[-1] is None)
    await until(lambda: not site.services.alarms.standing())
    assert outbox.depth() == 0
    assert "sby1-20261124-0001" in await (await page.get("/incidents")).text()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await outbox.close()


async def test_a_database_that_others_hold_is_an_alarm_while_they_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noticed without anybody's writing, within half a minute."""
    monkeypatch.setattr("dashboards.db._PROBE_BUSY_S", 0.01)
    await desk.watch.look()
    with closing(sqlite3.connect(desk.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await desk.watch.look()
        assert desk.codes() == []
        desk.now += 30.0
        await desk.watch.look()
        assert desk.codes() == [DOWN]
        assert "locked" in desk.alarms.standing()[0].text
        other.execute("ROLLBACK")
    await desk.watch.look()
    assert desk.codes() == []


async def test_a_bug_in_a_statement_is_no_trouble_of_the_database(desk: Desk) -> None:
    """It is raised as it is."""
    told: list[DatabaseUnavailable] = []
    desk.db.on_trouble = told.append

    def ask(session: Session) -> None:
        session.connection().execute(text("INSERT INTO user_account (name) VALUES (NULL)"))

    with pytest.raises(Exception, match="NOT NULL") as caught:
        await desk.db.write(ask)
    assert not isinstance(caught.value, DatabaseUnavailable)
    assert told == []


def mount(*how: str) -> None:
    subprocess.run(["mount", *how], check=True)


async def remount(folder: Path) -> None:
    """The scene of the next test, as root, among mounts of its own: a disk turns read-only and back."""
    async with desk_in(folder) as desk:
        await desk.add("before")
        watching = asyncio.create_task(desk.watch.run())
        for command in (["--bind", folder, folder], ["-o", "remount,ro,bind", folder]):
            mount(*map(str, command))
        async with asyncio.timeout(5):
            while desk.codes() != [READ_ONLY]:
                await asyncio.sleep(0.02)
        desk.db._engine.dispose()
        try:
            await desk.add("refused")
        except DatabaseReadOnly:
            assert await desk.count() == 1
        else:
            raise AssertionError("written to a read-only disk")
        assert DELETED not in desk.codes()
        mount("-o", "remount,rw,bind", str(folder))
        async with asyncio.timeout(5):
            while desk.codes():
                await asyncio.sleep(0.02)
        await desk.add("after")
        assert (await desk.count(), desk.count_on_disk()) == (2, 2)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    print("came back by itself")


def test_a_disk_that_turns_read_only_and_back(tmp_path: Path) -> None:
    """A real read-only mount over the folder, in a mount namespace of its own."""
    alone = ["unshare", "--mount", "--propagation", "private"]
    if os.getuid() != 0 or shutil.which("unshare") is None or subprocess.run([*alone, "true"]).returncode:
        pytest.skip("needs root and unshare(1), to mount a disk read-only for this test alone")
    script = "import asyncio, sys, pathlib\nfrom tests.component.test_database_files import remount\n"
    script += "asyncio.run(remount(pathlib.Path(sys.argv[1])))"
    done = subprocess.run(
        [*alone, sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "came back by itself" in done.stdout

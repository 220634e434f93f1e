"""A backup: whole or not there, made while everything runs, checked before it is used."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import text
from typer.testing import CliRunner, Result

from ari_app.outbox import Outbox
from dashboards.app import create
from dashboards.db import _engine
from dashboards.state import SERVICES
from suar import cli
from suar.paths import StateDir
from suar.record import encode
from suar.recordings.ledger import Ledger
from suar.recordings.wav import convert
from suar.secret import Secrets
from tests.component.conftest import CITY, ENDED, OFFERED, Site, free_bind, furnish
from tests.component.test_events_lost import opened, publish, sending

Suar = Callable[..., Result]
FIRST, SECOND = "sby1-1.1", "sby1-1.2"


@pytest.fixture
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose doors nobody on this machine has open."""
    lines = CITY.read_text().splitlines()
    doors = ("control_bind", "web_bind")
    lines = [f'{line.split()[0]} = "{free_bind()}"' if line.startswith(doors) else line for line in lines]
    path = tmp_path_factory.mktemp("city") / "city.toml"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def suar(tmp_path: Path, city_file: Path, monkeypatch: pytest.MonkeyPatch) -> Suar:
    """Run ``suar`` on the site's state, or on another."""
    monkeypatch.delenv("SUAR_DATABASE_URL", raising=False)

    def run(*words: str | Path, state: Path = tmp_path) -> Result:
        command = ["--city", str(city_file), "--state", str(state), *map(str, words)]
        return CliRunner().invoke(cli.app, command)

    return run


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place that is not in the state directory."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture
def small(tmp_path: Path, suar: Suar) -> Path:
    """A state directory with a little of everything, and nobody at work on it."""
    state = StateDir(tmp_path)
    furnish(state)
    state.secrets_file.write_text("# secrets\n")
    (state.journal / "calls-00000001.log").write_bytes(encode({"call": FIRST, "seq": 1, "type": "offered"}))
    (state.degraded / "sby1-7.7.log").write_bytes(encode({"call": "sby1-7.7", "type": "offered"}))
    state.queue_log.parent.mkdir()
    state.queue_log.write_text("1|sby1-7.7|none|NONE|ENTERQUEUE\n")
    state.imported_file.write_text("sby1-6.6\n")
    add_recording(state, FIRST)
    return tmp_path


def add_recording(state: StateDir, call_id: str) -> None:
    raw = state.recordings / f"{call_id}.raw"
    raw.write_bytes(bytes(3200))
    sha256 = convert(raw, raw.with_suffix(".wav"))
    Ledger(state.recordings).append(call_id, f"{call_id}.wav", sha256, 3244)


async def whole_call(outbox: Outbox, site: Site, call_id: str) -> None:
    async with sending(outbox, site):
        await publish(outbox, call_id, OFFERED, ENDED)
        await outbox.finish(call_id)


async def incidents(site: Site) -> int:
    return len((await (await (await site.client("sari")).get("/api/v1/incidents")).json())["incidents"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_city_at_work_is_backed_up_and_comes_back_elsewhere(
    site: Site, suar: Suar, tmp_path: Path, elsewhere: Path
) -> None:
    """Users sign in with the passwords that they had, the incident is there, and so is the recording."""
    outbox = opened(site.state.journal)
    await whole_call(outbox, site, FIRST)
    add_recording(site.state, FIRST)
    result = suar("backup", elsewhere / "monday", "--recordings")
    assert result.exit_code == 0, result.exception
    await whole_call(outbox, site, SECOND)
    await outbox.close()

    result = suar("restore", elsewhere / "monday", state=elsewhere / "new")
    assert result.exit_code == 0, result.exception
    state = StateDir(elsewhere / "new")
    assert state.secrets_file.read_bytes() == site.state.secrets_file.read_bytes()
    assert state.secrets_file.stat().st_mode & 0o77 == 0
    assert suar("recordings", "verify", state=elsewhere / "new").exit_code == 0
    async with again(site, state) as restored:
        assert await incidents(restored) == 1


@asynccontextmanager
async def again(site: Site, state: StateDir) -> AsyncIterator[Site]:
    """Run a web backend on a restored state."""
    secrets = Secrets.load_or_create(state, site.city)
    app = create(site.city, state, secrets)
    server = TestServer(app)
    async with server, AsyncExitStack() as browsers:
        yield Site(site.city, secrets, app[SERVICES], server, state, browsers)


async def test_an_older_database_gets_what_the_journal_still_has(
    site: Site, suar: Suar, tmp_path: Path, elsewhere: Path
) -> None:
    """Calls since the backup, finished and long stored, are sent again; nothing stands still."""
    outbox = opened(site.state.journal)
    await whole_call(outbox, site, FIRST)
    assert suar("backup", elsewhere / "monday").exit_code == 0
    await whole_call(outbox, site, SECOND)
    assert await incidents(site) == 2
    await outbox.close()
    await site.server.close()

    refused = suar("restore", elsewhere / "monday")
    assert "or with --force put aside what the backup replaces" in str(refused.exception)
    result = suar("restore", elsewhere / "monday", "--force")
    assert result.exit_code == 0, result.exception
    assert f"kept       {site.state.journal / 'calls-00000001.log'}: it has grown since" in result.output
    assert f"put aside  {tmp_path / 'suar.db'}.replaced-" in result.output
    async with again(site, site.state) as restored:
        assert await incidents(restored) == 1
        outbox = opened(site.state.journal)
        async with sending(outbox, restored) as told:
            pass
        assert await incidents(restored) == 2
        assert told == []
        await outbox.close()


def test_a_backup_says_what_is_in_it_and_leaves_the_recordings_out(
    small: Path, suar: Suar, elsewhere: Path
) -> None:
    """Each file with its checksum; nothing is in the folder that is not in the manifest."""
    folder = elsewhere / "monday"
    result = suar("backup", folder)
    assert "--recordings takes them too" in result.output
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["node"], manifest["database"], manifest["schema_revision"]) == ("sby1", "sqlite", "0005")
    assert set(manifest["files"]) == set(contents(folder)) - {"manifest.json"}
    assert set(manifest["files"]) == {
        "suar.db",
        "secrets.toml",
        "journal/calls-00000001.log",
        "journal/degraded/sby1-7.7.log",
        "journal/degraded/imported",
        "asterisk/log/degraded.log",
        f"recordings/{Ledger(small / 'recordings').files()[0].name}",
    }
    assert folder.stat().st_mode & 0o77 == 0
    assert list(elsewhere.iterdir()) == [folder]


def test_a_backup_is_whole_or_not_there(
    small: Path, suar: Suar, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full in the middle leaves nothing, and says so."""
    fsync, left = os.fsync, [3]

    def fill_up(file: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        fsync(file)

    monkeypatch.setattr(os, "fsync", fill_up)
    result = suar("backup", elsewhere / "monday")
    assert "No space left on device; nothing of it is left" in str(result.exception)
    assert list(elsewhere.iterdir()) == []


def test_where_a_backup_cannot_go_is_refused(small: Path, suar: Suar, elsewhere: Path) -> None:
    """A folder that is there, one whose parent is not, and a state that is none."""
    assert "is there already" in str(suar("backup", elsewhere).exception)
    assert "make it first" in str(suar("backup", elsewhere / "a" / "b").exception)
    missing = suar("backup", elsewhere / "monday", state=elsewhere / "none")
    assert "there is no state to back up" in str(missing.exception)
    assert not (elsewhere / "none").exists()


def test_a_database_that_is_damaged_is_not_backed_up_in_silence(
    small: Path, suar: Suar, elsewhere: Path
) -> None:
    """The one backup that matters would be the last good one."""
    (small / "suar.db").write_bytes(b"this is no database" * 100)
    assert "the database: file is not a database" in str(suar("backup", elsewhere / "monday").exception)
    assert list(elsewhere.iterdir()) == []


def test_postgresql_is_left_to_its_own_tools(
    small: Path, suar: Suar, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is backed up, and nobody can think that the database is."""
    monkeypatch.setenv("SUAR_DATABASE_URL", "postgresql+psycopg://suar:geheim@db.example/suar")
    result = suar("backup", elsewhere / "monday")
    assert result.exit_code == 0, result.exception
    assert "The database is NOT in this backup" in result.output
    assert "pg_dump" in result.output
    assert "geheim" not in result.output
    assert not (elsewhere / "monday" / "suar.db").exists()
    result = suar("restore", elsewhere / "monday", state=elsewhere / "new")
    assert "pg_restore" in result.output
    monkeypatch.setenv("SUAR_DATABASE_URL", "geheim")
    refused = suar("backup", elsewhere / "tuesday")
    assert "SUAR_DATABASE_URL: give an address" in str(refused.exception)
    assert "geheim" not in str(refused.exception)


@pytest.mark.parametrize(
    "file", ["suar.db", "secrets.toml", "journal/calls-00000001.log", "journal/degraded/sby1-7.7.log"]
)
def test_a_backup_that_was_changed_is_not_restored(
    small: Path, suar: Suar, elsewhere: Path, file: str
) -> None:
    """One byte, or a file that is gone; and nothing has been touched."""
    folder, new = elsewhere / "monday", elsewhere / "new"
    suar("backup", folder)
    changed = bytearray((folder / file).read_bytes())
    changed[len(changed) // 2] ^= 1
    (folder / file).write_bytes(changed)
    assert f"{file} was changed" in str(suar("restore", folder, state=new).exception)
    (folder / file).unlink()
    assert f"{file} is missing" in str(suar("restore", folder, state=new).exception)
    assert not new.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 2}, "format: Input should be 1"),
        ({"files": {"../../etc/passwd": {"sha256": "0" * 64, "bytes": 1}}}, "is no file of a backup"),
        ({"files": {"/etc/passwd": {"sha256": "0" * 64, "bytes": 1}}}, "is no file of a backup"),
        ({"files": {"journal/../../x": {"sha256": "0" * 64, "bytes": 1}}}, "is no file of a backup"),
        ({"node": "bdg1"}, "is of 'bdg1', and the city file is of 'sby1'"),
    ],
)
def test_a_manifest_that_is_not_right_is_refused(
    small: Path, suar: Suar, elsewhere: Path, change: dict[str, object], says: str
) -> None:
    """Naming the field; another city's backup too, and a folder that is none."""
    folder = elsewhere / "monday"
    suar("backup", folder)
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **change}))
    assert says in str(suar("restore", folder, state=elsewhere / "new").exception)
    manifest.unlink()
    refused = suar("restore", folder, state=elsewhere / "new")
    assert "name a folder that `suar backup` made" in str(refused.exception)


def test_a_newer_database_is_refused_with_the_version_to_install(
    small: Path, suar: Suar, elsewhere: Path
) -> None:
    """Before anything is touched, even with --force."""
    with closing(sqlite3.connect(small / "suar.db")) as base, base:
        base.execute("UPDATE alembic_version SET version_num = '9999'")
    suar("backup", elsewhere / "monday")
    before = contents(small)
    refused = suar("restore", elsewhere / "monday", "--force")
    assert "with the schema '9999'; Suar 0.1.0 knows '0005' at most. Install Suar" in str(refused.exception)
    assert contents(small) == before


def test_a_city_at_work_is_not_restored_over(
    small: Path, suar: Suar, elsewhere: Path, city_file: Path
) -> None:
    """Whoever answers on one of its doors would write to what was just put back."""
    suar("backup", elsewhere / "monday")
    (line,) = (one for one in city_file.read_text().splitlines() if one.startswith("web_bind"))
    with socket.create_server(("127.0.0.1", int(line.split(":")[1].strip('"')))):
        refused = suar("restore", elsewhere / "monday", "--force")
    assert "stop Suar first" in str(refused.exception)


def test_a_restore_puts_aside_and_removes_nothing(small: Path, suar: Suar, elsewhere: Path) -> None:
    """Also where the state was begun anew: its journal is kept beside the one that comes back."""
    suar("backup", elsewhere / "monday", "--recordings")
    shutil.rmtree(small / "journal")
    (small / "journal" / "degraded").mkdir(parents=True)
    anew = encode({"call": "sby1-9.9", "seq": 1, "type": "offered"})
    (small / "journal" / "calls-00000001.log").write_bytes(anew)
    queue_log = small / "asterisk" / "log" / "degraded.log"
    before_loss = queue_log.read_bytes()
    queue_log.write_text("2|sby1-9.8|none|NONE|ENTERQUEUE\n")
    (small / "secrets.toml").write_text("# new secrets\n")
    (small / "suar.db-wal").write_bytes(b"of another database")
    (small / "recordings" / "sby1-9.9.raw").write_bytes(bytes(320))
    before = set(contents(small).values())
    result = suar("restore", elsewhere / "monday", "--force")
    assert result.exit_code == 0, result.exception
    after = contents(small)
    assert before <= set(after.values())
    assert after["secrets.toml"] == b"# secrets\n"
    assert after["asterisk/log/degraded.log"] == before_loss + b"2|sby1-9.8|none|NONE|ENTERQUEUE\n"
    assert "suar.db-wal" not in after
    assert after["journal/calls-00000002.log"] == anew
    assert b"resend" in after["journal/calls-00000003.log"]
    assert [name for name in after if name.endswith(".restore")] == []
    assert suar("recordings", "verify").exit_code == 0
    again = suar("backup", elsewhere / "tuesday")
    assert again.exit_code == 0, again.exception
    assert [name for name in contents(elsewhere / "tuesday") if ".replaced-" in name] == []


def test_dashboards_on_a_newer_database_say_what_to_do_and_end(
    small: Path, suar: Suar, city_file: Path
) -> None:
    """One line, no traceback; the database is left alone."""
    engine = _engine(StateDir(small).database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    (small / "secrets.toml").unlink()
    ended = subprocess.run(
        [sys.executable, "-m", "dashboards", "--city", str(city_file), "--state", str(small)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert "its schema is '9999', and Suar 0.1.0 knows '0005' at most" in ended.stderr
    assert "`suar restore`" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "newer version of Suar" in str(suar("user", "list").exception)

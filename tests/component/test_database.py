"""The tables: made from nothing by the migrations, and the same as the models say."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import Session, SQLModel

from dashboards import models
from dashboards.db import Database, SchemaTooNew, _engine, migrate
from dashboards.errors import DatabaseReadOnly, DatabaseUnavailable


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'suar.db'}"


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL of our own, where this machine has one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or (os.getuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("no PostgreSQL server on this machine (apt-get install postgresql)")
    programs = found[-1].parent
    runs_as = ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else []
    # Not under pytest's folders, which it shuts to others whenever a run begins.
    with tempfile.TemporaryDirectory(prefix="suar-postgresql-") as folder:
        home = Path(folder)
        data = str(home / "data")
        home.chmod(0o777)
        start = [*runs_as, str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(home / "log")]
        initialise = [
            *runs_as,
            str(programs / "initdb"),
            "-D",
            str(home / "data"),
            "-U",
            "suar",
            "-A",
            "trust",
        ]
        subprocess.run(initialise, check=True, capture_output=True, cwd=home)
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
        subprocess.run([*start, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=home)
        yield f"postgresql+psycopg://suar@/postgres?host={home}"
        subprocess.run([*start, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=home)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_what_the_models_say(kind: str, request: pytest.FixtureRequest) -> None:
    """From empty, twice, with nothing left for alembic to find."""
    engine = _engine(request.getfixturevalue(kind))
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


async def test_a_database_of_a_newer_version_is_left_alone(sqlite: str) -> None:
    """With an error that says what to do."""
    engine = _engine(sqlite)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    database = Database(sqlite)
    with pytest.raises(SchemaTooNew, match="newer version of Suar"):
        await database.open()
    await database.close()


async def test_a_write_that_fails_leaves_nothing(sqlite: str) -> None:
    """One transaction, whole or not at all; the next write goes on."""
    database = Database(sqlite)
    await database.open()

    def fail(session: object) -> None:
        session.add(models.User(name="x", role="admin", password_hash="", created_at=None))  # type: ignore[attr-defined, arg-type]
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await database.write(fail)
    assert (
        await database.read(
            lambda session: session.connection().scalar(text("SELECT count(*) FROM user_account"))
        )
        == 0
    )
    await database.close()


async def test_a_postgresql_that_takes_no_writes_says_so_and_comes_back(postgresql: str) -> None:
    """As a standby server does; and one that is away is no bug of ours."""
    database = Database(postgresql)
    await database.open()
    await database.probe()
    read_only = "ALTER DATABASE postgres SET default_transaction_read_only = "
    await database.write(lambda session: session.connection().execute(text(f"{read_only}on")))
    with pytest.raises(DatabaseReadOnly, match="read-only"):
        await database.probe()
    await database.reconnect()
    with pytest.raises(DatabaseReadOnly):
        await database.write(lambda session: session.connection().execute(text("DELETE FROM incident")))

    def mend(session: Session) -> None:
        session.connection().execute(text("SET TRANSACTION READ WRITE"))
        session.connection().execute(text(f"{read_only}off"))

    await database.write(mend)
    await database.probe()
    await database.close()
    away = Database("postgresql+psycopg://suar@/postgres?host=/nowhere")
    with pytest.raises(DatabaseUnavailable, match="The database says"):
        await away.read(lambda session: session.connection())
    await away.close()

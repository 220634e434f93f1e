"""The database: every write through one thread, one after another; reads beside them.

The same code serves SQLite (in WAL mode) and PostgreSQL. Sessions live in threads, so that a slow disk never
holds up the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

from suar import __version__
from suar.errors import Blame, SuarError

T = TypeVar("T")

_READERS = 4
_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(SuarError):
    """The database was written by a newer version of Suar: install that version, or restore a backup."""

    blame = Blame.HOST


class Database:
    """One database, opened with :meth:`open` and closed with :meth:`close`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="db-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="db-reader")

    async def open(self) -> None:
        """Bring the tables up to date. Raises :class:`SchemaTooNew`."""
        await asyncio.get_running_loop().run_in_executor(self._writer, migrate, self._engine)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction of its own; what it returns must not need the session."""

        def run() -> T:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._writer, run)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` without writing."""

        def run() -> T:
            with Session(self._engine, expire_on_commit=False) as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def close(self) -> None:
        """Finish what was begun, and close."""
        for pool in (self._readers, self._writer):
            await asyncio.to_thread(pool.shutdown)
        self._engine.dispose()


def migrate(engine: Engine) -> None:
    """Bring a database's tables up to date, from nothing if need be. Raises :class:`SchemaTooNew`."""
    config = alembic_config()
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        known = known_revisions()
        if current is not None and current not in known:
            raise SchemaTooNew(
                f"{engine.url.render_as_string(hide_password=True)} was written by a newer version of Suar: "
                f"its schema is {current!r}, and Suar {__version__} knows {known[0]!r} at most. Install the "
                "newer version again, or put back a backup that this one made, with `suar restore`"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def known_revisions() -> list[str]:
    """Return the schemas that this version can work with, the newest first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return [script.revision for script in scripts.walk_revisions()]


def alembic_config() -> Config:
    """Return alembic's configuration: there is no file."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10})

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine

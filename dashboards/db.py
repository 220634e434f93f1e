"""The database: every write through one thread, one after another; reads beside them.

The same code serves SQLite (in WAL mode) and PostgreSQL. Sessions live in threads, so that a slow disk never
holds up the event loop. What a database cannot do now is a :class:`~dashboards.errors.DatabaseUnavailable`:
whoever asked may ask again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, create_engine

from dashboards.errors import DatabaseReadOnly, DatabaseUnavailable
from dashboards.sqlite_file import SqliteFile
from suar import __version__
from suar.errors import Blame, SuarError

T = TypeVar("T")

_READERS = 4
_PROBE_BUSY_S = 2.0
_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(SuarError):
    """The database was written by a newer version of Suar: install that version, or restore a backup."""

    blame = Blame.HOST


class Database:
    """One database, opened with :meth:`open` and closed with :meth:`close`.

    ``on_trouble`` is told of each time that it could not do what it was asked to.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._file = _sqlite_file(url)
        self._engine = _engine(url, self._file)
        self._gate = _Gate()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="db-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="db-reader")
        self.on_trouble: Callable[[DatabaseUnavailable], None] = lambda _: None

    @property
    def file(self) -> SqliteFile | None:
        """SQLite's file; None if it is another database."""
        return self._file

    async def open(self) -> None:
        """Bring the tables up to date. Raises :class:`SchemaTooNew`, :class:`DatabaseMissing`."""
        await self._in_writer(self._open)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction of its own; what it returns must not need the session.

        Raises :class:`~dashboards.errors.DatabaseUnavailable`; nothing is stored then.
        """

        def run() -> T:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                return work(session)

        return await self._tried(self._writer, run)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` without writing. Raises :class:`~dashboards.errors.DatabaseUnavailable`."""

        def run() -> T:
            with self._gate.shared(), Session(self._engine, expire_on_commit=False) as session:
                return work(session)

        return await self._tried(self._readers, run)

    async def probe(self) -> None:
        """Write what is there already, over a connection of its own.

        Raises :class:`~dashboards.errors.DatabaseUnavailable`, with what the database says.
        """
        await self._in_writer(lambda: _explained(self._probe))

    async def reconnect(self) -> None:
        """Open every connection anew: one from a time of trouble may go on being of no use."""
        await self._in_writer(self._reconnect)

    async def put_back(self) -> Path | None:
        """Write SQLite's database back to where its file was removed or replaced.

        Returns where a file that stood there was put aside. Nothing is read or written meanwhile.
        Raises :class:`OSError` or :class:`sqlite3.Error`; what was held is held on to then.
        """
        return await self._in_writer(self._put_back)

    async def close(self) -> None:
        """Finish what was begun, and close."""
        for pool in (self._readers, self._writer):
            await asyncio.to_thread(pool.shutdown)
        self._engine.dispose()
        if self._file is not None:
            self._file.let_go()

    def _open(self) -> None:
        if self._file is not None:
            self._file.make()
        migrate(self._engine)
        if self._file is not None:
            self._file.keep()

    def _probe(self) -> None:
        engine = _engine_for_once(self.url, self._file)
        try:
            with engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        finally:
            engine.dispose()

    def _reconnect(self) -> None:
        if self._file is not None:
            self._file.keep()
        self._engine.dispose()

    def _put_back(self) -> Path | None:
        if self._file is None:
            return None
        self._file.save()
        with self._gate.alone():
            self._engine.dispose()
            self._file.let_go()
            aside = self._file.put_back()
            self._file.keep()
        return aside

    async def _tried(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, lambda: _explained(work))
        except DatabaseUnavailable as error:
            self.on_trouble(error)
            raise

    async def _in_writer(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)


class _Gate:
    """Lets many read beside one another, or one be alone. For threads."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._inside = 0
        self._is_shut = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._condition:
            self._condition.wait_for(lambda: not self._is_shut)
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._condition:
            self._is_shut = True
            self._condition.wait_for(lambda: not self._inside)
        try:
            yield
        finally:
            with self._condition:
                self._is_shut = False
                self._condition.notify_all()


def _explained(work: Callable[[], T]) -> T:
    """Do work on the database; what the database cannot do now is raised as DatabaseUnavailable."""
    try:
        return work()
    except PoolTimeout as error:
        raise DatabaseUnavailable("the database is too busy") from error
    except DBAPIError as error:
        if type(error).__name__ in _BUGS:
            raise
        reason = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig) else "no answer"
        kind = DatabaseReadOnly if _is_read_only(error.orig) else DatabaseUnavailable
        raise kind(f"{kind.__doc__} The database says: {reason}") from error


_BUGS = {"IntegrityError", "ProgrammingError", "DataError", "NotSupportedError"}
"""What SQLAlchemy calls errors that asking again does not mend: they are ours."""


def _is_read_only(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)
        return code & 0xFF == sqlite3.SQLITE_READONLY and code != sqlite3.SQLITE_READONLY_DBMOVED
    return getattr(error, "sqlstate", None) == "25006"  # read_only_sql_transaction, PostgreSQL appendix A


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
        if current != known[0]:
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


def _sqlite_file(url: str) -> SqliteFile | None:
    parsed = make_url(url)
    return SqliteFile(parsed) if parsed.get_backend_name() == "sqlite" else None


def _engine(url: str, file: SqliteFile | None = None) -> Engine:
    """Return an engine; without a ``file`` of SQLite's that is there, one that may be new is made."""
    if file is None and (file := _sqlite_file(url)) is not None:
        file.make()
    return create_engine(url, pool_pre_ping=True) if file is None else file.engine()


def _engine_for_once(url: str, file: SqliteFile | None) -> Engine:
    """Return an engine that keeps no connection, and does not wait long for others who write."""
    return create_engine(url, poolclass=NullPool) if file is None else file.engine(NullPool, _PROBE_BUSY_S)

"""SQLite's file: made once, opened only where it is, and written back when it has gone from under us.

SQLite goes on with a file that somebody has removed or replaced: all that is stored from then on is lost with
the process, and a connection that is opened anew makes an empty database, in which nobody can sign in. So the
file is made once, a mark beside it says that it was, every connection is opened with ``mode=rw``, and one,
the keeper, stays open: from it the database can be written back.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, Pool, QueuePool, create_engine
from sqlalchemy.engine import URL

from suar.disk import sync_directory
from suar.errors import Blame, SuarError
from suar.log import get_logger

_BUSY_S = 10.0
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")

log = get_logger()


class DatabaseMissing(SuarError):
    """There was a database here, and it is gone."""

    blame = Blame.HOST


class SqliteFile:
    """One database's file. Its methods block."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self.path = Path(url.database or "").absolute()
        self._mark = self.path.with_name(f"{self.path.name}.made")
        self._saved = self.path.with_name(f"{self.path.name}.saved")
        self._keeper: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def engine(self, pool: type[Pool] = QueuePool, busy_s: float = _BUSY_S) -> Engine:
        """Return an engine that opens the file where it is, and never makes one."""
        return create_engine(self._url, creator=lambda: self._connect(busy_s), poolclass=pool)

    def make(self) -> None:
        """Make an empty database, if there never was one. Raises :class:`DatabaseMissing`."""
        if self.path.exists():
            if self._saved.exists():
                # Somebody has put a database there since; what we saved is not to come up again by itself.
                self._saved.replace(self._aside())
        elif self._saved.exists():
            # We ended between saving what was deleted and putting it in its place.
            log.warning("database_put_back", path=str(self.path))
            self._place_saved()
        elif self._mark.exists():
            raise DatabaseMissing(
                f"{self.path}: the database was here and is gone. Put back a backup with `suar restore`; "
                f"only if incidents and users are really to begin anew, remove {self._mark.name} beside it"
            )
        else:
            sqlite3.connect(f"{self.path.as_uri()}?mode=rwc", uri=True).close()
            self.path.touch()

    def keep(self) -> None:
        """Hold on to the file as it is now: from here on it can be written back."""
        if not self._mark.exists():
            self._mark.touch(mode=0o600)
        keeper = self._connect(_BUSY_S)
        # A connection that has read has the log of recent writes open too, not only the file.
        keeper.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        self.let_go()
        self._keeper, self._identity = keeper, self._find()

    def let_go(self) -> None:
        """Close what :meth:`keep` opened."""
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    def is_displaced(self) -> bool:
        """Whether the file that we hold is not, or not any more, the one that its path leads to."""
        return self._identity is not None and self._find() != self._identity

    def is_on_read_only_disk(self) -> bool:
        """Whether the disk says that nothing can be written to it."""
        try:
            return bool(os.statvfs(self.path.parent).f_flag & os.ST_RDONLY)
        except OSError:
            return False

    def save(self) -> None:
        """Write all that we hold into a file beside the path, synced.

        Raises :class:`sqlite3.Error` or :class:`OSError`.
        """
        if self._keeper is None:
            raise OSError("nothing is held")
        fresh = self._saved.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        self._keeper.execute("VACUUM INTO ?", (str(fresh),))
        with closing(sqlite3.connect(fresh)) as copy:
            (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        fresh.chmod(0o600)
        handle = os.open(fresh, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.replace(self._saved)
        sync_directory(self.path.parent)

    def put_back(self) -> Path | None:
        """Move what was saved to the path; return where a file that stood there was put aside.

        Nobody may have the file open, and that is no formality: a log of recent writes that belongs to
        another file is taken for this one's, and the last connection removes it by its name.
        """
        aside = None
        if self.path.exists():
            aside = self._aside()
            self.path.rename(aside)
        self._place_saved()
        return aside

    def _place_saved(self) -> None:
        for suffix in ("-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self._saved.replace(self.path)
        sync_directory(self.path.parent)

    def _aside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")

    def _connect(self, busy_s: float) -> sqlite3.Connection:
        uri = f"{self.path.as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=busy_s, check_same_thread=False)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _find(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

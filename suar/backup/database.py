"""The database in a backup: SQLite is copied while it is in use; PostgreSQL is left to its own tools."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from suar.backup.errors import BackupInvalid
from suar.errors import Blame, SuarError


class UrlInvalid(SuarError):
    """SUAR_DATABASE_URL is no database's address."""

    blame = Blame.INPUT


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite database, or None for another database."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # Not quoted: there may be a password in it.
        raise UrlInvalid(
            "SUAR_DATABASE_URL: give an address such as postgresql+psycopg://user@host/db"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "").absolute()


def copy(source: Path, target: Path) -> None:
    """Copy a database that others may be writing to: one moment of it, in one file.

    Raises :class:`sqlite3.Error`.
    """
    with closing(_read_only(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        # A file of its own, with no log beside it that could be forgotten.
        there.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = there.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def revision(path: Path) -> str | None:
    """Return the schema that a database has, None for one without any.

    Raises :class:`~suar.backup.errors.BackupInvalid`.
    """
    try:
        with closing(_read_only(path)) as database:
            found = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.Error as error:
        raise BackupInvalid(f"{path}: {error}") from error
    return str(found[0]) if found else None


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)

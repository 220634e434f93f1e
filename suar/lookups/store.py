"""An imported table on the disk: one SQLite file, replaced whole, and read for each call."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from suar.disk import sync_directory
from suar.lookups.errors import TableUnusable


def save(path: Path, rows: Iterable[tuple[str, dict[str, Any]]]) -> int:
    """Write a table anew; return how many rows it has. Raises TableUnusable, and the old one stays."""
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh)) as base, base:
            base.execute("CREATE TABLE entry (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID")
            written = ((name, json.dumps(data, ensure_ascii=False)) for name, data in rows)
            count = base.executemany("INSERT INTO entry VALUES (?, ?)", written).rowcount
        fresh.chmod(0o600)
        fresh.replace(path)
        sync_directory(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise TableUnusable(f"{path}: {error}") from error
    return max(count, 0)


def find(path: Path, keys: Iterable[str]) -> dict[str, Any] | None:
    """Return the entry of the first key that there is; None where there is none, or no table.

    Raises TableUnusable.
    """
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0)) as base:
            for name in keys:
                found = base.execute("SELECT data FROM entry WHERE key = ?", (name,)).fetchone()
                if found:
                    return dict(json.loads(found[0]))
    except (sqlite3.Error, ValueError) as error:
        raise TableUnusable(f"{path}: {error}; import the table again") from error
    return None

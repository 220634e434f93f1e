"""``suar backup``: everything that cannot be made anew, copied while the city goes on.

The order matters. What moves from one place to another is copied from where it leaves before where it
arrives, so that nothing falls between: first what the degraded path wrote, then the database, then the
journal, whose segments are held open from before the database was copied, should they be removed. A
restored journal may so know more than its database, never less.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

from suar import __version__
from suar.backup import database
from suar.backup.errors import BackupFailed, FolderUnusable
from suar.backup.manifest import ASIDE, DATABASE, NAME, FileFacts, Manifest
from suar.disk import sync_directory
from suar.journal import segments
from suar.paths import StateDir
from suar.recordings.ledger import Ledger

_BLOCK = 1024 * 1024


def save(
    node: str, state: StateDir, database_url: str, folder: Path, now: datetime, *, with_recordings: bool
) -> Manifest:
    """Make a backup in ``folder``, which appears whole or not at all.

    Raises :class:`~suar.backup.errors.FolderUnusable` and :class:`~suar.backup.errors.BackupFailed`.
    """
    folder = folder.absolute()
    if os.path.lexists(folder):
        raise FolderUnusable(f"{folder}: is there already; name a folder that is not, one for each backup")
    if not state.root.is_dir():
        raise FolderUnusable(f"{state.root}: there is no state to back up; name it with --state")
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise FolderUnusable(f"{folder.parent}: {error.strerror}; make it first") from error
    try:
        copies = _Copies(state.root, partial)
        manifest = _copy_all(copies, node, state, database_url, now, with_recordings)
        copies.write(NAME, manifest.model_dump_json(indent=2).encode())
        for directory in {path.parent for path in partial.rglob("*")}:
            sync_directory(directory)
        # rename() would put a folder in place of an empty one that came meanwhile: as good.
        partial.rename(folder)
        sync_directory(folder.parent)
    except OSError as error:
        raise BackupFailed(f"{error.filename or folder}: {error.strerror}; nothing of it is left") from error
    except sqlite3.Error as error:
        raise BackupFailed(f"the database: {error}; nothing of the backup is left") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _copy_all(
    copies: _Copies, node: str, state: StateDir, database_url: str, now: datetime, with_recordings: bool
) -> Manifest:
    # Which calls were imported, before the calls: one too many is imported again, and none is forgotten.
    copies.take_all([state.imported_file])
    copies.take_all([*state.degraded.glob("*.log"), state.queue_log])
    kind: Literal["sqlite", "elsewhere", "none"] = "none"
    revision = None
    with ExitStack() as held:
        opened = {path: held.enter_context(path.open("rb")) for _, path in segments(state.journal)}
        source = database.sqlite_file(database_url)
        if source is None:
            kind = "elsewhere"
        elif source.is_file():
            kind = "sqlite"
            database.copy(source, copies.new(DATABASE))
            revision = database.revision(copies.note(DATABASE))
        for path, file in opened.items():
            copies.take(path, file)
        copies.take_all(path for _, path in segments(state.journal) if path not in opened)
    others = (path for path in state.journal.glob("*") if path.is_file() and ASIDE not in path.name)
    copies.take_all(path for path in others if not copies.has(path))
    copies.take_all([state.secrets_file])
    copies.take_all(path for path in state.areas.glob("*.geojson") if ".before." not in path.name)
    if state.recordings.is_dir():
        # Listed before the chain is copied: what is sealed meanwhile belongs to the next backup.
        wavs = sorted(state.recordings.glob("*.wav")) if with_recordings else []
        ledger = Ledger(state.recordings)
        with ledger.locked():
            copies.take_all(ledger.files())
        copies.take_all(wavs)
    return Manifest(
        suar=__version__,
        node=node,
        made_at=now,
        database=kind,
        schema_revision=revision,
        has_recordings=with_recordings,
        files=copies.files,
    )


class _Copies:
    """Copies files to where the backup grows, and notes what they were."""

    def __init__(self, root: Path, target: Path) -> None:
        self._root, self._target = root, target
        self.files: dict[str, FileFacts] = {}

    def has(self, path: Path) -> bool:
        return str(path.relative_to(self._root)) in self.files

    def take_all(self, paths: Iterable[Path]) -> None:
        """Copy files; one that has gone meanwhile is in the place where it went."""
        for path in sorted(paths):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            with file:
                self.take(path, file)

    def take(self, path: Path, file: BinaryIO) -> None:
        name = str(path.relative_to(self._root))
        self._fill(name, iter(lambda: file.read(_BLOCK), b""))

    def write(self, name: str, text: bytes) -> None:
        self._fill(name, [text])

    def new(self, name: str) -> Path:
        """Return where a file of this name goes, with its folder made."""
        path = self._target / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def note(self, name: str) -> Path:
        """Note a file that somebody else has written, and return it."""
        path = self._target / name
        path.chmod(0o600)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
            facts = FileFacts(
                sha256=hashlib.file_digest(file, "sha256").hexdigest(), bytes=os.fstat(file.fileno()).st_size
            )
        self.files[name] = facts
        return path

    def _fill(self, name: str, blocks: Iterable[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        handle = os.open(self.new(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target:
            for block in blocks:
                target.write(block)
                digest.update(block)
                size += len(block)
            target.flush()
            os.fsync(target.fileno())
        self.files[name] = FileFacts(sha256=digest.hexdigest(), bytes=size)

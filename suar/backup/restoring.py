"""``suar restore``: a backup put back, checked before anything is touched.

Into a state directory that is in use already, only with ``force``: then what the backup has takes the
place of what is there, which is put aside and not removed. What is only ever added to, the journal and the
recordings' chain, is left as it is where it has grown since the backup.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from suar import __version__
from suar.backup import database
from suar.backup.errors import BackupInvalid, BackupTooNew, RestoreFailed, RestoreRefused
from suar.backup.manifest import ASIDE, DATABASE, Manifest, complaints, read
from suar.city import Bind
from suar.disk import sync_directory
from suar.journal import mark_resend, segment_number, segment_path, segments
from suar.paths import StateDir

_PROBE_S = 0.5
_BLOCK = 1024 * 1024


@dataclass(slots=True)
class Restored:
    """What was put back, and what became of what was there."""

    manifest: Manifest
    kept: list[Path] = field(default_factory=list)
    """Files that have grown since the backup."""
    aside: list[Path] = field(default_factory=list)
    """Files that were put aside, under their new names."""


def check(folder: Path, node: str, known_revisions: Sequence[str], database_url: str) -> Manifest:
    """Say whether a backup is whole, of this city, and not too new; return its manifest.

    Raises :class:`~suar.backup.errors.BackupInvalid`, :class:`~suar.backup.errors.BackupTooNew` and
    :class:`~suar.backup.errors.RestoreRefused`.
    """
    folder = folder.absolute()
    manifest = read(folder)
    if manifest.node != node:
        raise RestoreRefused(
            f"{folder}: is of {manifest.node!r}, and the city file is of {node!r}; "
            "name the right one with --city"
        )
    try:
        if wrong := next(complaints(folder, manifest), None):
            raise BackupInvalid(f"{folder}: {wrong}; use another backup")
    except OSError as error:
        raise BackupInvalid(f"{error.filename or folder}: {error.strerror}; use another backup") from error
    if DATABASE in manifest.files:
        found = database.revision(folder / DATABASE)
        if found is not None and found not in known_revisions:
            raise BackupTooNew(
                f"{folder}: its database was written by Suar {manifest.suar}, with the schema {found!r}; "
                f"Suar {__version__} knows {known_revisions[0]!r} at most. "
                f"Install Suar {manifest.suar} or newer"
            )
        if database.sqlite_file(database_url) is None:
            raise RestoreRefused(
                f"{folder}: has a SQLite database, and SUAR_DATABASE_URL names another; unset it to restore"
            )
    return manifest


def restore(
    folder: Path,
    manifest: Manifest,
    state: StateDir,
    database_url: str,
    now: datetime,
    *,
    force: bool,
    binds: Sequence[Bind] = (),
) -> Restored:
    """Put back a backup that :func:`check` has passed. ``binds`` are where a running Suar would listen.

    Raises :class:`~suar.backup.errors.RestoreRefused` and :class:`~suar.backup.errors.RestoreFailed`.
    """
    target = database.sqlite_file(database_url) or state.root / DATABASE
    in_use = [path for path in (target, *_children(state.root)) if path.exists()]
    if in_use and not force:
        raise RestoreRefused(
            f"{in_use[0]}: is there already; restore into a state directory that is empty, "
            "or with --force put aside what the backup replaces"
        )
    if bind := next((bind for bind in binds if _answers(bind)), None):
        raise RestoreRefused(f"something answers on {bind}: stop Suar first")
    state.create()
    work = _Placing(folder.absolute(), state, target, now)
    try:
        work.stage(manifest)
        work.place()
        mark_resend(state.journal)
        for directory in (state.root, target.parent, state.journal, state.degraded, state.recordings):
            sync_directory(directory)
    except OSError as error:
        raise RestoreFailed(
            f"{error.filename or state.root}: {error.strerror}; "
            "when this is mended, restore again with --force"
        ) from error
    finally:
        work.clean()
    return Restored(manifest, work.kept, work.aside)


class _Placing:
    """Puts files in place: first all beside where they belong, on the disk, and then each with a rename."""

    def __init__(self, folder: Path, state: StateDir, database_file: Path, now: datetime) -> None:
        self._folder, self._state, self._database = folder, state, database_file
        self._suffix = f"{ASIDE}{now:%Y%m%dT%H%M%S}"
        self._staged: dict[Path, Path] = {}
        self.kept: list[Path] = []
        self.aside: list[Path] = []

    def stage(self, manifest: Manifest) -> None:
        for name, facts in manifest.files.items():
            target = self._database if name == DATABASE else self._state.root / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            staged = target.with_name(f"{target.name}.restore")
            self._staged[target] = staged
            shutil.copyfile(self._folder / name, staged)
            staged.chmod(0o600)
            with staged.open("rb+") as file:
                os.fsync(file.fileno())
            if _digest(staged) != facts.sha256:
                raise OSError(None, "is not as it was a moment ago", str(self._folder / name))

    def place(self) -> None:
        for target, staged in self._staged.items():
            if target == self._database:
                # A log that belongs to another database would be played into this one.
                for ending in ("-wal", "-shm"):
                    self._put_aside(Path(f"{target}{ending}"), Path(f"{target}{self._suffix}{ending}"))
            if not target.exists() or self._makes_way(target, staged):
                staged.replace(target)

    def clean(self) -> None:
        for staged in self._staged.values():
            with suppress(OSError):
                staged.unlink(missing_ok=True)

    def _makes_way(self, target: Path, staged: Path) -> bool:
        """Have a file make way, if it does not stay; return whether it did."""
        if not self._is_only_added_to(target):
            # The same database is not the same with another log beside it.
            if target != self._database and _digest(target) == _digest(staged):
                return False
            self._put_aside(target)
        elif _begins_with(target, staged):
            if target.stat().st_size > staged.stat().st_size:
                self.kept.append(target)
            return False
        elif segment_number(target.name) is not None and not _begins_with(staged, target):
            # Another journal, begun anew after a loss: what calls have left in it is wanted too.
            numbers = [number for number, _ in segments(self._state.journal)]
            numbers += [segment_number(path.name) or 0 for path in self._staged]
            self._put_aside(target, segment_path(self._state.journal, max(numbers) + 1))
        elif not _begins_with(staged, target):
            if target in {self._state.imported_file, self._state.queue_log}:
                # Begun anew as well: the controller reads both parts as one.
                with staged.open("ab") as file:
                    file.write(target.read_bytes())
                    os.fsync(file.fileno())
            self._put_aside(target)
        return True

    def _is_only_added_to(self, path: Path) -> bool:
        state = self._state
        folders = (state.journal, state.degraded, state.recordings)
        return path in {state.imported_file, state.queue_log} or (
            path.suffix == ".log" and path.parent in folders
        )

    def _put_aside(self, path: Path, to: Path | None = None) -> None:
        to = to or path.with_name(f"{path.name}{self._suffix}")
        if path.exists():
            path.rename(to)
            self.aside.append(to)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _begins_with(path: Path, beginning: Path) -> bool:
    """Whether a file is another one with or without something after it."""
    with path.open("rb") as here, beginning.open("rb") as there:
        while block := there.read(_BLOCK):
            if here.read(len(block)) != block:
                return False
    return True


def _children(directory: Path) -> list[Path]:
    return sorted(directory.iterdir()) if directory.is_dir() else []


def _answers(bind: Bind) -> bool:
    try:
        socket.create_connection((bind.host, bind.port), timeout=_PROBE_S).close()
    except OSError:
        return False
    return True

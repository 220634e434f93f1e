"""What is in a backup: ``manifest.json``, written last and checked first."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from suar.backup.errors import BackupInvalid

NAME = "manifest.json"
DATABASE = "suar.db"
ASIDE = ".replaced-"
"""In the name of a file that a restore has put aside; it is in no backup."""

_KNOWN = re.compile(r"suar\.db|secrets\.toml|asterisk/log/degraded\.log|(journal|recordings|areas)/.+")


class FileFacts(BaseModel):
    """One file, as it was when the backup was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class Manifest(BaseModel):
    """A backup. ``files`` are relative to its folder, and to the state directory that they come from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    suar: str
    """The version that made it."""
    node: str
    made_at: datetime
    database: Literal["sqlite", "elsewhere", "none"]
    """``elsewhere``: in PostgreSQL, which has its own ways."""
    schema_revision: str | None
    has_recordings: bool
    files: dict[str, FileFacts]

    @field_validator("files")
    @classmethod
    def _stay_below(cls, files: dict[str, FileFacts]) -> dict[str, FileFacts]:
        for name in files:
            path = PurePosixPath(name)
            if ".." in path.parts or not _KNOWN.fullmatch(name):
                raise ValueError(f"{name!r} is no file of a backup")
        return files


def read(folder: Path) -> Manifest:
    """Read a backup's manifest. Raises :class:`~suar.backup.errors.BackupInvalid`."""
    path = folder / NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BackupInvalid(f"{path}: {error.strerror}; name a folder that `suar backup` made") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BackupInvalid(f"{path}: {where}: {first['msg']}; use another backup") from error


def complaints(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield what is not as the manifest says. Raises :class:`OSError`."""
    for name, facts in manifest.files.items():
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != facts.sha256:
                yield f"{name} was changed after the backup was made"

"""What is written to disks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from suar.disk import write_anew


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails in the midst costs nothing; what it left behind is in nobody's way."""
    path = tmp_path / "secret.toml"
    write_anew(path, b"first", 0o600)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_anew(path, b"second", 0o600)
    assert path.read_bytes() == b"first"
    write_anew(path, b"third", 0o600)
    assert path.read_bytes() == b"third"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]

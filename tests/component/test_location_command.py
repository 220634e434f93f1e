"""``suar location parse``: what it prints and how it exits, and that it never shows a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.location.documents import CIRCLE, device, presence

GOOD = presence(device(CIRCLE)).encode()


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "suar", "location", *arguments], input=given, capture_output=True, timeout=30
    )


def test_a_usable_document_is_printed_as_json_and_exits_zero(tmp_path: Path) -> None:
    """From a file."""
    file = tmp_path / "surat.xml"
    file.write_bytes(GOOD)
    done = run("parse", str(file))
    printed = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (printed["kind"], printed["claims"][0]["latitude"]) == ("pidf-lo", -7.2575)


def test_standard_input_without_a_place_exits_three_and_still_prints_json() -> None:
    """What is wrong is in the JSON."""
    done = run("parse", "-", given=b"\xff\xfe garbage \x00\x01")
    printed = json.loads(done.stdout)
    assert done.returncode == 3
    assert printed["claims"] == []
    assert printed["errors"]


@pytest.mark.parametrize(
    "arguments", [("parse",), ("parse", "/nonexistent/file"), ("parse", "/"), ("pars", "-")]
)
def test_a_wrong_command_or_an_unreadable_file_exits_two_without_a_traceback(
    arguments: tuple[str, ...],
) -> None:
    """The message names the file and the way out."""
    done = run(*arguments)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr

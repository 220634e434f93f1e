"""The demonstration, as a newcomer runs it: its own verdict decides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from suar.city import load
from tests.integration.conftest import SURABAYA, with_free_ports


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty one, with a short name: Asterisk's socket is far below it."""
    with TemporaryDirectory(prefix="suar-demo-") as name:
        yield Path(name)


def test_the_four_stories_come_true(folder: Path) -> None:
    """`suar demo --once`, on ports of its own, in an empty folder; it leaves no process behind."""
    text, city = SURABAYA.read_text(), load(SURABAYA)
    free = with_free_ports(city).network
    for name in city.network.bind_names():
        text = text.replace(str(getattr(city.network, name)), str(getattr(free, name)))
    (folder / "city.toml").write_text(text)
    command = [sys.executable, "-m", "suar", "--city", "city.toml", "demo", "--once"]
    environment = {**os.environ, "PYTHONPATH": str(SURABAYA.parents[1])}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All four stories came true" in done.stdout
    # What the parts have logged tells each call in one line, and nobody's number or place.
    log = (folder / "var" / "demo-sby1" / "demo.log").read_text()
    ended = [json.loads(line) for line in log.splitlines() if '"call_ended"' in line]
    assert sorted(line["outcome"] for line in ended) == ["normal", "normal", "normal", "terputus"]
    assert {"ring_s", "triage_s", "wait_s", "talk_s", "wrap_up_s", "location_source"} <= set(ended[0])
    for private in ("628121234567", "0315012345", "7.2796", "112.7381"):
        assert private not in log
    left = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True, check=False).stdout
    assert left == ""

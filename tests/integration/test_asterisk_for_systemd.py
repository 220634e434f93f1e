"""Asterisk as systemd starts it: one process in the foreground, which itself says when it has booted."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from suar.asterisk.install import install
from suar.asterisk.process import Asterisk
from suar.paths import StateDir
from tests.bench.bed import city_file


async def test_it_becomes_asterisk_and_says_that_it_is_ready(tmp_path: Path) -> None:
    """The process that was started is the one that answers, and ends cleanly when told to."""
    (tmp_path / "city.toml").write_text(city_file(1))
    state = StateDir(tmp_path / "state")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "suar", "--city", str(tmp_path / "city.toml")),
            *("--state", str(state.root), "asterisk", "run"),
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "NO_COLOR": "1"},
        )
        try:
            assert b"READY=1" in await asyncio.to_thread(systemd.recv, 4096)
            asterisk = Asterisk(state, install())
            assert int(asterisk.pid_file.read_text()) == running.pid
            assert asterisk.is_running()
            running.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(running.wait(), 20) == 0
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()

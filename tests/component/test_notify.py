"""What systemd is told, heard on a real datagram socket."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from suar import notify
from suar.city import load
from tests.component.conftest import CITY
from tests.ports import free_ports

ROOT = Path(__file__).parents[2]
PROCESSES = [name for name in ("ari_app", "agi", "dashboards") if find_spec(f"{name}.__main__")]


class Systemd:
    """The end of the socket that systemd would hold."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))

    def hear(self, patience_s: float = 0.0) -> dict[str, str]:
        """Return the next datagram's lines; none if nothing comes."""
        # A patience of 0 makes the socket non-blocking.
        self._socket.settimeout(patience_s)
        try:
            lines = self._socket.recv(4096).decode().splitlines()
        except (BlockingIOError, TimeoutError):
            return {}
        return dict(line.split("=", 1) for line in lines)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["a path", "an abstract name"])
def systemd(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Systemd]:
    """A socket of each kind that systemd may give."""
    name = (
        f"@suar-{secrets.token_hex(8)}" if request.param == "an abstract name" else str(tmp_path / "notify")
    )
    held = Systemd(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield held
    held.close()


def test_systemd_is_told_ready_what_and_stopping(systemd: Systemd) -> None:
    """A status is one line, whatever it is made of."""
    notify.ready("takes calls")
    notify.status("two\nlines")
    notify.stopping()
    assert systemd.hear() == {"READY": "1", "STATUS": "takes calls"}
    assert systemd.hear() == {"STATUS": "two lines"}
    assert systemd.hear() == {"STOPPING": "1"}
    assert systemd.hear() == {}


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "relative"])
def test_without_a_socket_of_systemds_nothing_is_sent(
    address: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is anything said of it: the process was started by a person."""
    if address is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify.ready()
    said = capsys.readouterr()
    assert said.out + said.err == ""


def test_a_socket_that_is_gone_costs_a_line_in_the_log_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Calls do not depend on it."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify.ready()
    said = capsys.readouterr()
    assert "systemd_not_told" in said.out + said.err


def test_a_full_socket_never_stops_the_event_loop(systemd: Systemd) -> None:
    """More is said than systemd takes; the sender goes on at once."""
    began = time.monotonic()
    for _ in range(3000):
        notify.status("busy")
    assert time.monotonic() - began < 5
    heard = 0
    while systemd.hear():
        heard += 1
    assert 0 < heard < 3000


@pytest.mark.parametrize(
    ("variables", "expected_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "10000000"}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
    ],
)
def test_who_is_watched_is_told_by_systemd(
    variables: dict[str, str], expected_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a child that only inherited the variables."""
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert notify.watchdog_s() == expected_s


async def test_it_beats_twice_in_the_time_that_systemd_gives(
    systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first moment until the work is done, whose result is handed on; then no more."""
    monkeypatch.setenv("WATCHDOG_USEC", "200000")

    async def work() -> str:
        await asyncio.sleep(0.55)
        return "done"

    assert await notify.watched(work()) == "done"
    beats = 0
    while systemd.hear() == {"WATCHDOG": "1"}:
        beats += 1
    assert 4 <= beats <= 6
    await asyncio.sleep(0.15)
    assert systemd.hear() == {}


async def test_a_stalled_event_loop_falls_silent(systemd: Systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    """For longer than systemd's patience: that is what ends the process."""
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    async with notify.beating():
        await asyncio.sleep(0)
        assert systemd.hear() == {"WATCHDOG": "1"}
        time.sleep(0.5)  # noqa: ASYNC251 - the stall
        assert systemd.hear() == {}


@pytest.mark.parametrize("process", PROCESSES)
async def test_each_process_tells_systemd_of_its_life(process: str, tmp_path: Path) -> None:
    """It beats, is ready once it does its work, and says that it stops; with nothing else running."""
    systemd = Systemd(str(tmp_path / "notify"))
    (tmp_path / "city.toml").write_text(_on_free_ports(CITY.read_text()))
    arguments = ["--city", str(tmp_path / "city.toml"), "--state", str(tmp_path / "state")]
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", process, *arguments),
        cwd=ROOT,
        env={**os.environ, "NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "1000000"},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        heard = await _until(systemd, "READY")
        assert {"WATCHDOG": "1"} in heard
        assert heard[-1]["STATUS"]
        await _until(systemd, "WATCHDOG")
        running.send_signal(signal.SIGTERM)
        await _until(systemd, "STOPPING")
        assert await asyncio.wait_for(running.wait(), 10) == 0
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
        systemd.close()


async def _until(systemd: Systemd, name: str) -> list[dict[str, str]]:
    """Return what is heard up to ``name``."""
    heard: list[dict[str, str]] = []
    while not heard or name not in heard[-1]:
        heard.append(await asyncio.to_thread(systemd.hear, 60.0))
        assert heard[-1], f"no {name}: {heard}"
    return heard


def _on_free_ports(city: str) -> str:
    """Return the city file on ports that nobody has."""
    binds = load(CITY).network.bind_names()
    for bind, port in zip(binds, free_ports(len(binds)), strict=True):
        old = next(line for line in city.splitlines() if line.startswith(f"{bind} ="))
        city = city.replace(old, f'{bind} = "127.0.0.1:{port}"')
    return city

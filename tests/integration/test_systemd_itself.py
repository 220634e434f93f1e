"""The units as systemd itself reads them: this host's, and the one that Debian has now."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from suar.asterisk import debian
from suar.asterisk.install import tools_dir
from suar.city import load
from suar.systemd.place import Place
from suar.systemd.render import render, write

PLACE = Place("suar", Path("/opt/suar"), Path("/etc/suar/city.toml"), Path("/var/lib/suar/node"))
SERVICES = (
    "suar-asterisk.service",
    "suar-controller@a.service",
    "suar-controller@b.service",
    "suar-rescuer.service",
    "suar-web.service",
)
# What every Linux with systemd has, and our units refer to.
SYSTEM = ("basic", "multi-user", "network-online", "shutdown", "sysinit", "umount")
MOST_EXPOSED = 2.0
"""Of 10; a service without any of these settings has about 9.5."""


def brought() -> list[str]:
    """Return systemd-analyze of Debian, unpacked: whoever runs this may have no systemd at all."""
    prefix = debian.install(["libseccomp2", "systemd"], tools_dir() / "systemd")
    libraries = f"{prefix.libraries}:{prefix.libraries / 'systemd'}"
    return [
        str(prefix.loader),
        "--library-path",
        libraries,
        str(prefix.root / "usr" / "bin" / "systemd-analyze"),
    ]


HOSTS = [[program]] if (program := shutil.which("systemd-analyze")) else []


@pytest.fixture(scope="module", params=["brought", *("the host's" for _ in HOSTS)])
def analyze(request: pytest.FixtureRequest) -> list[str]:
    """systemd-analyze, as a command: Debian's newest, and the host's if it has one."""
    return brought() if request.param == "brought" else HOSTS[0]


@pytest.fixture
def root(tmp_path: Path, city_file: Path) -> Path:
    """The root of a machine on which the units are installed."""
    folder = tmp_path / "etc" / "systemd" / "system"
    write(render(load(city_file), PLACE), folder)
    for name in SYSTEM:
        (folder / f"{name}.target").write_text(f"[Unit]\nDescription={name}\nDefaultDependencies=no\n")
    python = tmp_path / PLACE.python.relative_to("/")
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    return tmp_path


def ask(analyze: list[str], root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*analyze, "--no-pager", f"--root={root}", *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_LOG_LEVEL": "warning"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_systemd_finds_nothing_wrong(analyze: list[str], root: Path) -> None:
    """No unknown setting, no bad value, no program that is not there."""
    done = ask(analyze, root, "--man=no", "verify", "suar.target", *SERVICES)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_systemd_would_find_a_wrong_setting(analyze: list[str], root: Path) -> None:
    """The check before this one can fail: systemd complains of what it does not know, and goes on."""
    unit = root / "etc" / "systemd" / "system" / "suar-web.service"
    unit.write_text(unit.read_text().replace("RestartSec=1", "RestartSec=soon\nRestartNever=1"))
    done = ask(analyze, root, "--man=no", "verify", "suar-web.service")
    assert "RestartNever" in done.stderr
    assert "soon" in done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_hardly_exposed(analyze: list[str], root: Path, service: str) -> None:
    """By systemd's own measure."""
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    done = ask(analyze, root, "security", "--offline=yes", threshold, "--json=short", service)
    assert done.returncode == 0, [
        (one["name"], one["exposure"]) for one in json.loads(done.stdout) if one["exposure"]
    ]
    settings = {one["json_field"] for one in json.loads(done.stdout)}
    assert {"NoNewPrivileges", "ProtectSystem", "MemoryDenyWriteExecute"} <= settings


def test_a_service_without_its_walls_would_be_found(analyze: list[str], root: Path) -> None:
    """The threshold is one that can be missed."""
    unit = root / "etc" / "systemd" / "system" / "suar-web.service"
    lines = [
        line
        for line in unit.read_text().splitlines()
        if not line.startswith(("System", "Protect", "Private"))
    ]
    unit.write_text("\n".join(lines) + "\n")
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    assert ask(analyze, root, "security", "--offline=yes", threshold, "suar-web.service").returncode != 0

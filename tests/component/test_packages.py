"""Bringing Asterisk: what is said where it cannot be had. No network here: apt and dpkg are played."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from suar.asterisk import debian
from suar.asterisk.errors import InstallFailed
from suar.asterisk.install import OLDEST, _parse


@pytest.fixture
def apt(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, str, str]]:
    """Answers of apt-get and dpkg, by their verb: status, output, complaint."""
    answers = {
        "--print-architecture": (0, "amd64\n", ""),
        "indextargets": (0, "http://mirror.invalid/debian bookworm main\n", ""),
        "update": (0, "", ""),
        "install": (0, "", ""),
    }

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        for verb, (status, output, complaint) in answers.items():
            if verb in command:
                return subprocess.CompletedProcess(command, status, output, complaint)
        raise AssertionError(command)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(debian, "_KEYRING", Path(__file__))
    monkeypatch.delenv("SUAR_DEBIAN_MIRROR", raising=False)
    return answers


def failure(tmp_path: Path) -> str:
    with pytest.raises(InstallFailed) as caught:
        debian.install(["asterisk"], tmp_path / "prefix")
    assert not (tmp_path / "prefix").exists()
    return str(caught.value)


UNREACHABLE = "E: Failed to fetch http://mirror.invalid/...  Could not resolve 'mirror.invalid'\n"


@pytest.mark.parametrize(
    ("verb", "answer", "says"),
    [
        ("update", (100, "", UNREACHABLE), "check the network, or set SUAR_DEBIAN_MIRROR"),
        ("install", (100, "", "E: Unable to locate package asterisk\n"), "no such package for this kind"),
        ("install", (100, "", "E: write error: No space left on device\n"), "the disk is full"),
        ("install", (100, "", "something else\n"), "something else"),
        ("indextargets", (0, "\n", ""), "this machine's apt knows no Debian mirror"),
        ("--print-architecture", (0, "m68k\n", ""), "m68k: Debian forky has no Asterisk"),
    ],
)  # fmt: skip
def test_each_obstacle_is_named_with_the_way_out(
    apt: dict[str, Any], tmp_path: Path, verb: str, answer: tuple[int, str, str], says: str
) -> None:
    """And nothing bears the prefix's name that is not whole."""
    apt[verb] = answer
    assert says in failure(tmp_path)


def test_a_machine_that_is_not_debian_is_told_so(
    apt: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may bring an Asterisk of its own."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert "this is not a Debian machine; install Asterisk 22.10" in failure(tmp_path)


def test_a_full_disk_is_told_before_anything_is_fetched(
    apt: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how much is needed."""
    usage = type("Usage", (), {"free": 5 * 2**20})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert "5 MB free, 700 MB needed" in failure(tmp_path)


def test_a_mirror_may_be_chosen_and_none_of_security_or_updates_is(
    apt: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting first, then the machine's own, without its special suites."""
    apt["indextargets"] = (
        0,
        "http://a.invalid/debian-security bookworm-security main\n"
        "http://b.invalid/debian bookworm-updates main\n"
        "http://c.invalid/debian bookworm main\n",
        "",
    )
    assert debian.mirror() == "http://c.invalid/debian"
    monkeypatch.setenv("SUAR_DEBIAN_MIRROR", "http://mine.invalid/debian")
    assert debian.mirror() == "http://mine.invalid/debian"


def test_a_whole_prefix_is_used_as_it_is(apt: dict[str, Any], tmp_path: Path) -> None:
    """The second time nothing is asked of anybody."""
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    (prefix / ".packages").write_text("asterisk\n")
    del apt["update"]
    assert debian.install(["asterisk"], prefix).multiarch == "x86_64-linux-gnu"


@pytest.mark.parametrize(
    ("said", "is_enough"), [("22.10.1", True), ("22.11.0", True), ("22.10.0", False), ("20.16.0", False)]
)
def test_a_version_is_compared_by_its_numbers(said: str, is_enough: bool) -> None:
    """22.9 is older than 22.10."""
    assert (_parse(said) >= OLDEST) is is_enough
    assert _parse("22.9.0") < OLDEST

"""Bringing Asterisk, with a fake apt-get and dpkg: what comes when, and what is said where it cannot."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from suar.asterisk import debian
from suar.asterisk import install as installing
from suar.asterisk.errors import InstallFailed

APT_GET = """#!/bin/sh
here=$(dirname "$0")/..
echo "$*" >> "$here/calls"
case "$*" in
    *indextargets*) cat "$here/targets" ;;
    *update*) [ ! -f "$here/update" ] || { cat "$here/update" >&2; exit 100; } ;;
    *download-only*)
        [ ! -f "$here/download" ] || { cat "$here/download" >&2; exit 100; }
        archives=$(sed -n 's/^Dir::Cache::archives "\\(.*\\)";$/\\1/p' "$APT_CONFIG")
        echo package > "$archives/asterisk.deb" ;;
esac
"""
DPKG = """#!/bin/sh
here=$(dirname "$0")/..
case "$1" in
    --print-architecture) cat "$here/architecture" ;;
    --extract)
        libraries="$3/usr/lib/$(cat "$here/multiarch")"
        mkdir -p "$libraries" "$3/usr/sbin"
        [ ! -f "$here/extract" ] || { cat "$here/extract" >&2; exit 2; }
        printf '#!/bin/sh\\nshift 2\\nexec "$@"\\n' > "$libraries/$(cat "$here/loader")"
        printf '#!/bin/sh\\necho Asterisk %s\\n' "$(cat "$here/version")" > "$3/usr/sbin/asterisk"
        chmod 755 "$libraries/$(cat "$here/loader")" "$3/usr/sbin/asterisk" ;;
esac
"""
SOURCES = """http://security.example/debian-security trixie-security main
http://mirror.example/debian trixie-updates main
http://mirror.example/debian trixie main
"""


class Machine:
    """A Debian machine of which the test says what its apt and dpkg answer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tools = root / "tools"
        self.says("targets", SOURCES)
        self.is_a("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2")
        self.says("version", "22.10.1~dfsg+~cs6-1")
        self.has("apt-get", APT_GET)
        self.has("dpkg", DPKG)

    def has(self, program: str, script: str) -> None:
        path = self.root / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def is_a(self, architecture: str, multiarch: str, loader: str) -> None:
        self.says("architecture", architecture)
        self.says("multiarch", multiarch)
        self.says("loader", loader)

    def says(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def no_longer_says(self, name: str) -> None:
        (self.root / name).unlink()

    def updates(self) -> int:
        """How often apt was asked for the list of packages."""
        calls = self.root / "calls"
        return calls.read_text().count(" update") if calls.exists() else 0

    @property
    def prefix(self) -> Path:
        return self.tools / "asterisk"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Debian machine without an Asterisk of its own."""
    found = Machine(tmp_path)
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(debian, "_KEYRING", keyring)
    monkeypatch.setattr(installing, "_HOSTS_PROGRAM", tmp_path / "nowhere")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("SUAR_TOOLS", str(found.tools))
    monkeypatch.delenv("SUAR_DEBIAN_MIRROR", raising=False)
    return found


def test_it_is_brought_once_and_found_again(machine: Machine) -> None:
    """A second install asks apt nothing; the program runs through the prefix's own loader."""
    build = installing.install()
    assert build.version == "22.10.1"
    assert Path(build.command[0]).parent == machine.prefix / "usr" / "lib" / "x86_64-linux-gnu"
    assert Path(build.command[-1]) == machine.prefix / "usr" / "sbin" / "asterisk"
    assert installing.install() == build
    assert machine.updates() == 1


def test_two_installs_at_once_bring_it_once(machine: Machine) -> None:
    """The second waits for the first and uses what it brought."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: debian.install(["asterisk"], machine.prefix), range(4)))
    assert found[0].command("usr/sbin/asterisk") == found[3].command("usr/sbin/asterisk")
    assert machine.updates() == 1


@pytest.mark.parametrize(
    ("architecture", "multiarch", "loader"),
    [
        ("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
        ("ppc64el", "powerpc64le-linux-gnu", "ld64.so.2"),
        ("riscv64", "riscv64-linux-gnu", "ld-linux-riscv64-lp64d.so.1"),
    ],
)
def test_other_machines_have_other_loaders(
    machine: Machine, architecture: str, multiarch: str, loader: str
) -> None:
    """Nothing is made for x86-64 alone."""
    machine.is_a(architecture, multiarch, loader)
    build = installing.install()
    assert Path(build.command[0]).name == loader
    assert multiarch in str(build.modules)


def test_the_mirror_is_the_machines_own(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its security archive nor one written into the project; a setting goes before it."""
    assert debian.mirror() == "http://mirror.example/debian"
    monkeypatch.setenv("SUAR_DEBIAN_MIRROR", "http://other.example/debian")
    assert debian.mirror() == "http://other.example/debian"


def test_an_interrupted_install_leaves_no_half_prefix(machine: Machine) -> None:
    """The next install begins anew and succeeds."""
    machine.says("extract", "dpkg-deb: error: failed to write: No space left on device")
    with pytest.raises(InstallFailed, match=r"the disk is full.*SUAR_TOOLS"):
        installing.install()
    assert not machine.prefix.exists()
    machine.no_longer_says("extract")
    assert installing.install().version == "22.10.1"
    assert sorted(path.name for path in machine.tools.iterdir()) == [".lock", "asterisk"]


def test_a_prefix_that_has_become_too_old_is_brought_afresh(machine: Machine) -> None:
    """What an older Suar unpacked is replaced once the mirror has something newer."""
    machine.says("version", "22.10.0~dfsg-1")
    with pytest.raises(InstallFailed, match=r"22\.10\.1 is needed"):
        installing.install()
    assert machine.prefix.is_dir()
    machine.says("version", "22.10.2~dfsg-1")
    assert installing.install().version == "22.10.2"


def test_a_failed_renewal_leaves_what_was_there(machine: Machine) -> None:
    """The old prefix goes only when a new one is whole."""
    debian.install(["asterisk"], machine.prefix)
    machine.says("download", "E: Failed to fetch http://mirror.example/a.deb  Connection timed out")
    with pytest.raises(InstallFailed, match="no way to the Debian mirror"):
        debian.install(["asterisk"], machine.prefix, afresh=True)
    assert (machine.prefix / "usr" / "sbin" / "asterisk").is_file()


@pytest.mark.parametrize(
    ("step", "apt_says", "way_out"),
    [
        ("update", "E: Could not connect to mirror.example:80, connection timed out", "check the network"),
        ("update", "E: Temporary failure resolving 'mirror.example'", "SUAR_DEBIAN_MIRROR"),
        (
            "update",
            "W: GPG error: NO_PUBKEY 0123\nE: The repository 'x' is not signed.",
            "upgrade debian-archive-keyring",
        ),
        ("update", "E: The repository 'x forky Release' does not have a Release file.", "SUAR_DEBIAN_MIRROR"),
        ("download", "E: Unable to locate package asterisk", "no such package for this kind of machine"),
        ("download", "E: You don't have enough free space: not enough free space in /x", "make room"),
    ],
)
def test_what_apt_says_becomes_a_way_out(machine: Machine, step: str, apt_says: str, way_out: str) -> None:
    """A person without knowledge of apt can go on."""
    machine.says(step, apt_says + "\n")
    with pytest.raises(InstallFailed, match=way_out):
        installing.install()
    assert not machine.prefix.exists()


def test_a_machine_that_is_no_debian_is_told_so(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither apt-get nor dpkg: an Asterisk of its own would do."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(InstallFailed, match="not a Debian machine; install Asterisk"):
        installing.install()


def test_an_architecture_without_packages_is_named(machine: Machine) -> None:
    """Before anything is brought."""
    machine.is_a("sparc64", "sparc64-linux-gnu", "ld-linux.so.2")
    with pytest.raises(InstallFailed, match="sparc64"):
        installing.install()
    assert machine.updates() == 0


def test_a_missing_keyring_is_named_with_its_package(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing unsigned is ever unpacked."""
    monkeypatch.setattr(debian, "_KEYRING", tmp_path / "missing.gpg")
    with pytest.raises(InstallFailed, match="apt-get install debian-archive-keyring"):
        installing.install()


def test_a_full_disk_is_seen_before_anything_is_brought(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How much is needed, how much there is, and what to set."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(InstallFailed, match=r"5 MB free, 700 MB needed.*SUAR_TOOLS"):
        installing.install()
    assert machine.updates() == 0


def test_a_folder_that_cannot_be_written_is_named(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the setting that chooses another."""
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("SUAR_TOOLS", str(tmp_path / "a-file" / "tools"))
    with pytest.raises(InstallFailed, match="set SUAR_TOOLS to a folder of yours"):
        installing.install()


def test_a_machine_whose_apt_knows_no_mirror_is_told_what_to_set(machine: Machine) -> None:
    """No host is written into the project."""
    machine.says("targets", "http://archive.example/ubuntu noble main\n")
    with pytest.raises(InstallFailed, match="SUAR_DEBIAN_MIRROR"):
        installing.install()


@pytest.mark.parametrize(
    ("hosts", "used"),
    [
        ("echo Asterisk 22.10.1", "22.10.1"),
        ("echo Asterisk 23.0.0", "23.0.0"),
        ("echo Asterisk 22.10.0", "private"),
        ("echo Asterisk 20.19.3", "private"),
        ("exit 1", "private"),
    ],
)
def test_the_hosts_own_asterisk_is_used_where_it_is_new_enough(
    machine: Machine, hosts: str, used: str
) -> None:
    """Else, or where it does not run, a private one is brought."""
    machine.says("version", "22.10.1")
    machine.has("asterisk", f"#!/bin/sh\n{hosts}\n")
    build = installing.install()
    if used == "private":
        assert str(machine.prefix) in build.command[-1]
    else:
        assert (build.version, build.command) == (used, (str(machine.root / "bin" / "asterisk"),))
        assert machine.updates() == 0


def test_apt_is_kept_away_from_the_machines_own_packages(machine: Machine) -> None:
    """State, cache and sources of its own, and signatures checked."""
    machine.has("apt-get", APT_GET.replace("*update*)", '*update*) cp "$APT_CONFIG" "$here/seen" ;;\n *x*)'))
    installing.install()
    seen = (machine.root / "seen").read_text()
    for setting in ("Dir::State", "Dir::State::status", "Dir::Cache", "Dir::Etc", "Dir::Etc::sourcelist"):
        assert f'{setting} "{machine.tools}{os.sep}' in seen
    assert "AllowUnauthenticated" not in seen

"""Debian packages in a private prefix: unpacked, never installed; the host's own packages are not touched.

The set of packages is resolved by the machine's own apt, with a state, a cache and sources of its own,
and an empty dpkg status, so that the whole closure comes, down to the C library. A program from the
prefix is started through the prefix's own loader. Signatures are checked with Debian's keyring as ever.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suar.asterisk.errors import InstallFailed
from suar.log import get_logger

SUITE = "forky"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_NEEDED_BYTES = 700 * 1024 * 1024
_DOWNLOAD_S = 600

log = get_logger()


@dataclass(frozen=True, slots=True)
class Prefix:
    """A folder with unpacked packages, and the way to run what is in it."""

    root: Path
    multiarch: str
    """Such as ``x86_64-linux-gnu``."""

    @property
    def libraries(self) -> Path:
        return self.root / "usr" / "lib" / self.multiarch

    @property
    def loader(self) -> Path:
        """The prefix's own dynamic loader."""
        # Most architectures call it ld-linux-<name>.so.<n>; ppc64el and s390x call it ld64.so.<n>.
        patterns = ("ld-linux*.so.*", "ld64.so.*")
        found = [file for pattern in patterns for file in sorted(self.libraries.glob(pattern))]
        if not found:
            raise InstallFailed(f"{self.root}: has no dynamic loader; remove the folder and install again")
        return found[0]

    def command(self, program: str) -> list[str]:
        """Return how to start ``program``, such as ``usr/bin/sipp``."""
        path = self.root / program
        return [str(self.loader), "--library-path", str(self.libraries), str(path)]


def install(packages: Sequence[str], prefix: Path, *, afresh: bool = False) -> Prefix:
    """Unpack ``packages`` and all that they need into ``prefix``; at once if that was done before.

    ``afresh`` brings them again, for a prefix that has become too old.

    Raises :class:`~suar.asterisk.errors.InstallFailed`, naming the way out.
    """
    prefix = prefix.absolute()
    multiarch = _multiarch()
    stamp = prefix / ".packages"
    wanted = sorted(packages)
    contents = {SUITE, multiarch, *wanted}
    if not afresh and _stamped(stamp, contents):
        return Prefix(prefix, multiarch)
    try:
        prefix.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InstallFailed(
            f"{prefix.parent}: {error.strerror}; set SUAR_TOOLS to a folder of yours"
        ) from error
    with _alone(prefix.parent):
        if afresh or not _stamped(stamp, contents):
            _install(wanted, prefix, multiarch)
    return Prefix(prefix, multiarch)


def _stamped(stamp: Path, contents: set[str]) -> bool:
    """Whether the prefix is whole, and of this suite, architecture and these packages."""
    try:
        return contents <= set(stamp.read_text().split())
    except OSError:
        return False


def _install(wanted: list[str], prefix: Path, multiarch: str) -> None:
    free = shutil.disk_usage(prefix.parent).free
    if free < _NEEDED_BYTES:
        raise InstallFailed(
            f"{prefix.parent}: {free // 2**20} MB free, {_NEEDED_BYTES // 2**20} MB needed; "
            "make room, or set SUAR_TOOLS to a folder on another disk"
        )
    fresh = prefix.with_name(prefix.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    work = fresh / ".apt"
    try:
        for name in ("lists/partial", "archives/partial", "etc/preferences.d", "etc/trusted.gpg.d"):
            (work / name).mkdir(parents=True)
        environment = _configure(work)
        log.info("packages_resolving", packages=wanted, suite=SUITE)
        _apt(["update"], environment)
        _apt(["install", "--yes", "--download-only", *wanted], environment)
        archives = sorted((work / "archives").glob("*.deb"))
        for archive in archives:
            _run(["dpkg", "--extract", str(archive), str(fresh)], os.environ)
        shutil.rmtree(work)
        (fresh / ".packages").write_text("\n".join([SUITE, multiarch, *wanted]) + "\n")
        # Only a whole prefix ever bears the name: an interrupted install leaves a folder called .new.
        outdated = prefix.with_name(prefix.name + ".old")
        shutil.rmtree(outdated, ignore_errors=True)
        if prefix.exists():
            prefix.replace(outdated)
        fresh.replace(prefix)
        shutil.rmtree(outdated, ignore_errors=True)
    except OSError as error:
        raise InstallFailed(f"{fresh}: {error.strerror}; make room, or set SUAR_TOOLS") from error
    log.info("packages_unpacked", count=len(archives), prefix=str(prefix))


def _configure(work: Path) -> dict[str, str]:
    if not _KEYRING.is_file():
        raise InstallFailed(f"{_KEYRING} is missing; apt-get install debian-archive-keyring")
    (work / "status").touch()
    (work / "etc" / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {mirror()} {SUITE} main\n")
    settings = {
        "Dir::State": work,
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work,
        "Dir::Cache::archives": work / "archives",
        "Dir::Etc": work / "etc",
        "Dir::Etc::sourcelist": work / "etc" / "sources.list",
        "Acquire::Check-Valid-Until": "false",  # A mirror may lag behind.
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        # Else apt calls an update that reached nobody a success.
        "APT::Update::Error-Mode": "any",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
    }
    configuration = work / "apt.conf"
    configuration.write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()))
    return {**os.environ, "APT_CONFIG": str(configuration), "LC_ALL": "C.UTF-8"}


def mirror() -> str:
    """Return the Debian mirror: the setting SUAR_DEBIAN_MIRROR, or the one that this machine's apt uses."""
    if chosen := os.environ.get("SUAR_DEBIAN_MIRROR"):
        return chosen
    targets = _run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"], os.environ)
    sites: list[str] = []
    for line in targets.splitlines():
        site, _, rest = line.partition(" ")
        if "debian" in site and not re.search(r"-security|security\.|-updates|-backports", f"{site} {rest}"):
            sites.append(site)
    if not sites:
        raise InstallFailed(
            "this machine's apt knows no Debian mirror (apt-get indextargets); run apt-get update, "
            "or set SUAR_DEBIAN_MIRROR to the address of one"
        )
    return sites[0]


def _multiarch() -> str:
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise InstallFailed(
                f"{program} is not here: this is not a Debian machine; install Asterisk 22.10 or newer "
                "from your own distribution, and Suar uses that"
            )
    architecture = _run(["dpkg", "--print-architecture"], os.environ).strip()
    known = {
        "amd64": "x86_64-linux-gnu",
        "arm64": "aarch64-linux-gnu",
        "armhf": "arm-linux-gnueabihf",
        "i386": "i386-linux-gnu",
        "ppc64el": "powerpc64le-linux-gnu",
        "riscv64": "riscv64-linux-gnu",
        "s390x": "s390x-linux-gnu",
    }
    if architecture not in known:
        raise InstallFailed(f"{architecture}: Debian {SUITE} has no Asterisk for this kind of machine")
    return known[architecture]


def _apt(arguments: list[str], environment: dict[str, str]) -> None:
    _run(["apt-get", "--quiet", "--quiet", *arguments], environment)


def _run(command: list[str], environment: os._Environ[str] | dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_DOWNLOAD_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InstallFailed(f"{command[0]} got no answer in {_DOWNLOAD_S} s; try again") from error
    if done.returncode:
        raise InstallFailed(_explain(command, done.stderr))
    return done.stdout


def _explain(command: list[str], said: str) -> str:
    """Turn what apt said into a sentence with a way out."""
    last = [line.removeprefix("E: ") for line in said.splitlines() if line.startswith("E: ")]
    detail = " ".join(last[-2:]) or said.strip()[-300:] or "it failed without a word"
    if re.search(r"NO_PUBKEY|not signed|EXPKEYSIG|signatures were invalid", said):
        return (
            f"the mirror's signature cannot be checked: {detail}; "
            "apt-get install --only-upgrade debian-archive-keyring"
        )
    if re.search(r"does not have a Release file", said):
        return f"this mirror has no Debian {SUITE}: {detail}; set SUAR_DEBIAN_MIRROR to one that has"
    if re.search(r"resolv|connect|unreachable|timed out|Failed to fetch", said, re.IGNORECASE):
        return f"no way to the Debian mirror: {detail}; check the network, or set SUAR_DEBIAN_MIRROR"
    if re.search(r"No space left|not enough free space", said):
        return f"the disk is full: {detail}; make room, or set SUAR_TOOLS to a folder on another disk"
    if re.search(r"Unable to locate|no installation candidate", said):
        return f"Debian {SUITE} has no such package for this kind of machine: {detail}"
    return f"{' '.join(command[:4])}: {detail}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one install at a time into a folder."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

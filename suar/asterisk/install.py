"""Which Asterisk to use: the host's own where it is new enough, else one in a private prefix."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from suar.asterisk import debian
from suar.asterisk.errors import InstallFailed
from suar.log import get_logger

# 22.10.1 closes a hole in REST over WebSocket through which a read-only user could load modules.
OLDEST = (22, 10, 1)
# Whispering to an operator is broken in it; calls are not.
_REGRESSED = (22, 11, 0)
# Not on an ordinary user's path.
_HOSTS_PROGRAM = Path("/usr/sbin/asterisk")
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]

log = get_logger()


@dataclass(frozen=True, slots=True)
class Build:
    """An Asterisk that can be run."""

    command: tuple[str, ...]
    version: str
    modules: Path
    shared: Path
    """Its ``/usr/share/asterisk``: the documentation and the description of ARI."""


def tools_dir() -> Path:
    """Return where private prefixes are kept: SUAR_TOOLS, or ``.tools`` of a checkout, or the user's data."""
    if chosen := os.environ.get("SUAR_TOOLS"):
        return Path(chosen)
    if (_PACKAGE_ROOT / "pyproject.toml").is_file():
        return _PACKAGE_ROOT / ".tools"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "suar"


def install() -> Build:
    """Find an Asterisk that is new enough, or bring one.

    Raises :class:`~suar.asterisk.errors.InstallFailed`.
    """
    build = _hosts_own() or _private()
    if _parse(build.version) == _REGRESSED:
        log.warning("asterisk_has_a_known_fault", version=build.version, fault="supervisor whisper")
    return build


def install_sipp() -> list[str]:
    """Bring SIPp, which plays the phones of the demonstration and the tests; return its command."""
    prefix = debian.install(["sip-tester"], tools_dir() / "sipp")
    return prefix.command("usr/bin/sipp")


def _hosts_own() -> Build | None:
    program = shutil.which("asterisk") or str(_HOSTS_PROGRAM)
    if not Path(program).is_file():
        return None
    try:
        version = _version([program])
    except InstallFailed as error:
        log.warning("hosts_asterisk_is_unusable", why=str(error))
        return None
    if _parse(version) < OLDEST:
        return None
    modules = next(Path("/usr/lib").glob("*/asterisk/modules"), Path("/usr/lib/asterisk/modules"))
    return Build((program,), version, modules, Path("/usr/share/asterisk"))


def _private() -> Build:
    packages, root = ["asterisk"], tools_dir() / "asterisk"
    prefix = debian.install(packages, root)
    command = prefix.command("usr/sbin/asterisk")
    version = _version(command)
    if _parse(version) < OLDEST:
        # Unpacked long ago, or by a Suar that asked for less: the mirror may have moved on.
        prefix = debian.install(packages, root, afresh=True)
        version = _version(command)
    if _parse(version) < OLDEST:
        raise InstallFailed(
            f"the mirror has Asterisk {version}, and {'.'.join(map(str, OLDEST))} is needed; "
            "set SUAR_DEBIAN_MIRROR to a mirror that is up to date"
        )
    return Build(
        tuple(command),
        version,
        prefix.libraries / "asterisk" / "modules",
        prefix.root / "usr" / "share" / "asterisk",
    )


def _version(command: list[str]) -> str:
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise InstallFailed(f"{command[-1]} does not run: {error}") from error
    return said.stdout.strip().removeprefix("Asterisk ").partition("~")[0].partition("+")[0]


def _parse(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])

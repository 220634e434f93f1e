"""Asterisk's configuration, made from the city file. Rendering is pure; `write` puts it on the disk."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from suar.asterisk.degraded import degraded_queues, triage_config
from suar.asterisk.install import Build
from suar.city import City
from suar.paths import StateDir, shipped
from suar.secret import Secrets

DEAD_MAN_S = 3
SCRIPT_S = 2
ASKED_AT_ONCE = 40
TRIAGE_FILE = "triage.json"
# What Asterisk itself writes of a caller: carrier, what she dialled, number, whether it is shown, if a test.
_OFFERED = "|".join(
    (
        "${SUAR_CARRIER}",
        "${SUAR_DIALLED}",
        "${FILTER(0-9+,${CALLERID(num)})}",
        "${CALLERID(num-pres)}",
        "${SUAR_TEST}",
    )
)
_SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a running Asterisk finds and keeps things."""

    etc: Path
    log: Path
    run: Path
    data: Path
    spool: Path
    db: Path
    recordings: Path
    degraded: Path
    modules: Path

    @classmethod
    def of(cls, state: StateDir, build: Build) -> Paths:
        own = state.asterisk
        return cls(
            etc=own / "etc",
            log=own / "log",
            run=own / "run",
            data=own / "data",
            spool=own / "spool",
            db=own / "db",
            recordings=state.recordings,
            degraded=state.degraded,
            modules=build.modules,
        )

    def create(self) -> None:
        for directory in (self.etc, self.log, self.run, self.data, self.spool, self.db, self.recordings):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)


def render(city: City, secrets: Secrets, paths: Paths) -> dict[str, str]:
    """Return every file of the configuration by its name. No I/O but reading the templates."""
    environment = Environment(
        loader=FileSystemLoader(shipped("asterisk-config")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - these are no web pages; what a city file may say is checked there
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = _plain
    values = {
        "city": city,
        "secrets": secrets,
        "paths": paths,
        "entity_id": _entity_id(city.node),
        "loopback": city.network.sip_bind.host.startswith("127."),
        "dead_man_s": DEAD_MAN_S,
        "script_s": SCRIPT_S,
        "asked_at_once": ASKED_AT_ONCE,
        "degraded_queues": degraded_queues(city),
        "offered": _OFFERED,
        "carrier_networks": {
            f"ipv{version}": [
                str(address)
                for one in city.carriers
                for address in one.addresses
                if address.version == version
            ]
            for version in (4, 6)
        },
    }
    names = [name for name in environment.list_templates() if name.endswith(_SUFFIX)]
    files = {name.removesuffix(_SUFFIX): environment.get_template(name).render(values) for name in names}
    return files | {TRIAGE_FILE: triage_config(city, paths.data / "sounds")}


def write(files: Mapping[str, str], paths: Paths, build: Build, languages: tuple[str, ...]) -> None:
    """Put the configuration, the prompts and Asterisk's own documentation where it will look for them.

    Files are readable by their owner only and replaced as a whole. What an earlier version rendered and
    this one does not is removed.
    """
    paths.create()
    for name, text in files.items():
        fresh = paths.etc / f"{name}.new"
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        fresh.replace(paths.etc / name)
    for stale in set(paths.etc.iterdir()) - {paths.etc / name for name in files}:
        stale.unlink()
    _place_data(paths, build, languages)


def _place_data(paths: Paths, build: Build, languages: tuple[str, ...]) -> None:
    (paths.data / "keys").mkdir(exist_ok=True, mode=0o700)
    for name in ("documentation", "rest-api"):
        _link(paths.data / name, build.shared / name)
    prompts = shipped("asterisk-config") / "prompts"
    for language in languages:
        _copy(prompts / language, paths.data / "sounds" / language / "suar")
    _copy(prompts / "moh", paths.data / "moh" / "waiting")
    _place_agi(paths)


def _place_agi(paths: Paths) -> None:
    """Write the script that Asterisk starts for a caller: this Python, whatever its path."""
    folder = paths.data / "agi-bin"
    folder.mkdir(exist_ok=True, mode=0o700)
    command = [sys.executable, "-P", "-m", "agi.triage", str(paths.etc / TRIAGE_FILE), str(paths.degraded)]
    fresh = folder / "suar-triage.new"
    fresh.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n")
    fresh.chmod(0o700)
    fresh.replace(folder / "suar-triage")


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*.wav"):
        shutil.copyfile(file, target / file.name)


def _plain(text: str) -> str:
    """Return a name fit for a SIP display name, whatever it is made of."""
    return '"' + re.sub(r'["\\;<>]', "", text) + '"'


def _entity_id(node: str) -> str:
    digest = hashlib.sha256(node.encode()).digest()
    # A locally administered, unicast address.
    octets = [(digest[0] & 0xFC) | 0x02, *digest[1:6]]
    return ":".join(f"{octet:02x}" for octet in octets)

"""The city's secrets: made at first start, kept in one file that only its owner can read."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suar.city import City
from suar.disk import write_anew
from suar.errors import StateDirUnusable
from suar.paths import StateDir

_NAMES = (
    "ari_password",
    "ami_password",
    "control_token",
    "ingest_token",
    "session_key",
    "metrics_token",
    "webhook_key",
    "aml_token",
    "aml_hmac_key",
    "sms_key",
    "hep_key",
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the parts of Suar prove themselves to one another with. Its ``repr`` shows nothing."""

    ari_password: str = field(repr=False)
    ami_password: str = field(repr=False)
    control_token: str = field(repr=False)
    """The dashboards to the call controller."""
    ingest_token: str = field(repr=False)
    """The call controller to the dashboards."""
    session_key: str = field(repr=False)
    metrics_token: str = field(repr=False)
    """Whoever collects figures, to every part that has some."""
    webhook_key: str = field(repr=False)
    """The call controller to whoever is told of alarms: it signs with this."""
    aml_token: str = field(repr=False)
    """Whoever posts phones' locations, to the public address."""
    aml_hmac_key: str = field(repr=False)
    """What phones' locations are signed with."""
    sms_key: str = field(repr=False)
    """What we prove ourselves to the SMS gateway with; whoever runs that puts it in."""
    hep_key: str = field(repr=False)
    """Asterisk's copies of SIP messages to the call controller."""
    operator_sip_passwords: Mapping[str, str] = field(repr=False)
    supervisor_sip_passwords: Mapping[str, str] = field(repr=False)

    @classmethod
    def load_or_create(cls, state: StateDir, city: City) -> Secrets:
        """Read the secrets; make those that are missing, and write the file if any was.

        Raises :class:`~suar.errors.StateDirUnusable` if the file cannot be read or written.
        """
        path = state.secrets_file
        state.create()
        kept = _read(path)
        own = {name: str(kept.get(name) or secrets.token_urlsafe(32)) for name in _NAMES}
        phones: dict[str, dict[str, str]] = {}
        for table, people in (
            ("operator_sip_passwords", [one.id for one in city.operators]),
            ("supervisor_sip_passwords", [one.id for one in city.supervisors]),
        ):
            phones[table] = dict(kept.get(table) or {})
            for person in people:
                phones[table].setdefault(person, secrets.token_urlsafe(18))
        if {**own, **phones} != kept:
            _write(path, own, phones)
        return cls(**own, **phones)  # type: ignore[arg-type]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StateDirUnusable(
            f"{path}: {error}; restore it from a backup, or remove it to have new secrets made"
        ) from error


def _write(path: Path, own: Mapping[str, str], phones: Mapping[str, Mapping[str, str]]) -> None:
    lines = ["# Made by Suar. Keep it secret; remove a line to have that secret made anew."]
    lines += [f'{name} = "{value}"' for name, value in own.items()]
    for table, passwords in phones.items():
        lines += ["", f"[{table}]"]
        lines += [f'"{name}" = "{value}"' for name, value in passwords.items()]
    try:
        write_anew(path, ("\n".join(lines) + "\n").encode(), 0o600)
    except OSError as error:
        raise StateDirUnusable(f"{path}: {error.strerror}") from error

"""What a unit could not work with, found before it is written rather than at three in the morning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from suar.city import City
from suar.systemd.place import Place

# The units see none of these: ProtectHome=, PrivateTmp= and a fresh /run/user.
_HIDDEN = tuple(Path(name) for name in ("/home", "/root", "/run/user", "/tmp", "/var/tmp"))  # noqa: S108 - refused
# What needs neither quotes nor escapes in any line of a unit, systemd.syntax(7).
_PLAIN = re.compile(r"/[A-Za-z0-9._/+,@-]*")
# systemd.exec(5), User=, the strict rule.
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_FIRST_FREE_PORT = 1024


def complaints(city: City, place: Place) -> Iterator[str]:
    """Yield a sentence for each thing that would not work, with the way out."""
    if not _USER.fullmatch(place.user):
        yield f"--user {place.user!r}: small letters, digits, - and _, a letter first, at most 31"
    elif place.user == "root":
        yield "--user root: nothing of Suar needs root; useradd --system suar, and give --user suar"
    for option, path in (("--prefix", place.prefix), ("--city", place.city_file), ("--state", place.state)):
        if not _PLAIN.fullmatch(str(path)):
            yield f"{option} {path}: a unit's path has letters, digits and ._/+,@- only; choose another place"
        elif any(path.is_relative_to(hidden) for hidden in _HIDDEN):
            yield (
                f"{option} {path}: units see neither home directories nor /tmp; "
                "keep it below /opt, /etc/suar or /var/lib/suar"
            )
    if place.state in (Path("/"), place.prefix) or place.prefix.is_relative_to(place.state):
        yield f"--state {place.state}: holds the program, which its own processes could then change"
    for name in city.network.bind_names():
        bind = getattr(city.network, name)
        if bind is not None and bind.port < _FIRST_FREE_PORT:
            yield (
                f"network.{name}: port {bind.port} is for root; "
                f"choose one from {_FIRST_FREE_PORT} on, behind a proxy or a rule of nftables"
            )

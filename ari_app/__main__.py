"""``python -m ari_app --city FILE --state DIRECTORY``: run the call controller."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

import uvloop

from ari_app import collecting
from ari_app.app import serve
from suar import notify
from suar.city import load
from suar.errors import SuarError
from suar.log import configure
from suar.workplace import Workplace


def main() -> int:
    """Run until told to stop. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="ari_app", description="Suar's call controller.")
    parser.add_argument("--city", type=Path, required=True, help="the city file")
    parser.add_argument("--state", type=Path, help="the state directory")
    parser.add_argument("--standby", action="store_true", help="wait until the one that runs is gone")
    given = parser.parse_args()
    configure("ari_app")
    os.umask(0o077)
    work = Workplace(given.city, given.state)
    try:
        serving = serve(work.city, work.state, work.secrets, partial(load, given.city), standby=given.standby)
        collecting.begin()
        uvloop.run(notify.watched(serving))
    except SuarError as error:
        print(f"ari_app: {error}", file=sys.stderr)  # noqa: T201 - told to the one who started us
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

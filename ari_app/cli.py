"""``suar drain``."""

from __future__ import annotations

import json
import time
import urllib.request
from urllib.error import URLError

import typer

from suar.errors import Blame, SuarError
from suar.workplace import Workplace

_PERIOD_S = 1.0


class NothingToDrain(SuarError):
    """No call controller answers."""

    blame = Blame.HOST


def drain(work: Workplace, wait_s: float) -> None:
    """Ask for the drain, and tell how many calls are left until the controller has stopped.

    Raises :class:`NothingToDrain` if nobody answers, or calls are still in progress after ``wait_s``.
    """
    url = f"http://{work.city.network.control_bind}/v1/drain"
    until, first = time.monotonic() + wait_s, True
    while time.monotonic() < until:
        request = urllib.request.Request(
            url, method="POST", headers={"Authorization": f"Bearer {work.secrets.control_token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
                left = json.load(response)["calls"]
        except (URLError, OSError) as error:
            if first:
                raise NothingToDrain(f"{url}: nobody answers; the call controller does not run") from error
            typer.echo("drained: the call controller has stopped")
            return
        typer.echo(f"{left} calls left")
        first = False
        time.sleep(_PERIOD_S)
    raise NothingToDrain(f"calls are still in progress after {wait_s:.0f} s; run it again to wait on")

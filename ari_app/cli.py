"""``suar drain`` and ``suar reload``."""

from __future__ import annotations

import json
import time
import urllib.request
from urllib.error import HTTPError, URLError

import typer

from suar.errors import Blame, SuarError
from suar.workplace import Workplace

_PERIOD_S = 1.0


class NobodyAnswers(SuarError):
    """No call controller answers, or it is not done in time."""

    blame = Blame.HOST


def drain(work: Workplace, wait_s: float) -> None:
    """Ask for the drain, and tell how many calls are left until the controller has stopped.

    Raises :class:`NobodyAnswers` if nobody answers, or calls are still in progress after ``wait_s``.
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
                raise NobodyAnswers(f"{url}: nobody answers; the call controller does not run") from error
            typer.echo("drained: the call controller has stopped")
            return
        typer.echo(f"{left} calls left")
        first = False
        time.sleep(_PERIOD_S)
    raise NobodyAnswers(f"calls are still in progress after {wait_s:.0f} s; run it again to wait on")


class NotReloaded(SuarError):
    """The controller goes on by its old rules."""

    blame = Blame.INPUT


def reload(work: Workplace) -> None:
    """Have the controller read the city file anew, and tell what it has taken up.

    Raises :class:`NobodyAnswers` if nobody answers, and :class:`NotReloaded` with what is wrong.
    """
    url = f"http://{work.city.network.control_bind}/v1/reload"
    request = urllib.request.Request(
        url, method="POST", headers={"Authorization": f"Bearer {work.secrets.control_token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            found = json.load(response)
    except HTTPError as error:
        raise NotReloaded(_message(error)) from error
    except (URLError, OSError) as error:
        raise NobodyAnswers(f"{url}: nobody answers; the call controller does not run") from error
    typer.echo(f"taken up: {', '.join(found['taken_up']) or 'nothing has changed'}")
    if found["waiting"]:
        typer.echo(f"waiting for `suar asterisk render` and a restart: {', '.join(found['waiting'])}")


def _message(error: HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the call controller answers {error.code}"

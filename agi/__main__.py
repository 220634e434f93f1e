"""``python -m agi``: the rescuer of a city."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from agi.ami import AmiSettings
from agi.rescuer import Rescuer
from agi.status import answering
from suar import notify
from suar.errors import SuarError
from suar.log import configure, get_logger
from suar.workplace import Workplace

log = get_logger()


async def serve(work: Workplace) -> None:
    """Watch until SIGTERM or SIGINT."""
    city, secrets = work.city, work.secrets
    bind = city.network.ami_bind
    rescuer = Rescuer(
        city,
        f"http://{city.network.control_bind}",
        secrets.control_token,
        AmiSettings(bind.host, bind.port, "suar-rescuer", secrets.ami_password),
        work.state.operators_file,
    )
    async with answering(rescuer.status, city.network.rescuer_bind, secrets.metrics_token):
        await _watch(rescuer, city.node)


async def _watch(rescuer: Rescuer, node: str) -> None:
    watching = asyncio.create_task(rescuer.run(), name="rescuer")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, watching.cancel)
    # Both tasks have begun, and the watchdog's first beat is out.
    await asyncio.sleep(0)
    log.info("rescuer_started", node=node)
    notify.ready("watches the controller")
    try:
        await watching
    except asyncio.CancelledError:
        notify.stopping()
        log.info("rescuer_stopping")


def main() -> int:
    """Run the rescuer. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m agi", description=__doc__)
    parser.add_argument("--city", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    configure("agi")
    try:
        asyncio.run(notify.watched(serve(Workplace(options.city, options.state))))
    except SuarError as error:
        log.error("rescuer_cannot_run", reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

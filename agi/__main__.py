"""``python -m agi``: the rescuer of a city."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agi.ami import AmiSettings
from agi.probe import Probe
from agi.rescuer import Rescuer
from agi.status import answering
from agi.watch import Watch
from suar import notify
from suar.alarms import Alarm, Alarms, History, News
from suar.alarms.webhook import Webhook
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
    history = History(work.state.alarms / "rescuer.log")
    alarms = Alarms()
    alarms.restore(await asyncio.to_thread(history.open))
    alarms.drop_unconfirmed()
    webhook = Webhook(city.alarms.webhook_url, secrets.webhook_key, city.node)

    def tell(alarm: Alarm, news: News) -> None:
        history.note(alarm, news, datetime.now(UTC))
        webhook.tell(alarm, news)

    alarms.on_news = tell
    probe = Probe(city.emergency_number, rescuer.ami, f"http://{city.network.web_bind}", secrets.ingest_token)
    watch = Watch(probe.call, alarms, rescuer.status)

    async def live() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(rescuer.run(), name="rescuer")
            group.create_task(webhook.run(), name="webhook")
            group.create_task(watch.run(city.test_calls.every_s), name="test-calls")

    try:
        async with answering(
            rescuer.status,
            alarms,
            city.network.rescuer_bind,
            secrets.metrics_token,
            secrets.control_token,
        ):
            await _until_stopped(live(), city.node)
    finally:
        await asyncio.to_thread(history.close)


async def _until_stopped(life: Coroutine[Any, Any, None], node: str) -> None:
    watching = asyncio.create_task(life, name="life")
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, watching.cancel)
    # All tasks have begun, and the watchdog's first beat is out.
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

"""``python -m tests.faults [NAME...]``: every fault, its table to the screen and to ``docs/faults.md``."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from suar.asterisk.install import install, install_sipp
from tests.faults.fault import Fault
from tests.faults.lane import may_be_alone, run_apart
from tests.faults.row import HEADINGS, Row
from tests.faults.table import FAULTS

_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_SIZE = 36
_OPERATORS = 8
_LANES = 3


async def main() -> int:
    """Run the faults whose name has one of the words in it; all of them if there is none."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("word", nargs="*", help="part of a fault's name")
    parser.add_argument("--times", type=int, default=3, help="how often each comes (%(default)s)")
    parser.add_argument("--lanes", type=int, default=_LANES, help="how many at once (%(default)s)")
    given = parser.parse_args()
    body = asyncio.current_task()
    if body is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, body.cancel)
    install()
    install_sipp()
    words: list[str] = given.word
    faults = [one for one in FAULTS if not words or any(word in one.name for word in words)]
    free = asyncio.Semaphore(given.lanes if may_be_alone() else 1)
    began = time.monotonic()
    print("| " + " | ".join(HEADINGS) + " |", flush=True)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_try(fault, given.times, free)) for fault in faults]
    rows = [task.result() for task in tasks]
    if not words:
        _PAGE.write_text(_page([row.as_line() for row, _ in rows], time.monotonic() - began))
    return 1 if any(missed for _, missed in rows) else 0


async def _try(fault: Fault, times: int, free: asyncio.Semaphore) -> tuple[Row, bool]:
    async with free:
        try:
            row = await run_apart(FAULTS.index(fault), times, _SIZE, _OPERATORS)
            complaints = row.complaints(fault)
        except RuntimeError as error:
            row, complaints = Row(fault.name, 0), [str(error)]
    print(row.as_line(), *(f"\n    MISSED: {one}" for one in complaints), flush=True)
    return row, bool(complaints)


def _page(lines: list[str], took_s: float) -> str:
    heads = "| " + " | ".join(HEADINGS) + " |\n|" + " --- |" * len(HEADINGS)
    return f"""# What happens when a part fails

Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}, in {took_s / 60:.0f} minutes: real Asterisk, SIPp
callers with voices, {_OPERATORS} operators. Each fault comes several times at random moments, with callers in
the menu, waiting, ringing, talking, and operators in their wrap-up; more call while it lasts. A caller is
lost if she is cut off or never hears a human. Silence is measured in what she received, from the answer to
her hang-up. Counts are of all times together, times are the worst.

{heads}
""" + "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

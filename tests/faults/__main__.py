"""``python -m tests.faults [NAME...]``: every fault, its table to the screen and to ``docs/faults.md``."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import time
from pathlib import Path

from suar.asterisk.install import install, install_sipp
from tests.faults.fault import Fault
from tests.faults.lane import may_be_alone, run_apart
from tests.faults.page import Circumstances, Result, render
from tests.faults.row import HEADINGS, Row
from tests.faults.table import FAULTS

_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_SIZE = 36
_OPERATORS = 8
_LANES = max(1, (os.cpu_count() or 1) // 2)
"""A city with its crowd, voices and all, keeps more than one processor busy."""
_SET_UPS = 2


async def main() -> int:
    """Run the faults whose name has one of the words in it; all of them if there is none."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("word", nargs="*", help="part of a fault's name")
    parser.add_argument("--times", type=int, default=1, help="how often each comes (%(default)s)")
    parser.add_argument("--lanes", type=int, default=_LANES, help="how many at once (%(default)s)")
    given = parser.parse_args()
    body = asyncio.current_task()
    if body is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, body.cancel)
    install()
    install_sipp()
    words: list[str] = given.word
    faults = [one for one in FAULTS if not words or any(word in one.name for word in words)]
    lanes: int = given.lanes if may_be_alone() else 1
    began, waited_s = time.monotonic(), _waited_for_a_processor_s()
    print("| " + " | ".join(HEADINGS) + " |", flush=True)
    free = asyncio.Semaphore(lanes)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_try(fault, given.times, free)) for fault in faults]
    results = [task.result() for task in tasks]

    def write_page() -> None:
        took_s = time.monotonic() - began
        busy = (_waited_for_a_processor_s() - waited_s) / took_s
        _PAGE.write_text(render(results, Circumstances(given.times, lanes, _OPERATORS, took_s, busy)))

    if not words:
        write_page()
    if lanes > 1:
        for number, fault in enumerate(faults):
            results[number] = await _confirm(fault, results[number], given.times)
            if not words:
                write_page()
    return 1 if any(one.missed for one in results) else 0


async def _try(fault: Fault, times: int, free: asyncio.Semaphore) -> Result:
    """Run a fault; one whose city could not be set up, or that hung, is set up once more."""
    async with free:
        for _ in range(_SET_UPS):
            try:
                row = await run_apart(FAULTS.index(fault), times, _SIZE, _OPERATORS)
            except RuntimeError as error:
                result = Result(Row(fault.name, 0), [f"not run: {error}"])
            else:
                result = Result(row, row.complaints(fault))
                break
    print(result.row.as_line(), *(f"\n    MISSED: {one}" for one in result.missed), flush=True)
    return result


async def _confirm(fault: Fault, first: Result, times: int) -> Result:
    """Let a fault come once more, alone, if it took too long beside others and missed nothing else."""
    if not first.missed or first.row.counted(fault):
        return first
    second = await _try(fault, times, asyncio.Semaphore(1))
    second.missed_at_first = first.missed
    return second


def _waited_for_a_processor_s() -> float:
    """Return for how long somebody has waited for a processor since the machine started (Linux' PSI)."""
    try:
        found = re.search(r"^some .*total=(\d+)", Path("/proc/pressure/cpu").read_text(), re.M)
    except OSError:
        return 0.0
    return int(found[1]) / 1e6 if found else 0.0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

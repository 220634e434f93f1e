"""``python -m tests.faults [NAME...]``: every fault, its table to the screen and to ``docs/faults.md``."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.bed import city
from tests.faults.row import HEADINGS, run
from tests.faults.table import FAULTS

_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_SIZE = 24
_OPERATORS = 8


async def main(wanted: list[str]) -> int:
    """Run the faults whose name has one of ``wanted`` in it; all of them if there is none."""
    body = asyncio.current_task()
    if body is not None:
        # Whoever stops us must not leave a city behind.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, body.cancel)
    faults = [one for one in FAULTS if not wanted or any(word in one.name for word in wanted)]
    began, lines, missed = time.monotonic(), [], 0
    print("| " + " | ".join(HEADINGS) + " |", flush=True)
    for series, fault in enumerate(faults):
        async with city(_OPERATORS, fault.has_standby) as bed:
            row = await run(bed, fault, series, _SIZE)
        complaints = row.complaints(fault)
        missed += bool(complaints)
        lines.append(row.as_line())
        print(row.as_line(), *(f"\n    MISSED: {one}" for one in complaints), flush=True)
    if not wanted:
        _PAGE.write_text(_page(lines, time.monotonic() - began))
    return 1 if missed else 0


def _page(lines: list[str], took_s: float) -> str:
    heads = "| " + " | ".join(HEADINGS) + " |\n|" + " --- |" * len(HEADINGS)
    return f"""# What happens when a part fails

Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}, in {took_s / 60:.0f} minutes: real Asterisk, SIPp
callers with voices, {_OPERATORS} operators. Each fault comes at a random moment, with callers in the menu,
waiting, ringing and talking; more call while it lasts. A caller is lost if she is cut off or never hears a
human. Silence is measured in what she received, from the answer to her hang-up.

{heads}
""" + "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

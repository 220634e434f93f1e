"""``python -m tests.bench [NAME ...]``: run every bench, or those named, and print their figures.

Exit status 1 if one is missed, 2 for a name that no bench has.
"""

from __future__ import annotations

import asyncio
import sys

from tests.bench import (
    acd,
    adoption,
    answering,
    backlog,
    connecting,
    flood,
    flow,
    hearing,
    highest,
    journal,
    locating,
    locations,
    places,
    simulation,
    supervision,
    waiting,
)

_BENCHES = (
    acd,
    journal,
    places,
    locating,
    answering,
    flow,
    backlog,
    connecting,
    highest,
    waiting,
    adoption,
    supervision,
    simulation,
    flood,
    hearing,
    locations,
)


async def main(names: list[str]) -> int:
    """Run them one after another."""
    by_name = {bench.__name__.rpartition(".")[2]: bench for bench in _BENCHES}
    if unknown := [name for name in names if name not in by_name]:
        print(f"{', '.join(unknown)}: no such bench; there are {', '.join(by_name)}", file=sys.stderr)
        return 2
    met = [await by_name[name].run() for name in names or by_name]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

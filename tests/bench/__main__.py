"""``python -m tests.bench``: run every bench and print its figures. Exit status 1 if one is missed."""

from __future__ import annotations

import asyncio
import sys

from tests.bench import acd, adoption, answering, flow, journal, places, simulation, supervision


async def main() -> int:
    """Run them one after another."""
    benches = (acd, journal, places, answering, flow, adoption, supervision, simulation)
    met = [await bench.run() for bench in benches]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

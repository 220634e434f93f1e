"""``make fuzz``: read made-up documents for ten minutes, or ``SECONDS=``; ``--seed`` reads one again."""

from __future__ import annotations

import argparse
import os
import random
import sys

from tests.fuzz.grammar import document
from tests.fuzz.trial import LONGEST_S, Tally, examine, run

MOST_OBJECTS, MOST_KB = 2_000, 32_768
"""A leak has no end; the allocator keeps some 45 MiB after large documents, most of it in the first third."""


def main() -> int:
    """Return the exit status: 0 if nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--start", type=int, help="the first seed; another one each time if not given")
    parser.add_argument("--seed", type=int, help="only this document; it is written to standard output")
    options = parser.parse_args()
    if options.seed is not None:
        sys.stdout.buffer.write(document(random.Random(options.seed)))
        tally = Tally()
        examine(options.seed, tally)
        print(*tally.failures, sep="\n", file=sys.stderr)
        return bool(tally.failures)
    start = options.start if options.start is not None else int.from_bytes(os.urandom(4), "big")
    tally = run(start, seconds=options.seconds)
    if tally.objects_grown > MOST_OBJECTS or tally.memory_grown_kb > MOST_KB:
        tally.failures.append(f"grew by {tally.objects_grown} objects, {tally.memory_grown_kb} KiB")
    print(f"{tally.documents} documents from seed {start}, {tally.with_claims} with a claim")
    print("  " + ", ".join(f"{kind}: {count}" for kind, count in sorted(tally.kinds.items())))
    print(f"  slowest {tally.slowest_s * 1000:.1f} ms of {LONGEST_S * 1000:.0f} (seed {tally.slowest_seed})")
    print(f"  grown by {tally.objects_grown} objects, {tally.memory_grown_kb} KiB after the first third")
    for failure in tally.failures:
        print(f"FOUND {failure}")
    return bool(tally.failures)


if __name__ == "__main__":
    sys.exit(main())

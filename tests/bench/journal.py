"""The write that a call waits for, beside the bare sync of this disk."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from ari_app.outbox import Journal, Outbox
from tests.bench.bed import percentile, say

_TARGET_MS = 20.0
_WRITES = 1000
_PER_SECOND = 100


async def run() -> bool:
    """Write a thousand events at a hundred a second, two at a time; compare with fdatasync alone."""
    with tempfile.TemporaryDirectory(prefix="suar-bench-", dir=Path.cwd()) as folder:
        bare = [await asyncio.to_thread(_sync, Path(folder) / "bare") for _ in range(_WRITES // 4)]
        outbox = Outbox(Journal(Path(folder)))
        outbox.open()
        waits: list[float] = []

        async def publish(number: int) -> None:
            began = time.perf_counter()
            await outbox.publish(f"sby1-1.{number}", "offered", carrier="telkomsel", number="+628121234567")
            waits.append(1000 * (time.perf_counter() - began))

        async with asyncio.TaskGroup() as group:
            for number in range(_WRITES // 2):
                group.create_task(publish(2 * number))
                group.create_task(publish(2 * number + 1))
                await asyncio.sleep(2 / _PER_SECOND)
        await outbox.close()
    say("journal: the write that a call waits for")
    for name, times in (("ours", waits), ("fdatasync", bare)):
        say(f"  {name:9}  p50 {percentile(times, 0.5):6.2f} ms   p99 {percentile(times, 0.99):6.2f} ms")
    ours, disk = percentile(waits, 0.99), percentile(bare, 0.99)
    say(f"  p99 ours / fdatasync: {ours / disk:.2f}   (target: ours < {_TARGET_MS:.0f} ms)")
    return ours < _TARGET_MS


def _sync(path: Path) -> float:
    """Append 200 bytes and sync; return how long it took, in milliseconds."""
    began = time.perf_counter()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, b"x" * 200)
    os.fdatasync(handle)
    os.close(handle)
    return 1000 * (time.perf_counter() - began)

"""A row in a process and, for root, a network and mounts of its own, so that several run at once."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from dataclasses import asdict

from tests.faults.bed import KEEP_LOG, city
from tests.faults.fault import Fault
from tests.faults.row import Row, run

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1  # netdevice(7)
_ANSWER = "row:"
_SET_UP_S, _LONGEST_S, _TAKE_DOWN_S = 90.0, 240.0, 20.0


def may_be_alone() -> bool:
    """Whether a row can have a network of its own here."""
    return os.geteuid() == 0


async def run_apart(number: int, times: int, size: int, operators: int) -> Row:
    """Run the fault of this number in a process of its own.

    Raises :class:`RuntimeError` with what it said, if it ended without an answer.
    """
    given = [str(one) for one in (number, times, size, operators)]
    command = [sys.executable, "-m", "tests.faults.lane", *given]
    if may_be_alone():
        command = ["unshare", "--net", "--mount", "--propagation", "private", *command]
    kept = os.environ.get(KEEP_LOG)
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=os.environ | ({KEEP_LOG: f"{kept}.{number}"} if kept else {}),
    )
    patience_s = _SET_UP_S + times * _LONGEST_S
    try:
        async with asyncio.timeout(patience_s):
            out, errors = await process.communicate()
    except asyncio.CancelledError:
        await _end(process)
        raise
    except TimeoutError:
        await _end(process)
        raise RuntimeError(f"it hung for {patience_s:.0f} s") from None
    for line in out.decode().splitlines():
        if line.startswith(_ANSWER):
            return Row(**json.loads(line.removeprefix(_ANSWER)))
    raise RuntimeError(f"status {process.returncode}: {errors.decode(errors='replace')[-2000:]}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Have a lane take its city down; one that cannot is ended with all that it started."""
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_TAKE_DOWN_S):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def repeat(fault: Fault, number: int, times: int, size: int, operators: int) -> Row:
    """Run one fault several times in one city, with new callers each time."""
    body = asyncio.current_task()
    if body is not None:
        # Whoever stops us must not leave a city behind.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, body.cancel)
    async with city(operators, fault.setting) as bed:
        row = await run(bed, fault, number * 10, size)
        for time in range(1, times):
            row = row.merged(await run(bed, fault, number * 10 + time, size))
    return row


def _raise_loopback() -> None:
    """Bring up ``lo``, which a new network has, but down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def main() -> int:
    """Run the fault that the arguments name, and print its row."""
    from tests.faults.table import FAULTS

    number, times, size, operators = (int(one) for one in sys.argv[1:])
    if may_be_alone():
        _raise_loopback()
    row = asyncio.run(repeat(FAULTS[number], number, times, size, operators))
    print(_ANSWER + json.dumps(asdict(row)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

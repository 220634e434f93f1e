"""Ports for tests that run side by side: each process takes a stretch of its own, and goes round in it.

A port of the kernel's choosing will not do: between the choice and the use, the kernel may give the same one
to another process, or to a connection that somebody opens. These lie above the range that it chooses from
(32768 to 60999, ip(7)), and beside the ports that the city files name, voice's in the benches among them.
"""

from __future__ import annotations

import functools
import itertools
import socket
from collections.abc import Iterator

_LOCAL = "127.0.0.1"
_STRETCHES = range(61_000, 65_500, 250)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, TCP or UDP, and that this process had longest ago."""
    _, ports = _own_stretch()
    free = list(itertools.islice(filter(_is_free, itertools.islice(ports, _STRETCHES.step)), count))
    assert len(free) == count, "no free ports are left for the tests between 61000 and 65500"
    return free


@functools.cache
def _own_stretch() -> tuple[socket.socket, Iterator[int]]:
    """Return this process's ports, for ever round, and what keeps other processes off them while it lives.

    That is a name in the abstract namespace of unix(7): only one process can have it, and it ends with it.
    """
    for first in _STRETCHES:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0suar-tests-ports-{first}")
        except OSError:
            claim.close()
            continue
        return claim, itertools.cycle(range(first, first + _STRETCHES.step))
    raise RuntimeError(f"{len(_STRETCHES)} processes of tests run here already: wait for one to end")


def _is_free(port: int) -> bool:
    with socket.socket(type=socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        # As servers do: what is left of a closed connection keeps nobody from listening.
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind((_LOCAL, port))
            udp.bind((_LOCAL, port))
        except OSError:
            return False
    return True

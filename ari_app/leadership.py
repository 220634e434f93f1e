"""One controller acts on a node; a second stands by, and takes over when the first has gone or hangs.

The lock is the kernel's (flock): it goes with its process, however that ends, so a standby has it within a
tenth of a second. A leader that is alive and does not answer keeps it: the standby then ends that process
first. So two can never both act.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from suar.errors import Blame, SuarError
from suar.log import get_logger

_GLANCE_S = 0.1
_ASK_S = 0.3
_HUNG_AFTER_S = 1.2

log = get_logger()


class AnotherLeads(SuarError):
    """Another controller runs on this state directory; start this one with --standby."""

    blame = Blame.INPUT


class Leadership:
    """The right to act, for as long as the context lasts. Entering a standby's waits for it."""

    def __init__(self, folder: Path, health_url: str, *, standby: bool = False) -> None:
        self._lock = folder / "controller.lock"
        self._bench = folder / "standby.lock"
        self._health_url = health_url
        self.is_standby = standby
        """Whether we are one of two: then another is to stand by while we lead."""
        self._held: int | None = None

    async def __aenter__(self) -> Self:
        """Raises :class:`AnotherLeads` if it is taken and we are no standby."""
        held = _try(self._lock)
        if held is None and not self.is_standby:
            raise AnotherLeads
        if held is None:
            held = await self._stand_by()
        self._held = held
        os.ftruncate(held, 0)
        os.pwrite(held, str(os.getpid()).encode(), 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held is not None:
            os.close(self._held)

    def has_heir(self) -> bool:
        """Whether a standby waits: what we leave in Asterisk will be taken up at once."""
        bench = _try(self._bench)
        if bench is None:
            return True
        os.close(bench)
        return False

    async def _stand_by(self) -> int:
        bench: int | None = None
        log.info("standing_by")
        asking = asyncio.create_task(self._fence_a_hung_leader(), name="leader-watch")
        try:
            while (held := _try(self._lock)) is None:
                # Whoever leads may just look whether somebody has it.
                bench = _try(self._bench) if bench is None else bench
                await asyncio.sleep(_GLANCE_S)
        finally:
            asking.cancel()
            if bench is not None:
                os.close(bench)
        log.warning("standby_takes_over")
        return held

    async def _fence_a_hung_leader(self) -> None:
        loop = asyncio.get_running_loop()
        heard_at = loop.time()
        timeout = aiohttp.ClientTimeout(total=_HUNG_AFTER_S / 2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                try:
                    async with session.get(self._health_url):
                        heard_at = loop.time()
                except (aiohttp.ClientConnectorError, ConnectionError):
                    heard_at = loop.time()  # It starts, or has gone: the lock tells.
                except (aiohttp.ClientError, TimeoutError):
                    pass
                if loop.time() - heard_at >= _HUNG_AFTER_S:
                    self._end_leader()
                    heard_at = loop.time()
                await asyncio.sleep(_ASK_S)

    def _end_leader(self) -> None:
        """End the process that holds the lock, if it is one of ours."""
        try:
            pid = int(self._lock.read_text())
            if b"ari_app" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                log.error("hung_leader_not_ended", pid=pid, reason="another program's process")
                return
            log.error("hung_leader_ended", pid=pid)
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError) as error:
            log.error("hung_leader_not_ended", reason=str(error))


def _try(path: Path) -> int | None:
    """Return an open, locked file, or None if somebody else has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle

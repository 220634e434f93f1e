"""A running Asterisk: a child of ours, started, asked and stopped."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

from suar.asterisk.errors import NotRunning, StartFailed
from suar.asterisk.install import Build, install
from suar.asterisk.render import Paths, render, write
from suar.city import City
from suar.log import get_logger
from suar.paths import StateDir
from suar.secret import Secrets

_BOOT_S = 30.0
_STOP_S = 5.0
_CLI_S = 20.0
_KEEP_S = 0.2
_LOG_LINES = 12
_LONGEST_SOCKET = 107  # sizeof(sun_path) less its last byte, unix(7)
# Asterisk boots all the same when a port is taken: deaf where it should listen.
_DEAF = re.compile(r"could not be started|[Uu]nable to bind|already in use|Cannot assign requested")

log = get_logger()


class Asterisk:
    """The Asterisk of one state directory."""

    def __init__(self, state: StateDir, build: Build) -> None:
        self.build = build
        self.paths = Paths.of(state, build)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def prepare(cls, city: City, state: StateDir, secrets: Secrets) -> Asterisk:
        """Find or bring Asterisk and write its configuration.

        Raises :class:`~suar.asterisk.errors.InstallFailed`.
        """
        state.create()
        build = install()
        asterisk = cls(state, build)
        write(render(city, secrets, asterisk.paths), asterisk.paths, build, city.languages)
        return asterisk

    @classmethod
    @asynccontextmanager
    async def kept_running(cls, city: City, state: StateDir, secrets: Secrets) -> AsyncIterator[Asterisk]:
        """Run Asterisk for as long as the context lasts, and start it again whenever it dies.

        Raises :class:`~suar.asterisk.errors.StartFailed` if it does not start at all.
        """
        asterisk = await asyncio.to_thread(cls.prepare, city, state, secrets)
        async with asterisk.kept() as kept:
            yield kept

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Asterisk]:
        """Start Asterisk, as it has been prepared, and keep it alive for as long as the context lasts."""
        self._process = await asyncio.to_thread(self.start)
        keeper = asyncio.create_task(self._keep(), name="asterisk-keeper")
        try:
            yield self
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await asyncio.to_thread(self.stop, self._process)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_S)
            process = self._process
            if process is None or process.poll() is None:
                continue
            log.error("asterisk_died", status=process.returncode)
            self.pid_file.unlink(missing_ok=True)
            (self.paths.run / "asterisk.ctl").unlink(missing_ok=True)
            try:
                starting = asyncio.create_task(asyncio.to_thread(self.start))
                self._process = await asyncio.shield(starting)
            except asyncio.CancelledError:
                self._process = await starting
                raise
            except StartFailed as error:
                log.error("asterisk_not_started", reason=str(error))

    @property
    def pid(self) -> int | None:
        """The process that :meth:`kept` keeps."""
        return None if self._process is None else self._process.pid

    @property
    def command(self) -> list[str]:
        return [*self.build.command, "-C", str(self.paths.etc / "asterisk.conf")]

    @property
    def pid_file(self) -> Path:
        return self.paths.run / "asterisk.pid"

    def start(self) -> subprocess.Popen[bytes]:
        """Start Asterisk in a session of its own and return when it has booted.

        Raises :class:`~suar.asterisk.errors.StartFailed` with what its log says.
        """
        self._check_room()
        out = self.paths.log / "console.log"
        before = self._log_size()
        with out.open("wb") as console:
            process = subprocess.Popen(
                [*self.command, "-f", "-g"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self.paths.run,
                env=self._environment,
            )
        try:
            self._wait_for_boot(process, out)
            self._hear_complaints(before)
        except (StartFailed, NotRunning):
            self.stop(process)
            raise
        log.info("asterisk_started", version=self.build.version, pid=process.pid)
        return process

    def become(self) -> NoReturn:
        """Become Asterisk, in the foreground: for systemd, which watches this very process.

        Raises :class:`~suar.asterisk.errors.StartFailed`.
        """
        self._check_room()
        os.chdir(self.paths.run)
        # Debian's Asterisk says by itself, over NOTIFY_SOCKET, when it has booted.
        os.execve(self.command[0], [*self.command, "-f"], self._environment)  # noqa: S606 - no shell is wanted

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop the Asterisk that ``start`` returned, and see it end."""
        with suppress(NotRunning):
            self.cli("core stop now")
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None and process.poll() is None:
                process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_S)
                break
        self.pid_file.unlink(missing_ok=True)
        log.info("asterisk_stopped", status=process.returncode)

    def cli(self, command: str) -> str:
        """Run a command of Asterisk's console and return what it prints.

        Raises :class:`~suar.asterisk.errors.NotRunning`.
        """
        try:
            done = subprocess.run(
                [*self.command, "-rx", command], capture_output=True, text=True, timeout=_CLI_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NotRunning(f"Asterisk has not answered for {_CLI_S:.0f} s: {command}") from error
        if done.returncode or "Unable to connect to remote asterisk" in done.stdout + done.stderr:
            raise NotRunning
        return done.stdout

    def is_running(self) -> bool:
        """Whether an Asterisk answers here."""
        if not (self.paths.run / "asterisk.ctl").exists():
            return False
        try:
            self.cli("core show version")
        except NotRunning:
            return False
        return True

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.paths.run)}

    def _check_room(self) -> None:
        if self.is_running():
            raise StartFailed(
                f"{self.paths.run}: an Asterisk runs here already; `suar asterisk stop` stops it"
            )
        socket = self.paths.run / "asterisk.ctl"
        if len(os.fsencode(socket)) > _LONGEST_SOCKET:
            raise StartFailed(f"{socket}: longer than a socket's path may be; give a shorter --state")

    def _wait_for_boot(self, process: subprocess.Popen[bytes], console: Path) -> None:
        for _ in range(round(_BOOT_S * 20)):
            if process.poll() is not None:
                break
            if self.is_running():
                self.cli("core waitfullybooted")
                return
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        raise StartFailed(f"Asterisk did not boot:\n{self._last_words(console)}")

    def _log_size(self) -> int:
        try:
            return (self.paths.log / "full.log").stat().st_size
        except FileNotFoundError:
            return 0

    def _hear_complaints(self, before: int) -> None:
        """Refuse an Asterisk that does not listen where it should; log what else it complains of."""
        with (self.paths.log / "full.log").open(errors="replace") as file:
            file.seek(before)
            complaints = [line.strip() for line in file if " ERROR[" in line]
        deaf = [line for line in complaints if _DEAF.search(line)]
        if deaf:
            raise StartFailed(
                "Asterisk cannot listen where the city file's [network] says; "
                "stop what has the port, or change it:\n" + "\n".join(f"  {line}" for line in deaf)
            )
        for line in complaints:
            log.error("asterisk_complains", line=line)

    def _last_words(self, console: Path) -> str:
        lines: list[str] = []
        for path in (console, self.paths.log / "full.log"):
            with suppress(OSError):
                lines += path.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  it said nothing"

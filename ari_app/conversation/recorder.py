"""Pausing a recording: MixMonitor goes on and writes silence, so that the file keeps its length.

ARI has no word for it; Asterisk's manager interface does (``MixMonitorMute``). One short connection for each
pause: it is rare, and nothing of a call depends on it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ari_app.conversation.errors import ConversationError
from suar.errors import Blame

_PATIENCE_S = 2.0


class RecorderUnavailable(ConversationError):
    """Asterisk's manager interface does not pause or resume the recording."""

    blame = Blame.PEER
    retryable = True
    code = "recorder_unavailable"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Where the manager interface is, and who we are to it."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)

    async def pause(self, channel_id: str) -> None:
        """Record silence from now on, on both sides. Raises :class:`RecorderUnavailable`."""
        await self._mute(channel_id, "1")

    async def resume(self, channel_id: str) -> None:
        """Record again. Raises :class:`RecorderUnavailable`."""
        await self._mute(channel_id, "0")

    async def _mute(self, channel_id: str, state: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reader, writer = await asyncio.open_connection(self.host, self.port)
                try:
                    await reader.readline()  # The greeting.
                    login = {"Username": self.username, "Secret": self.secret, "Events": "off"}
                    await _ask(reader, writer, "Login", login)
                    fields = {"Channel": channel_id, "Direction": "both", "State": state}
                    await _ask(reader, writer, "MixMonitorMute", fields)
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise RecorderUnavailable from error


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, action: str, fields: dict[str, str]
) -> None:
    lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    if any("\r" in line or "\n" in line for line in lines):
        raise RecorderUnavailable(f"{action}: a line break in a value")
    writer.write("\r\n".join(lines).encode())
    answer = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
    while not answer.startswith("Response:"):
        answer = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
    if not answer.startswith("Response: Success"):
        raise RecorderUnavailable(f"{action} was refused")

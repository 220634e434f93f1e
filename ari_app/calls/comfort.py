"""What a waiting caller is told: that nobody is at work, her position, that she is not forgotten.

One voice at a time, over the music, and never in the way: who is answered hears the operator at once, in the
middle of a word if need be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ari_app.ari.errors import AriError, AriRejected
from ari_app.ari.events import AriEvent, ChannelDtmfReceived, PlaybackFinished
from ari_app.calls.call import Call
from ari_app.calls.legs import Leg
from ari_app.calls.music import start_music, stop_music
from ari_app.calls.ports import Ports
from ari_app.calls.unanswered import answer
from suar.log import get_logger

LAST_POSITION = 5
"""There is a prompt for each position up to this one."""

log = get_logger()


class Comfort:
    """The voice that one waiting caller hears."""

    def __init__(self, call: Call, caller: Leg, ports: Ports, tasks: asyncio.TaskGroup) -> None:
        self._call = call
        self._caller = caller
        self._ports = ports
        self._tasks = tasks
        self._speaking: asyncio.Task[object] | None = None
        self._playing: str | None = None

    def say(self, prompt: str, language: str = "") -> None:
        """Speak a prompt; while another is heard, do nothing: she has just been told something."""
        if self._speaking is None or self._speaking.done():
            self._speaking = self._tasks.create_task(self._say(prompt, language or self._call.language))

    def ask(self, prompt: str, on_key: Callable[[], None], within_s: float) -> None:
        """Speak a prompt, and call ``on_key`` if she presses any key within ``within_s`` of its end."""
        if self._speaking is None or self._speaking.done():
            self._speaking = self._tasks.create_task(self._ask(prompt, on_key, within_s))

    async def hush(self) -> None:
        """Stop speaking: somebody is there. While a prompt plays, Asterisk would bring her into no bridge."""
        speaking, playing = self._speaking, self._playing
        if speaking is not None:
            speaking.cancel()
        if playing is not None:
            with suppress(AriError):
                await self._ports.asterisk.playbacks.stop(playing)

    async def _ask(self, prompt: str, on_key: Callable[[], None], within_s: float) -> None:
        has_pressed = await self._say(prompt, self._call.language, ends_with_key=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not has_pressed:
                    has_pressed = isinstance(await self._caller.hear(), ChannelDtmfReceived)
        if has_pressed:
            on_key()

    async def _say(self, prompt: str, language: str, *, ends_with_key: bool = False) -> bool:
        """Play a prompt, and music after it; return whether a key has ended it."""
        has_pressed = False
        call, ports = self._call, self._ports
        playback_id = call.next_playback()
        try:
            await answer(call, ports)
            await stop_music(call, ports)
            self._playing = playback_id
            await ports.asterisk.channels.play(
                call.id, f"sound:suar/{prompt}", playback_id=playback_id, language=language
            )
            while not is_end_of(event := await self._caller.hear(), playback_id):
                if ends_with_key and isinstance(event, ChannelDtmfReceived) and not has_pressed:
                    has_pressed = True
                    await ports.asterisk.playbacks.stop(playback_id)
        except AriRejected as error:
            log.error("prompt_not_played", prompt=prompt, status=error.status)
        self._playing = None
        await start_music(call, ports)
        return has_pressed


def announcement(position: int | None) -> str:
    """Return the prompt for a position in the line; None, or one that has no prompt, is only reassured."""
    return f"position-{position}" if position is not None and position <= LAST_POSITION else "reassurance"


def is_end_of(event: AriEvent, playback_id: str) -> bool:
    """Whether this is the end of that playback."""
    return isinstance(event, PlaybackFinished) and event.playback.id == playback_id

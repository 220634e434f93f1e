"""A test call: it is told that it is one, hears itself as we recorded it, and is thanked.

RFC 6881, section 15, has whoever is tested answer, play back and end. What is played back comes from the
recording, so that a caller who hears herself knows that both work.
"""

from __future__ import annotations

import asyncio
from array import array
from contextlib import suppress
from pathlib import Path

from ari_app.ari.errors import AriRejected
from ari_app.ari.events import PlaybackFinished
from ari_app.calls.call import Call, Phase
from ari_app.calls.legs import Leg
from ari_app.calls.ports import Ports
from suar.log import get_logger

_LISTEN_S = 3.0
_PLAYED_BACK_S = 5
_LONGEST_PROMPT_S = 30.0
_RATE = 8000
_FRAME_BYTES = 4

log = get_logger()


async def rehearse(call: Call, caller: Leg, ports: Ports) -> None:
    """Answer in the place of a queue and an operator. What Asterisk will not play is passed over."""
    ports.enter(call, Phase.TRIAGE)
    await _play(call, caller, ports, "sound:suar/test-call")
    await asyncio.sleep(_LISTEN_S)
    echo = ports.recordings / f"{call.id}.echo.sln"
    try:
        if await asyncio.to_thread(_cut, ports.recordings / f"{call.id}.raw", echo):
            await _play(call, caller, ports, f"sound:{echo.with_suffix('').absolute()}")
    finally:
        # Blocks for less than it takes to wait for a thread, and nothing can cut it short.
        with suppress(OSError):
            echo.unlink(missing_ok=True)
    await _play(call, caller, ports, "sound:suar/goodbye")


async def _play(call: Call, caller: Leg, ports: Ports, media: str) -> None:
    """Play something to its end; what Asterisk will not play is passed over."""
    playback_id = call.next_playback()
    try:
        await ports.asterisk.channels.play(call.id, media, playback_id=playback_id, language=call.language)
    except AriRejected as error:
        log.error("prompt_not_played", status=error.status)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_PROMPT_S):
            while True:
                match await caller.hear():
                    case PlaybackFinished(playback=playback) if playback.id == playback_id:
                        return
                    case _:
                        pass


def _cut(recording: Path, echo: Path) -> bool:
    """Write the caller's last seconds, as headerless 16-bit samples; return whether there are any.

    ``recording`` is MixMonitor's: headerless stereo, left the caller.
    """
    try:
        with recording.open("rb") as file:
            file.seek(0, 2)
            length = file.tell() // _FRAME_BYTES * _FRAME_BYTES
            file.seek(max(0, length - _PLAYED_BACK_S * _RATE * _FRAME_BYTES))
            both = array("h", file.read(length - file.tell()))
        echo.write_bytes(both[::2].tobytes())
    except OSError as error:
        log.warning("test_call_not_played_back", reason=error.strerror)
        return False
    return bool(both)

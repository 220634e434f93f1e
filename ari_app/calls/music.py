"""What a caller hears while nobody speaks to her: never silence."""

from __future__ import annotations

from ari_app.calls.call import Call
from ari_app.calls.ports import Ports

MUSIC = "waiting"


async def start_music(call: Call, ports: Ports) -> None:
    """Let the caller hear the waiting music, unless she does already."""
    if not call.hears_music:
        await ports.asterisk.channels.start_moh(call.id, MUSIC)
        call.hears_music = True


async def stop_music(call: Call, ports: Ports) -> None:
    """Make room for a voice."""
    if call.hears_music:
        await ports.asterisk.channels.stop_moh(call.id)
        call.hears_music = False

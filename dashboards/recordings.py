"""Recordings, played to those who may hear them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from dashboards.errors import NotFound
from dashboards.incidents import service
from dashboards.state import SERVICES


async def send_recording(request: web.Request, call_id: str, who: str) -> web.FileResponse:
    """Send a call's recording, whole or in ranges. The first request of a listening is written down."""
    services = request.app[SERVICES]
    part = request.query.get("part")
    starts = request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
    if starts:
        name = await services.db.write(
            lambda session: service.note_listening(session, call_id, who, services.now(), part)
        )
    else:
        name = await services.db.read(lambda session: service.recording_of(session, call_id, part))
    path = await asyncio.to_thread(_find, services.recordings, name)
    if path is None:
        raise NotFound(f"the recording of {call_id} is not on this machine")
    return web.FileResponse(path, headers={"Content-Type": "audio/wav"})


def _find(folder: Path, name: str) -> Path | None:
    """Return the file, if it is there and nowhere else."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None

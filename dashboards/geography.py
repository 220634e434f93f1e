"""The city's areas and places, as last imported: read at first use, and again when they are imported anew."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suar.areas import Areas, Atlas, Placement, Shape, storing
from suar.areas.claimed import spots_of
from suar.areas.errors import AreasUnusable, PlaceInvalid
from suar.areas.gazetteer import Finder, Suggestion
from suar.areas.gazetteer import importing as gazetteer
from suar.city import City
from suar.location import ClaimInvalid, claim_from
from suar.log import get_logger

_LOOK_S = 2.0

log = get_logger()

Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    atlas: Atlas
    finder: Finder


class Geography:
    """Answers from memory. A file that cannot be read is logged, and what was known before goes on."""

    def __init__(self, city: City, folder: Path) -> None:
        self._city, self._folder = city, folder
        self._lock = asyncio.Lock()
        self._known: _Known | None = None
        self._stamp: Stamp | None = None
        self._looked_at = 0.0

    async def find(self, text: str, limit: int) -> list[Suggestion]:
        """Return what a text may mean, the most likely first."""
        return (await self._current()).finder.find(text, limit)

    async def atlas(self) -> Atlas:
        """Return the city's areas as they are now."""
        return (await self._current()).atlas

    async def locate(self, shape: Shape) -> Placement:
        """Place a shape. Raises :class:`~suar.areas.errors.PlaceInvalid`, naming the field."""
        return (await self._current()).atlas.locate(shape)

    async def locate_claim(self, claim: dict[str, Any] | None) -> Placement | None:
        """Place what is claimed of a caller, by its shape; None for an address, or where no area is known.

        A page is shown all the same: where the claim came from says what is wrong with it.
        """
        if not claim:
            return None
        with suppress(ClaimInvalid):
            for spot in spots_of(claim_from(claim)):
                with suppress(PlaceInvalid):
                    found = await self.locate(spot)
                    return found if found.is_known else None
        return None

    async def _current(self) -> _Known:
        async with self._lock:
            now = time.monotonic()
            if self._known is not None and now - self._looked_at < _LOOK_S:
                return self._known
            self._looked_at = now
            stamp = await asyncio.to_thread(self._look)
            if self._known is None or stamp != self._stamp:
                self._known = await asyncio.to_thread(self._load, self._known)
                self._stamp = stamp
            return self._known

    def _look(self) -> Stamp:
        """Return what changes when a file does."""
        found = []
        for name in (storing.NAME, gazetteer.NAME):
            try:
                status = (self._folder / name).stat()
                found.append((status.st_mtime_ns, status.st_ino))
            except OSError:
                found.append((0, 0))
        return tuple(found)

    def _load(self, before: _Known | None) -> _Known:
        try:
            atlas = Atlas(storing.load(self._folder))
            places = gazetteer.load(self._folder)
        except AreasUnusable as error:
            log.error("areas_unusable", reason=str(error))
            if before is not None:
                return before
            atlas, places = Atlas(Areas()), []
        return _Known(atlas, Finder(self._city, atlas, places))

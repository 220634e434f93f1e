"""What the city's tables say of a call: its line's address, its cell's place; found beside its events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from dashboards.errors import WebError
from dashboards.incidents.claiming import ClaimDoor
from dashboards.incidents.intake import CallEventIn
from suar.location import Reading
from suar.log import get_logger
from suar.lookups import cells, lines
from suar.lookups.errors import TableUnusable
from suar.lookups.imported import Tables
from suar.telephone import NumberPlan

_MOST_NETWORKS = 5

log = get_logger()


class Surroundings:
    """Looks calls up as they come. Nothing waits for it, and whatever goes wrong costs only its claim."""

    def __init__(self, tables: Tables, claims: ClaimDoor, plan: NumberPlan) -> None:
        self._tables, self._claims, self._plan = tables, claims, plan
        self._running: set[asyncio.Task[None]] = set()

    def note(self, call_id: str, events: Iterable[CallEventIn]) -> None:
        """Look up what these events tell of a call; told again, they make the same claims."""
        wanted = [event for event in events if event.type in {"offered", "caller_data"}]
        if wanted:
            task = asyncio.create_task(self._look_up(call_id, wanted), name="surroundings")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def settle(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _look_up(self, call_id: str, events: list[CallEventIn]) -> None:
        try:
            for reading in await asyncio.to_thread(lambda: list(self._readings(events))):
                await self._claims.add(call_id, reading)
        except TableUnusable as error:
            log.error("lookup_unusable", reason=str(error))
        except WebError as error:
            log.warning("lookup_not_kept", call_id=call_id, why=type(error).__name__)
        except Exception:
            log.exception("lookup_failed", call_id=call_id)

    def _readings(self, events: list[CallEventIn]) -> Iterator[Reading]:
        for event in events:
            # The event's own time: told again, the claim is the same.
            at = event.at.astimezone(UTC)
            if event.type == "offered":
                yield from self._of_line(event.data.get("number"), at)
            else:
                yield from self._of_cells(event.data.get("facts"), at)

    def _of_line(self, told: Any, at: datetime) -> Iterator[Reading]:
        number = self._plan.to_e164(told) if isinstance(told, str) else None
        line = None if number is None else self._tables.line(number)
        if line is not None:
            yield lines.claim(line, at)

    def _of_cells(self, facts: Any, at: datetime) -> Iterator[Reading]:
        """Several where the call passed several networks, or two headers name one."""
        networks = facts.get("access_networks") if isinstance(facts, dict) else None
        known = set()
        for access in (networks if isinstance(networks, list) else [])[:_MOST_NETWORKS]:
            cell = self._tables.cell(access) if isinstance(access, dict) else None
            if cell is not None and cell.key not in known:
                known.add(cell.key)
                yield cells.claim(cell, at, access)

"""The dashboards' door for claims of a place: with the controller while the call lives, alone after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dashboards.controller import ControllerLink
from dashboards.db import Database
from dashboards.errors import ControllerDown, NotFound
from dashboards.incidents.places import add_claims
from dashboards.incidents.service import find_by_call
from dashboards.live import LiveHub
from suar.location import Reading
from suar.log import get_logger

log = get_logger()


class ClaimDoor:
    """Adds what documents say to calls and their incidents, whether the calls live or not."""

    def __init__(
        self, db: Database, hub: LiveHub, controller: ControllerLink, now: Callable[[], datetime]
    ) -> None:
        self._db, self._hub, self._controller, self._now = db, hub, controller, now

    async def add(self, call_id: str, reading: Reading) -> str | None:
        """Add what a document says to a call and its incident; return the incident, if it is known yet.

        A claim that is known is passed over. Raises :class:`~dashboards.errors.NotFound` for a call that
        neither the controller nor the database knows, and DatabaseUnavailable.
        """
        incident_id = await self._db.read(lambda session: find_by_call(session, call_id))
        try:
            await self._controller.add_claims(call_id, reading.as_json())
        except (NotFound, ControllerDown) as error:
            if incident_id is None:
                raise NotFound(f"there is no call {call_id}") from error
            log.info("claims_added_alone", call_id=call_id, why=type(error).__name__)
            await self._db.write(
                lambda session: add_claims(session, incident_id, call_id, reading, self._now())
            )
            self._hub.publish("board", "incidents", f"incident:{incident_id}")
        return incident_id

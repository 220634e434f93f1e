"""The calls that a message may belong to, and how claims get to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlmodel import Session, col, select

from dashboards.db import Database
from dashboards.incidents.claiming import ClaimDoor
from dashboards.live import LiveHub
from dashboards.models import Call, Claim, Incident, IncidentEvent
from suar.location import Reading
from suar.location.matching import Candidate, Sender, Window
from suar.telephone import NumberPlan

LONGEST_CALL = timedelta(hours=6)
_SUFFIX = 7
"""Digits by which the database finds a number, however it is written."""


class Calls(Protocol):
    """What the matching of messages needs of calls."""

    async def candidates(self, sender: Sender, now: datetime) -> list[Candidate]:
        """Return the calls of this sender that live, or rang within the window, in no order."""

    async def callers(self, since: datetime) -> set[str]:
        """Return the numbers, in E.164, of the calls that rang since then."""

    async def add(self, call_id: str, reading: Reading, now: datetime) -> None:
        """Add what was read to a call that lives or has ended; a claim that it has is passed over.

        Raises :class:`~dashboards.errors.DatabaseUnavailable` if they could not be kept.
        """

    async def note(self, call_id: str, what: str, now: datetime, **data: Any) -> None:
        """Write a line of the timeline of the call's incident. Raises as ``add`` does."""


class StoredCalls:
    """Calls as the dashboards keep them."""

    def __init__(
        self, db: Database, hub: LiveHub, claims: ClaimDoor, plan: NumberPlan, window: Window
    ) -> None:
        self._db, self._hub, self._claims = db, hub, claims
        self._plan, self._window = plan, window

    async def candidates(self, sender: Sender, now: datetime) -> list[Candidate]:
        """Look for the number first, and for the phone only if no call has the number."""
        if not sender.is_known:
            return []
        return await self._db.read(
            lambda session: self._by_number(session, sender, now) or self._by_phone(session, sender, now)
        )

    async def callers(self, since: datetime) -> set[str]:
        """Return the numbers of the calls that rang since then."""

        def work(session: Session) -> list[str | None]:
            query = select(Call.number).join(Incident, col(Incident.id) == Call.incident_id)
            return list(session.exec(query.where(col(Incident.created_at) >= since)))

        return {known for one in await self._db.read(work) if (known := self._plan.to_e164(one))}

    def _by_number(self, session: Session, sender: Sender, now: datetime) -> list[Candidate]:
        if sender.number is None:
            return []
        found = session.exec(
            _recent(now - self._window.after).where(col(Call.number).endswith(sender.number[-_SUFFIX:]))
        )
        known = [
            Candidate(call.id, ring_at, call.ended_by is None, Sender(self._plan.to_e164(call.number)))
            for call, ring_at in found
        ]
        return [one for one in known if one.sender.number == sender.number]

    def _by_phone(self, session: Session, sender: Sender, now: datetime) -> list[Candidate]:
        """By the IMSI or IMEI that came with an earlier claim."""
        identity = col(Claim.data)["identity"]
        for name in ("imsi", "imei"):
            told = getattr(sender, name)
            if told is None:
                continue
            found = session.exec(
                _recent(now - self._window.after)
                .join(Claim, col(Claim.call_id) == Call.id)
                .where(identity[name].as_string() == told)
                .distinct()
            )
            if calls := [
                Candidate(call.id, ring_at, call.ended_by is None, Sender(**{name: told}))
                for call, ring_at in found
            ]:
                return calls
        return []

    async def add(self, call_id: str, reading: Reading, now: datetime) -> None:
        """Hand them to the door for claims. What leads nowhere is left out: a message is often sent again."""
        usable = tuple(claim for claim in reading.claims if claim.is_usable)
        await self._claims.add(call_id, replace(reading, claims=usable))

    async def note(self, call_id: str, what: str, now: datetime, **data: Any) -> None:
        """Write it, and tell the pages."""
        await self._change(call_id, lambda session, call: _note(session, call, what, now, data))

    async def _change(self, call_id: str, change: Callable[[Session, Call], None]) -> None:
        def work(session: Session) -> str:
            call = session.get_one(Call, call_id)
            change(session, call)
            return call.incident_id

        incident_id = await self._db.write(work)
        self._hub.publish("incidents", f"incident:{incident_id}")


def _recent(since: datetime) -> Any:
    """Calls that rang since then, and those that live."""
    live = col(Call.ended_by).is_(None) & (col(Incident.created_at) >= since - LONGEST_CALL)
    return (
        select(Call, Incident.created_at)
        .join(Incident, col(Incident.id) == Call.incident_id)
        .where(live | (col(Incident.created_at) >= since))
    )


def _note(session: Session, call: Call, what: str, now: datetime, data: dict[str, Any]) -> None:
    session.add(
        IncidentEvent(
            incident_id=call.incident_id, at=now, who="suar", what=what, data={**data, "call": call.id}
        )
    )

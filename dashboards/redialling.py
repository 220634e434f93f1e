"""Callers who hung up or were cut off are called back by themselves, while operators are free.

A city switches it on (``[callbacks]``). An operator's phone rings as for a call; once she answers, the
caller is rung. Who waits for an operator now always comes first, and some operators stay free for who rings
next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from dashboards.conversations import call_back
from dashboards.errors import WebError
from dashboards.incidents.callbacks import Callback, list_callbacks
from dashboards.state import Services
from suar.city import CallbackSettings
from suar.log import get_logger

_LOOK_S = 5.0
_ASKED_S = 60.0
"""For how long a caller and an operator are let alone after they were asked for."""

log = get_logger()

Picture = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who is to call back for which incident."""

    operator: str
    incident_id: str


def next_attempt(
    callbacks: Iterable[Callback], picture: Picture, rules: CallbackSettings, now: datetime
) -> Attempt | None:
    """Return who is to be called back now, and by whom; None while nobody should be. Pure.

    The operator is the one who has been ready longest, and only if ``rules.keep_ready`` others stay ready.
    """
    if not rules.automatic or any(one["phase"] != "talking" for one in picture["calls"]):
        return None
    ready = sorted(
        (one["since"], one["id"])
        for one in picture["operators"]
        if one["state"] == "ready" and one["phone"] == "online"
    )
    if len(ready) <= rules.keep_ready:
        return None
    due = next((one for one in callbacks if _is_due(one, rules, now)), None)
    return Attempt(ready[0][1], due.incident_id) if due is not None else None


def _is_due(one: Callback, rules: CallbackSettings, now: datetime) -> bool:
    if one.number is None or one.attempts >= rules.attempts:
        return False
    if one.attempted_at is None:
        return now - one.lost_at >= timedelta(seconds=rules.after_s)
    return now - one.attempted_at >= timedelta(seconds=rules.again_s)


class Redialler:
    """Looks at the list every few seconds, and has whoever is due called back."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked: dict[str, datetime] = {}

    async def run(self) -> None:
        """Go on until cancelled. What fails is tried again later."""
        while self._services.city.callbacks.automatic:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("callbacks_unread", reason=type(error).__name__)

    async def look(self) -> str | None:
        """Have one caller called back, if one is due; return the call's id."""
        services, now = self._services, self._services.now()
        picture = services.controller.picture
        if picture is None or services.controller.stale_since is not None:
            return None
        self._asked = {who: at for who, at in self._asked.items() if now - at < timedelta(seconds=_ASKED_S)}
        left = [one for one in picture["operators"] if one["id"] not in self._asked]
        listed = await services.db.read(lambda session: list_callbacks(session, now))
        attempt = next_attempt(
            [one for one in listed if one.incident_id not in self._asked],
            {**picture, "operators": left},
            services.city.callbacks,
            now,
        )
        if attempt is None:
            return None
        self._asked |= {attempt.operator: now, attempt.incident_id: now}
        try:
            call_id = await call_back(services, attempt.operator, attempt.incident_id)
        except WebError as error:
            log.info("callback_not_made", incident_id=attempt.incident_id, reason=error.code)
            return None
        log.info("callback_made", call_id=call_id, operator=attempt.operator)
        return call_id

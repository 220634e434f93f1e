"""The operators as the controller knows them: their phones, and what the ACD says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ari_app.ari.errors import AriError
from ari_app.ari.events import AriEvent, ContactStatusChange, EndpointStateChange, PeerStatusChange
from ari_app.ari.resources import Asterisk
from ari_app.distribution import Distribution
from queues.vocabulary import (
    OperatorReachable,
    OperatorState,
    OperatorStateChanged,
    OperatorUnreachable,
)
from suar import ids
from suar.city import City, Operator
from suar.log import get_logger

_ONLINE = "online"
_LOOK_S = 1.0

log = get_logger()


@dataclass(slots=True)
class Desk:
    """One operator's place at work."""

    operator: Operator
    state: OperatorState
    since: datetime
    reason: str | None = None
    call_id: str | None = None
    phone_is_online: bool = False
    talks_elsewhere: bool = False
    """Whether her phone is in a call that is not ours: one of the degraded path's."""


class Operators:
    """Every operator of the city. ``on_change`` is called at each change."""

    def __init__(self, city: City, distribution: Distribution, now: Callable[[], datetime]) -> None:
        self._distribution = distribution
        self._now = now
        self._desks = {
            operator.id: Desk(operator, OperatorState.SIGNED_OFF, now()) for operator in city.operators
        }
        self.on_change: Callable[[], None] = lambda: None

    def desks(self) -> list[Desk]:
        return list(self._desks.values())

    def desk(self, operator_id: str) -> Desk | None:
        return self._desks.get(operator_id)

    def note(self, change: OperatorStateChanged) -> None:
        """Take the ACD's word for an operator's state."""
        desk = self._desks[change.operator_id]
        desk.state, desk.reason, desk.call_id = change.state, change.reason, change.call_id
        desk.since = self._now()
        self.on_change()

    def event_sources(self) -> list[str]:
        """Return what to subscribe to, so that phones which come and go are heard of."""
        return [f"endpoint:PJSIP/{desk.operator.endpoint}" for desk in self._desks.values()]

    def feed(self, event: AriEvent) -> None:
        """Take an event about a phone."""
        match event:
            case EndpointStateChange(endpoint=endpoint):
                pass
            case PeerStatusChange(endpoint=endpoint) | ContactStatusChange(endpoint=endpoint):
                pass
            case _:
                return
        for desk in self._desks.values():
            if desk.operator.endpoint == endpoint.resource:
                self._set_phone(desk, endpoint.state == _ONLINE and not desk.talks_elsewhere)

    async def look(self, asterisk: Asterisk) -> None:
        """Ask Asterisk which phones are registered: at every connection, since events were missed."""
        for desk in self._desks.values():
            try:
                endpoint = await asterisk.endpoints.get("PJSIP", desk.operator.endpoint)
            except AriError as error:
                log.warning("phone_unknown", operator=desk.operator.id, reason=str(error))
                continue
            desk.talks_elsewhere = endpoint is not None and any(
                ids.call_of(channel_id) is None for channel_id in endpoint.channel_ids
            )
            online = endpoint is not None and endpoint.state == _ONLINE
            self._set_phone(desk, online and not desk.talks_elsewhere)

    async def mind(self, asterisk: Asterisk) -> None:
        """Keep an eye on the phones that the degraded path uses, until they are free. Until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if any(desk.talks_elsewhere for desk in self._desks.values()):
                await self.look(asterisk)

    def _set_phone(self, desk: Desk, online: bool) -> None:
        if online == desk.phone_is_online:
            return
        desk.phone_is_online = online
        log.info("phone_changed", operator=desk.operator.id, online=online)
        event = OperatorReachable(desk.operator.id) if online else OperatorUnreachable(desk.operator.id)
        self._distribution.tell_late(event)
        self.on_change()


def in_order(desks: Iterable[Desk]) -> list[Desk]:
    """Return the desks by name, as a person looks for one."""
    return sorted(desks, key=lambda desk: desk.operator.name)

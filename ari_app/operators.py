"""The operators as the controller knows them: their phones, and what the ACD says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ari_app.ari.errors import AriError
from ari_app.ari.events import (
    AriEvent,
    Channel,
    ChannelDestroyed,
    ChannelStateChange,
    ContactStatusChange,
    EndpointStateChange,
    PeerStatusChange,
    endpoint_of,
)
from ari_app.ari.resources import Asterisk
from ari_app.distribution import Distribution
from queues.vocabulary import (
    OperatorReachable,
    OperatorSignedOn,
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
    """Whether it is registered, and free of calls that are not ours."""
    is_registered: bool = False
    elsewhere: set[str] = field(default_factory=set)
    """Her phone's channels that are not ours: the degraded path rings her, or talks with her."""
    order: int = 0
    """Her place in the city file."""
    queues: tuple[str, ...] = ()
    """Those that she serves today."""
    ends_at: datetime | None = None
    """When her wrap-up, or her pause, is over."""
    forced_by: str = ""
    """The supervisor who ordered her pause."""

    @property
    def endpoint(self) -> str:
        """Her phone's name inside Asterisk."""
        return self.operator.endpoint

    def sign_on(self, queues: tuple[str, ...] | None = None) -> OperatorSignedOn:
        """Return what tells the ACD that she has come to work, for all her queues or for some."""
        operator = self.operator
        return OperatorSignedOn(
            operator.id,
            queues or tuple(operator.queues),
            frozenset(operator.skills),
            frozenset(operator.languages),
            self.phone_is_online,
            self.order,
        )


class Operators:
    """Every operator of the city. ``on_change`` is called at each change."""

    def __init__(self, city: City, distribution: Distribution, now: Callable[[], datetime]) -> None:
        self._distribution = distribution
        self._now = now
        self._desks = {
            operator.id: Desk(operator, OperatorState.SIGNED_OFF, now(), order=place)
            for place, operator in enumerate(city.operators)
        }
        self.on_change: Callable[[], None] = lambda: None

    def desks(self) -> list[Desk]:
        return list(self._desks.values())

    def at_work(self) -> int:
        """Return how many take calls now: signed on, and in no pause."""
        away = {OperatorState.SIGNED_OFF, OperatorState.NOT_READY}
        return sum(desk.state not in away for desk in self._desks.values())

    def desk(self, operator_id: str) -> Desk | None:
        return self._desks.get(operator_id)

    def note(self, change: OperatorStateChanged) -> None:
        """Take the ACD's word for an operator's state."""
        desk = self._desks[change.operator_id]
        now = self._now()
        if desk.state is not change.state or desk.reason != change.reason:
            desk.since = now
        desk.state, desk.reason, desk.call_id = change.state, change.reason, change.call_id
        in_s = None if change.ends_at is None else change.ends_at - asyncio.get_running_loop().time()
        desk.ends_at = None if in_s is None else now + timedelta(seconds=in_s)
        desk.forced_by, desk.queues = change.by, self._distribution.queues_of(change.operator_id)
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
            case ChannelStateChange(channel=channel):
                self._note_elsewhere(channel, True)
                return
            case ChannelDestroyed(channel=channel):
                self._note_elsewhere(channel, False)
                return
            case _:
                return
        for desk in self._desks.values():
            if desk.operator.endpoint == endpoint.resource:
                desk.is_registered = endpoint.state == _ONLINE
                self._tell(desk)

    async def look(self, asterisk: Asterisk) -> None:
        """Ask Asterisk which phones are registered: at every connection, since events were missed.

        All at once: who waits to be adopted waits for this too.
        """
        await asyncio.gather(*(self._look_at(desk, asterisk) for desk in self._desks.values()))

    async def _look_at(self, desk: Desk, asterisk: Asterisk) -> None:
        try:
            endpoint = await asterisk.endpoints.get("PJSIP", desk.operator.endpoint)
        except AriError as error:
            log.warning("phone_unknown", operator=desk.operator.id, reason=str(error))
            return
        channel_ids = endpoint.channel_ids if endpoint is not None else []
        desk.elsewhere = {one for one in channel_ids if ids.call_of(one) is None}
        desk.is_registered = endpoint is not None and endpoint.state == _ONLINE
        self._tell(desk)

    async def mind(self, asterisk: Asterisk) -> None:
        """Keep an eye on the phones that the degraded path uses, until they are free. Until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if any(desk.elsewhere for desk in self._desks.values()):
                await self.look(asterisk)

    def _note_elsewhere(self, channel: Channel, is_there: bool) -> None:
        """Since we hear of an endpoint, we hear of every channel of it, whoever made it."""
        if ids.call_of(channel.id) is not None:
            return
        endpoint = endpoint_of(channel)
        for desk in self._desks.values():
            if desk.operator.endpoint == endpoint:
                (desk.elsewhere.add if is_there else desk.elsewhere.discard)(channel.id)
                self._tell(desk)

    def _tell(self, desk: Desk) -> None:
        online = desk.is_registered and not desk.elsewhere
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

"""The operators as the controller knows them: their phones, and what the ACD says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ari_app.ari.errors import AriError
from ari_app.ari.events import AriEvent, DeviceStateChanged
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
_TECHNOLOGY = "PJSIP"
_GONE = {"UNAVAILABLE", "INVALID", "UNKNOWN"}
_FREE = "NOT_INUSE"
_LOOK_S, _LOOK_AT_ALL_S, _BREATH_S = 1.0, 15.0, 0.1

log = get_logger()


@dataclass(slots=True)
class Phone:
    """One softphone."""

    endpoint: str
    """Its name inside Asterisk."""
    is_registered: bool = False
    is_used_elsewhere: bool = False
    """Whether a channel of it is not ours: the degraded path rings it, or somebody talks there."""

    @property
    def is_free(self) -> bool:
        return self.is_registered and not self.is_used_elsewhere


@dataclass(slots=True)
class Desk:
    """One operator's place at work."""

    operator: Operator
    state: OperatorState
    since: datetime
    phone: Phone
    """The one at which she sits: her own, or another operator's for today."""
    reason: str | None = None
    call_id: str | None = None
    phone_is_online: bool = False
    """Whether it is registered, and free of calls that are not ours."""
    sits_at: str = ""
    """Whose phone that is; "" for her own."""
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
        """The name inside Asterisk of the phone that rings for her."""
        return self.phone.endpoint

    def sign_on(
        self, queues: tuple[str, ...] | None = None, at: str = "", phone: Phone | None = None
    ) -> OperatorSignedOn:
        """Return what tells the ACD that she has come to work, for all her queues or for some.

        ``at`` is whose ``phone`` she sits at, if it is not her own.
        """
        operator = self.operator
        return OperatorSignedOn(
            operator.id,
            queues or tuple(operator.queues),
            frozenset(operator.skills),
            frozenset(operator.languages),
            phone.is_free if phone is not None else self.phone_is_online,
            self.order,
            at,
        )


class Operators:
    """Every operator of the city. ``on_change`` is called at each change."""

    def __init__(self, city: City, distribution: Distribution, now: Callable[[], datetime]) -> None:
        self._distribution = distribution
        self._now = now
        self._phones = {operator.id: Phone(operator.endpoint) for operator in city.operators}
        self._by_device = {_device(phone): phone for phone in self._phones.values()}
        self._in_doubt = asyncio.Event()
        self._desks = {
            operator.id: Desk(
                operator, OperatorState.SIGNED_OFF, now(), self._phones[operator.id], order=place
            )
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

    def phone_of(self, operator_id: str) -> Phone | None:
        """Return an operator's own phone, whoever sits at it."""
        return self._phones.get(operator_id)

    def holder_of(self, phone_of: str) -> Desk | None:
        """Return who is at work at a certain operator's phone."""
        for desk in self._desks.values():
            if desk.state is not OperatorState.SIGNED_OFF and (desk.sits_at or desk.operator.id) == phone_of:
                return desk
        return None

    def sitter_at(self, phone_of: str) -> str:
        """Return who sits at a certain operator's phone; she herself, where nobody is at work at it."""
        holder = self.holder_of(phone_of)
        return holder.operator.id if holder is not None else phone_of

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
        self._sit(desk, self._distribution.phone_of(change.operator_id))
        self.on_change()

    def event_sources(self) -> list[str]:
        """Return what to subscribe to, so that phones which come and go are heard of."""
        return [f"deviceState:{device}" for device in self._by_device]

    def feed(self, event: AriEvent) -> None:
        """Take an event about a phone.

        The state of a phone as a device is all that is asked for: to hear of an endpoint is to hear all of
        each of its channels a second time.
        """
        if not isinstance(event, DeviceStateChanged):
            return
        phone = self._by_device.get(event.device_state.name)
        if phone is None:
            return
        state = event.device_state.state
        phone.is_registered = state not in _GONE
        phone.is_used_elsewhere = phone.is_registered and state != _FREE and not self._is_ours(phone)
        if phone.is_used_elsewhere:
            self._in_doubt.set()  # Who uses it, a look tells.
        self._tell_of(phone)

    async def look(self, asterisk: Asterisk) -> None:
        """Ask Asterisk which phones are registered, and which are in calls that are not ours.

        At every connection, since events were missed.
        """
        try:
            found = {one.resource: one for one in await asterisk.endpoints.list(_TECHNOLOGY)}
        except AriError as error:
            log.warning("phones_unknown", reason=str(error))
            return
        for phone in self._phones.values():
            endpoint = found.get(phone.endpoint)
            channel_ids = endpoint.channel_ids if endpoint is not None else []
            phone.is_registered = endpoint is not None and endpoint.state == _ONLINE
            phone.is_used_elsewhere = any(ids.call_of(one) is None for one in channel_ids)
            self._tell_of(phone)

    async def mind(self, asterisk: Asterisk) -> None:
        """Keep an eye on the phones that the degraded path uses, until they are free. Until cancelled."""
        while True:
            is_somewhere = any(phone.is_used_elsewhere for phone in self._phones.values())
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S if is_somewhere else _LOOK_AT_ALL_S):
                    await self._in_doubt.wait()
            self._in_doubt.clear()
            await self.look(asterisk)
            await asyncio.sleep(_BREATH_S)

    def _is_ours(self, phone: Phone) -> bool:
        """Whether a phone rings, or is talked at, because we want it so."""
        return any(desk.phone is phone and desk.call_id is not None for desk in self._desks.values())

    def _sit(self, desk: Desk, at: str) -> None:
        """Note at whose phone she sits. The ACD was told how that is when she signed on there."""
        desk.sits_at = at
        phone = self._phones[at or desk.operator.id]
        if desk.phone is not phone:
            desk.phone, desk.phone_is_online = phone, phone.is_free

    def _tell_of(self, phone: Phone) -> None:
        """Tell the ACD of everybody who sits at a phone."""
        for desk in self._desks.values():
            if desk.phone is phone and desk.phone_is_online is not phone.is_free:
                desk.phone_is_online = phone.is_free
                log.info("phone_changed", operator=desk.operator.id, online=phone.is_free)
                name = desk.operator.id
                event = OperatorReachable(name) if phone.is_free else OperatorUnreachable(name)
                self._distribution.tell_late(event)
                self.on_change()


def _device(phone: Phone) -> str:
    """Return what Asterisk calls a phone where it tells the state of devices."""
    return f"{_TECHNOLOGY}/{phone.endpoint}"


def in_order(desks: Iterable[Desk]) -> list[Desk]:
    """Return the desks by name, as a person looks for one."""
    return sorted(desks, key=lambda desk: desk.operator.name)

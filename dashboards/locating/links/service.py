"""Asks a caller's phone for its place, and takes what it shares."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter

from dashboards.db import Database
from dashboards.errors import BodyInvalid, Conflict, NotFound, SmsGatewayDown, TooManyAttempts
from dashboards.live import LiveHub
from dashboards.locating.calls import Calls
from dashboards.locating.links import store
from dashboards.models import LocationLink
from dashboards.public.limits import Bucket, Buckets
from suar.city import City
from suar.location import Claim, Identity, Reading
from suar.location.browser import FixInvalid, is_news, read_fix, read_words
from suar.sms import Gateway, SmsNotSent

TEXTS = {
    "id": "112 {city}: buka {link} untuk membagikan lokasi Anda kepada petugas.",
    "en": "112 {city}: open {link} to share your location with the operator.",
}
LONGEST_WORDS = 300
_REASONS = frozenset({"denied", "unavailable", "timeout", "unsupported", "insecure"})
_SMS_PER_MINUTE = 60
_UPDATES_PER_MINUTE = 40
_MOST_REMEMBERED = 2_000


class Links:
    """The links of a city. ``gateway`` is None where the city sends none."""

    def __init__(
        self,
        city: City,
        db: Database,
        hub: LiveHub,
        calls: Calls,
        gateway: Gateway | None,
        now: Callable[[], datetime],
        registry: CollectorRegistry,
    ) -> None:
        self._city, self._db, self._hub, self._calls, self._gateway = city, db, hub, calls, gateway
        self._now, self._plan = now, city.telephone.plan
        self._sms = Bucket(_SMS_PER_MINUTE)
        self._updates = Buckets(_UPDATES_PER_MINUTE)
        self._last: OrderedDict[int, Claim] = OrderedDict()
        self._events = Counter(
            "suar_location_links", "Links by SMS, by what happened.", ["what"], registry=registry
        )

    @property
    def are_open(self) -> bool:
        """Whether this city sends links."""
        return self._gateway is not None and self._city.links is not None

    async def send(self, incident_id: str, number: str, language: str, who: str) -> None:
        """Send a link for an incident.

        Raises BodyInvalid, Conflict, NotFound, TooManyAttempts or SmsGatewayDown.
        """
        settings, gateway = self._city.links, self._gateway
        if settings is None or gateway is None:
            raise Conflict("this city sends no links: the city file has no [links] or no [sms]")
        to = self._plan.to_e164(number)
        if to is None:
            raise BodyInvalid("a telephone number, such as 08121234567", "number")
        if not self._sms.admits(time.monotonic()):
            raise TooManyAttempts
        now = self._now()
        token, link_id = await self._db.write(
            lambda session: store.create(session, incident_id, to, who, now, settings.valid_s)
        )
        text = settings.texts.get(language) or TEXTS.get(language) or TEXTS["en"]
        link = f"{settings.url}/l/{token}"
        try:
            await gateway.send(to, text.replace("{city}", self._city.name).replace("{link}", link))
        except SmsNotSent as error:
            self._events.labels("failed").inc()
            await self._db.write(lambda session: store.forget(session, link_id, who, self._now()))
            raise SmsGatewayDown(str(error)) from error
        finally:
            self._tell(incident_id)
        self._events.labels("sent").inc()

    async def show(self, incident_id: str) -> store.LinkView | None:
        """Return how the last link of an incident is."""
        return await self._db.read(lambda session: store.show(session, incident_id, self._now()))

    async def open(self, token: str) -> bool:
        """Note that a link's page is looked at. Returns whether there is such a link."""
        link = await self._db.write(lambda session: store.note_opened(session, token, self._now()))
        if link is not None:
            self._tell(link.incident_id)
        return link is not None

    async def begin(self, token: str, browser: str | None) -> str:
        """Give the link to the browser that agrees; return its secret. Raises NotFound."""
        found = await self._db.write(lambda session: store.begin(session, token, browser, self._now()))
        if found is None:
            raise NotFound("this link is not valid, or no longer")
        return found[1]

    async def take_fix(self, token: str, browser: str | None, data: Mapping[str, Any]) -> None:
        """Take a place from the link's browser. Raises NotFound, BodyInvalid, TooManyAttempts."""
        now = self._now()
        try:
            claim = read_fix(data, now)
        except FixInvalid as error:
            raise BodyInvalid(str(error), error.field) from error
        link = await self._note(token, browser, "sharing")
        if is_news(self._last.get(link.id or 0), claim):
            await self._add(link, claim, now)
            self._remember(link.id or 0, claim)
            self._events.labels("fix").inc()

    async def take_words(self, token: str, browser: str | None, text: str) -> None:
        """Take what the caller writes of her place. Raises NotFound, BodyInvalid, TooManyAttempts."""
        text = "".join(letter for letter in text if letter.isprintable() or letter.isspace()).strip()
        if not text or len(text) > LONGEST_WORDS:
            raise BodyInvalid(f"1 to {LONGEST_WORDS} characters", "text")
        link = await self._note(token, browser, None)
        now = self._now()
        await self._add(link, read_words(text, now), now)
        self._events.labels("words").inc()

    async def note_cannot(self, token: str, browser: str | None, reason: str) -> None:
        """Note why the browser shares no place. Raises NotFound, TooManyAttempts."""
        await self._note(token, browser, "cannot", reason if reason in _REASONS else "unavailable")

    async def stop(self, token: str, browser: str | None) -> None:
        """Note that the caller has stopped sharing. Raises NotFound, TooManyAttempts."""
        await self._note(token, browser, "stopped")

    async def _add(self, link: LocationLink, claim: Claim, now: datetime) -> None:
        whose = replace(claim, identity=Identity(number=link.number))
        await self._calls.add(link.call_id, Reading(claim.source, (whose,)), now)

    async def _note(
        self, token: str, browser: str | None, what: str | None, reason: str | None = None
    ) -> LocationLink:
        if not self._updates.admits(token, time.monotonic()):
            raise TooManyAttempts

        def work(session: Any) -> LocationLink | None:
            if what is None:
                return store.of_browser(session, token, browser, self._now())
            return store.note_state(session, token, browser, what, self._now(), reason)

        link = await self._db.write(work)
        if link is None:
            raise NotFound("this link is not valid, or no longer")
        self._tell(link.incident_id)
        return link

    def _tell(self, incident_id: str) -> None:
        self._hub.publish("incidents", f"incident:{incident_id}")

    def _remember(self, link_id: int, claim: Claim) -> None:
        self._last[link_id] = claim
        self._last.move_to_end(link_id)
        if len(self._last) > _MOST_REMEMBERED:
            self._last.popitem(last=False)

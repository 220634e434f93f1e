"""What every request may use, hung on the application under typed keys."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from dashboards.controller import ControllerLink
from dashboards.db import Database
from dashboards.geography import Geography
from dashboards.health.book import Book
from dashboards.health.database import DatabaseWatch
from dashboards.health.figures import Figures
from dashboards.health.parts import PartsWatch
from dashboards.health.views import HealthView, show
from dashboards.incidents.claiming import ClaimDoor
from dashboards.live import LiveHub
from dashboards.locating.desk import Desk
from dashboards.locating.links.service import Links
from dashboards.locating.surroundings import Surroundings
from dashboards.users.passwords import Verifier
from dashboards.users.presence import Presence
from dashboards.users.sessions import SignedIn, Throttle
from suar.alarms import Alarms
from suar.alarms.webhook import Webhook
from suar.city import City


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Services:
    """The parts of the web backend."""

    city: City
    db: Database
    controller: ControllerLink
    hub: LiveHub
    recordings: Path
    ingest_token: str
    verifier: Verifier
    logins: Throttle
    geography: Geography
    presence: Presence
    book: Book
    """What is wrong, and what was."""
    database_watch: DatabaseWatch
    parts_watch: PartsWatch
    webhook: Webhook
    figures: Figures
    desk: Desk
    """For what comes beside calls: phones' locations."""
    claims: ClaimDoor
    """Takes claims of callers' places."""
    links: Links
    surroundings: Surroundings
    now: Callable[[], datetime] = utc_now
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    """Of this process: a wall loads its page anew when another one answers, perhaps of a newer Suar."""

    @property
    def alarms(self) -> Alarms:
        """What this process itself sees to be wrong."""
        return self.book.own

    def show_health(self) -> HealthView:
        """Return how all of it is."""
        return show(self.book, self.controller, self.parts_watch, self.database_watch)


SERVICES = web.AppKey("services", Services)
SIGNED_IN = web.RequestKey("signed_in", SignedIn)

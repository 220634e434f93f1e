"""Where callers are, as it is told beside their calls: messages are matched to calls, and become claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry

from dashboards.db import Database
from dashboards.incidents.claiming import ClaimDoor
from dashboards.live import LiveHub
from dashboards.locating.calls import Calls, StoredCalls
from dashboards.locating.desk import LONGEST_OUTAGE, Desk
from dashboards.locating.links.service import Links
from dashboards.locating.spool import Spool
from suar.city import City
from suar.city.public import AmlSettings, SmsSettings
from suar.location.matching import Window
from suar.paths import StateDir
from suar.secret import Secrets
from suar.sms import Gateway


def open_calls(city: City, db: Database, hub: LiveHub, claims: ClaimDoor) -> StoredCalls:
    """Return the calls that claims can be added to."""
    return StoredCalls(db, hub, claims, city.telephone.plan, _window(city))


def open_desk(
    city: City, state: StateDir, calls: Calls, now: Callable[[], datetime], registry: CollectorRegistry
) -> Desk:
    """Return the desk of a city."""
    spool = Spool(state.messages, LONGEST_OUTAGE)
    return Desk(calls, _window(city), city.telephone.plan, now, registry, spool)


def open_links(
    city: City,
    db: Database,
    hub: LiveHub,
    calls: Calls,
    secrets: Secrets,
    now: Callable[[], datetime],
    registry: CollectorRegistry,
) -> Links:
    """Return the links by SMS of a city."""
    return Links(city, db, hub, calls, _gateway(city.sms, secrets), now, registry)


def _gateway(sms: SmsSettings | None, secrets: Secrets) -> Gateway | None:
    if sms is None:
        return None
    return Gateway(
        sms.url,
        secrets.sms_key,
        method=sms.method,
        headers=sms.headers,
        body=sms.body,
        timeout_s=sms.timeout_s,
    )


def _window(city: City) -> Window:
    settings = city.aml or AmlSettings()
    return Window(timedelta(seconds=settings.before_s), timedelta(seconds=settings.after_s))

"""Where callers are, as it is told beside their calls: messages are matched to calls, and become claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry

from dashboards.db import Database
from dashboards.incidents.claiming import ClaimDoor
from dashboards.live import LiveHub
from dashboards.locating.calls import StoredCalls
from dashboards.locating.desk import Desk
from suar.city import City
from suar.city.public import AmlSettings
from suar.location.matching import Window


def open_desk(
    city: City,
    db: Database,
    hub: LiveHub,
    claims: ClaimDoor,
    now: Callable[[], datetime],
    registry: CollectorRegistry,
) -> Desk:
    """Return the desk of a city."""
    settings, plan = city.aml or AmlSettings(), city.telephone.plan
    window = Window(timedelta(seconds=settings.before_s), timedelta(seconds=settings.after_s))
    return Desk(StoredCalls(db, hub, claims, plan, window), window, plan, now, registry)

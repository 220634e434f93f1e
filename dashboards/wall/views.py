"""What the wall shows: figures, alarms, open incidents with the most urgent first, the city, the day."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from dashboards.health.views import gathered
from dashboards.incidents import listing
from dashboards.incidents.views import IncidentSummary
from dashboards.places.city import CityMap, Spot, draw_city
from dashboards.state import Services
from dashboards.wall.figures import count_day
from suar.areas import Placement

_MOST_COUNTED = 500
ROWS = 8
"""Incidents that have a row, and a number on the map; the others are points."""
_WIDEST_M = 3_000.0
_UNSERVED = frozenset({"gated", "greeting", "triage", "waiting", "ringing"})


async def wall_values(services: Services) -> dict[str, Any]:
    """Return the values of the wall's regions. No number, name or note of anybody is among them."""
    now, city = services.now(), services.city
    target_s = listing.answer_target_s(city)
    incidents = await services.db.read(lambda session: listing.list_open(session, now, limit=_MOST_COUNTED))
    shown = incidents[:ROWS]
    tasks = await services.db.read(
        lambda session: listing.list_tasks(session, [incident.id for incident in shown])
    )
    picture = services.controller.picture or {"calls": [], "operators": []}
    waiting = [call for call in picture["calls"] if call["phase"] in _UNSERVED]
    placements = [await services.geography.locate_claim(incident.location) for incident in shown]
    return {
        "rows": [
            {
                "incident": incident,
                "where": _district(placement),
                "tasks": tasks.get(incident.id, []),
            }
            for incident, placement in zip(shown, placements, strict=True)
        ],
        "more": max(0, await services.db.read(listing.count_open) - ROWS),
        "stages": Counter(incident.clock.stage.value for incident in incidents if incident.clock),
        "pins": incidents,
        "city_map": await _map(services, incidents),
        "waiting_count": len(waiting),
        "longest": min((call["ring_at"] for call in waiting), default=None),
        "ready": sum(one["state"] == "ready" and one["phone"] == "online" for one in picture["operators"]),
        "states": Counter(operator["state"] for operator in picture["operators"]),
        "answer_target_s": target_s,
        "day": await services.db.read(lambda session: count_day(session, now, city.zone, target_s)),
        "hour": now.astimezone(city.zone).hour,
        "stale_since": services.controller.stale_since,
        "alarms": [one for one in gathered(services.book.standing()) if one.code != "controller_gone"],
    }


def _district(placement: Placement | None) -> str:
    """Return the kelurahan and kecamatan: on a wall, a door is nobody's business."""
    if placement is None:
        return ""
    found = [
        f"{level} {shares[0].name}"
        for level, shares in (("Kel.", placement.kelurahan), ("Kec.", placement.kecamatan))
        if shares and shares[0].probability >= 0.5
    ]
    return ", ".join(found)


async def _map(services: Services, incidents: list[IncidentSummary]) -> CityMap | None:
    atlas = await services.geography.atlas()
    posts: list[Spot] = [
        (post.latitude, post.longitude)
        for post in services.city.posts
        if post.latitude is not None and post.longitude is not None
    ]
    return await asyncio.to_thread(draw_city, atlas, [_spot(one.location) for one in incidents], posts)


def _spot(location: dict[str, Any]) -> Spot | None:
    """Return where it is; None for a guess as wide as the city, which a point would make a fact."""
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if latitude is None or longitude is None or (location.get("uncertainty_m") or 0.0) > _WIDEST_M:
        return None
    return (float(latitude), float(longitude))

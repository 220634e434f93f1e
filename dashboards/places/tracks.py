"""The way that a phone has gone: the fixes of one source, in the order in which they were made. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from suar.location import Claim

_FIXES = frozenset({"pidf-lo", "held", "aml-sms", "aml-https", "link"})
"""Who says where a phone was found. What people say, and tables, are places and no way."""

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def tracks(claims: Iterable[Claim]) -> list[list[Point]]:
    """Return a track of two points or more for each source that has moved.

    Of what came in one document the first counts: the others are alternatives to it, and no further steps.
    """
    ways: dict[tuple[str | None, ...], dict[datetime, Claim]] = {}
    for claim in claims:
        if claim.source in _FIXES and claim.latitude is not None:
            whose = claim.identity
            key = (claim.source, claim.provider, whose.entity, whose.device_id, whose.number, whose.imei)
            ways.setdefault(key, {}).setdefault(claim.received_at, claim)
    found = []
    for way in ways.values():
        points: list[Point] = []
        for claim in sorted(way.values(), key=lambda one: one.fix_at or one.received_at):
            if claim.latitude is None or claim.longitude is None:
                continue
            point = (claim.latitude, claim.longitude)
            if not points or point != points[-1]:
                points.append(point)
        if len(points) > 1:
            found.append(points)
    return found

"""Distances on the Earth as a sphere of the mean radius: half a percent off at most, enough here."""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius (IUGG)."""


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Return the great-circle distance between two places in degrees (haversine)."""
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    half_phi = (to_phi - phi) / 2
    half_lambda = math.radians(to_longitude - longitude) / 2
    root = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(to_phi) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, root)))


def bearing_deg(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Return the first bearing of the great circle, clockwise from north, in [0, 360)."""
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    delta = math.radians(to_longitude - longitude)
    east = math.sin(delta) * math.cos(to_phi)
    north = math.cos(phi) * math.sin(to_phi) - math.sin(phi) * math.cos(to_phi) * math.cos(delta)
    return math.degrees(math.atan2(east, north)) % 360


def destination(
    latitude: float, longitude: float, bearing_deg: float, distance_m: float
) -> tuple[float, float]:
    """Return latitude and longitude after so many metres along a bearing; longitude in [-180, 180)."""
    phi, bearing, angle = math.radians(latitude), math.radians(bearing_deg), distance_m / EARTH_RADIUS_M
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
    to_phi = math.asin(max(-1.0, min(1.0, sine)))
    delta = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi),
        math.cos(angle) - math.sin(phi) * math.sin(to_phi),
    )
    return math.degrees(to_phi), (longitude + math.degrees(delta) + 180) % 360 - 180


def to_plane(latitude: float, longitude: float, at: tuple[float, float]) -> tuple[float, float]:
    """Return metres east and north of ``at`` (azimuthal equidistant): safe at the poles and the date line."""
    distance = distance_m(*at, latitude, longitude)
    bearing = math.radians(bearing_deg(*at, latitude, longitude))
    return distance * math.sin(bearing), distance * math.cos(bearing)


def from_plane(east_m: float, north_m: float, at: tuple[float, float]) -> tuple[float, float]:
    """Undo :func:`to_plane`."""
    return destination(*at, math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m))

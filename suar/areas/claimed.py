"""A claim's uncertainty as what areas can be asked for: its own shape, and not the circle around it."""

from __future__ import annotations

from suar.areas.shapes import Ellipse, Spot
from suar.location import Claim, Flag, shapes
from suar.location.geodesy import destination

_STEPS = 24
_SEAMLESS_DEG = 359.5


def spots_of(claim: Claim) -> list[Spot]:
    """Return what to ask for, the most exact first; empty for an address alone.

    A ring that crosses itself is no area: the circle that holds it is the next best.
    """
    shape = claim.shape
    if shape is None:
        return []
    middle, confidence = shape.representative, claim.confidence or None
    at = (middle.latitude, middle.longitude)
    # Without a stated radius nobody knows how far off the point is: it is placed as the point that it is.
    radius_m = None if Flag.RADIUS_ZERO in claim.flags else shape.outer_radius_m
    around = Spot(*at, radius_m, confidence)
    match shape:
        case shapes.Ellipse() if shape.semi_major_m > 0 and shape.semi_minor_m > 0:
            axes = Ellipse(shape.semi_major_m, shape.semi_minor_m, shape.orientation_deg)
            return [Spot(*at, None, confidence, axes), around]
        case shapes.ArcBand() if shape.outer_m > shape.inner_m:
            return [Spot(*at, None, confidence, polygon=_band(shape)), around]
        case shapes.Polygon() | shapes.Prism():
            corners = shape.base.ring if isinstance(shape, shapes.Prism) else shape.ring
            ring = [(corner.latitude, corner.longitude) for corner in corners]
            return [Spot(*at, None, confidence, polygon=ring), around]
        case _:
            return [around]


def _band(band: shapes.ArcBand) -> list[tuple[float, float]]:
    """The band's edge: along the outer arc, and back along the inner one, or over the mast.

    A whole ring is cut by a hair, since an area's edge has to be one line.
    """
    opening = min(band.opening_deg, _SEAMLESS_DEG)
    bearings = [band.start_deg + opening * step / _STEPS for step in range(_STEPS + 1)]
    at = (band.center.latitude, band.center.longitude)
    outer = [destination(*at, bearing, band.outer_m) for bearing in bearings]
    if band.inner_m == 0:
        return [*outer, at]
    return [*outer, *(destination(*at, bearing, band.inner_m) for bearing in reversed(bearings))]

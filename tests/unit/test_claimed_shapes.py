"""A claim is placed by its own shape: a sector of a mast is not the circle around it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from suar.areas import Atlas, Placement
from suar.areas.claimed import spots_of
from suar.location import Claim
from suar.location.shapes import ArcBand, Circle, Ellipse, Point, Polygon, Position, Prism, Shape
from tests import town

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ATLAS = Atlas(town.areas())
LAT, LON = town.middle(0, 0)
EDGE = (LON + town.middle(1, 0)[1]) / 2
AT_EDGE = Position(LAT, EDGE)


def placed(shape: Shape, confidence: float | None = None) -> Placement:
    return ATLAS.locate(spots_of(Claim("pidf-lo", NOW, shape, confidence=confidence))[0])


def share(found: Placement) -> float:
    """Of the western kelurahan."""
    return next((one.probability for one in found.kelurahan if one.name == "Keputran"), 0.0)


@pytest.mark.parametrize(
    ("shape", "west"),
    [
        (Circle(AT_EDGE, 200), 0.5),
        (ArcBand(AT_EDGE, 0, 300, 200, 140), 1.0),
        (ArcBand(AT_EDGE, 100, 300, 20, 140), 0.0),
        (ArcBand(AT_EDGE, 100, 300, 0, 360), 0.5),
        (Ellipse(AT_EDGE, 300, 1, 0), 0.5),
        (Polygon((Position(LAT - 0.001, EDGE - 0.003), Position(LAT - 0.001, EDGE + 0.001),
                  Position(LAT + 0.001, EDGE + 0.001), Position(LAT + 0.001, EDGE - 0.003))), 0.75),
    ],
)  # fmt: skip
def test_areas_are_asked_for_the_shape_itself(shape: Shape, west: float) -> None:
    """Where its radius alone would say half and half."""
    assert share(placed(shape)) == pytest.approx(west, abs=0.06)


def test_a_storey_is_its_floor_plan() -> None:
    """Its height says nothing of areas."""
    base = Polygon((Position(LAT, LON), Position(LAT, LON + 1e-4), Position(LAT + 1e-4, LON)))
    assert placed(Prism(base, 3.0)).kelurahan == placed(base).kelurahan != ()


def test_what_is_not_stated_is_not_made_up() -> None:
    """A point, and a radius of zero, are the point; an address is nowhere on the map."""
    point = Claim("pidf-lo", NOW, Point(AT_EDGE))
    zero = Claim("pidf-lo", NOW, Circle(AT_EDGE, 0), flags=("radius-zero",))
    assert spots_of(point) == spots_of(zero)
    assert spots_of(point)[0].radius_m is None
    assert spots_of(Claim("pidf-lo", NOW, civic={"RD": "Tunjungan"})) == []


def test_a_ring_that_crosses_itself_is_taken_for_its_circle() -> None:
    """The second best is there to be asked."""
    bow = Polygon(tuple(Position(LAT + a, LON + b) for a, b in ((0, 0), (1e-3, 1e-3), (0, 1e-3), (1e-3, 0))))
    first, second = spots_of(Claim("pidf-lo", NOW, bow))
    assert first.polygon is not None
    assert second.radius_m == pytest.approx(bow.outer_radius_m)

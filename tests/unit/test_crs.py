"""Coordinates become degrees."""

from __future__ import annotations

import numpy as np
import pytest

from suar.areas.crs import CrsUnknown, Degrees, TransverseMercator, from_name, from_wkt

# EPSG number, longitude, latitude, east, north: computed by PROJ 9.
POINTS = [
    (32749, 112.75, -7.25, 693213.880664659, 9198241.891464964),
    (32749, 111.1, -8.3, 511011.7180562472, 9082535.054130025),
    (32648, 112.75, -7.25, 1358085.6745116888, -808743.3010664291),
    (23836, 112.75, -7.25, 227606.1677701545, 698366.2403570255),
    (23836, 110.2, 2.5, -55836.109514612384, 1776633.882154423),
    (23881, 111.1, -8.3, -819575.7333541142, 9062537.906446142),
    (23845, 112.75, -7.25, -2864214.9799913615, 602755.9610871468),
]


@pytest.mark.parametrize(("epsg", "lon", "lat", "east", "north"), POINTS)
def test_metres_become_degrees_to_a_millimetre(
    epsg: int, lon: float, lat: float, east: float, north: float
) -> None:
    """UTM and TM-3, near their meridian and far from it."""
    found = from_name(f"urn:ogc:def:crs:EPSG::{epsg}").to_degrees(np.array([[east, north]]))
    assert found[0] == pytest.approx((lon, lat), abs=1e-8)


@pytest.mark.parametrize("name", ["EPSG:4326", "epsg:9470", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4755"])
def test_degrees_stay_degrees(name: str) -> None:
    """On each datum that agrees with WGS 84."""
    assert from_name(name) == Degrees()


def wkt(datum: str, projection: str = "Transverse_Mercator", unit: float = 1.0, origin: float = 0.0) -> str:
    return (
        f'PROJCS["X",GEOGCS["Y",DATUM["{datum}",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
        f'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["{projection}"],'
        'PARAMETER["False_Easting",200000.0],PARAMETER["False_Northing",1500000.0],'
        'PARAMETER["Central_Meridian",112.5],PARAMETER["Scale_Factor",0.9999],'
        f'PARAMETER["Latitude_Of_Origin",{origin}],UNIT["Meter",{unit}]]'
    )


def test_a_prj_is_read_for_what_it_says() -> None:
    """TM-3, as the land registry writes it; and degrees on the newest datum."""
    tm3 = TransverseMercator(112.5, 0.9999, 200_000.0, 1_500_000.0)
    assert from_wkt(wkt("D_Datum_Geodesi_Nasional_1995")) == tm3 == from_name("EPSG:23836")
    degrees = 'GEOGCS["GCS_SRGI2013",DATUM["Sistem_Referensi_Geospasial_Indonesia_2013",SPHEROID["W",1,2]]]'
    assert from_wkt(degrees) == Degrees()


@pytest.mark.parametrize(
    "text",
    [wkt("D_Batavia"), wkt("D_WGS_1984", "Mercator"), wkt("D_WGS_1984", unit=0.3048),
     wkt("D_WGS_1984", origin=-7.0), "LOCAL_CS[]", "", "\x00"],
)  # fmt: skip
def test_what_would_be_read_wrongly_is_refused(text: str) -> None:
    """Another datum, projection, unit or origin; no text at all."""
    with pytest.raises(CrsUnknown, match="ogr2ogr"):
        from_wkt(text)


@pytest.mark.parametrize("name", ["EPSG:4211", "EPSG:3857", "EPSG:32700", "EPSG:23885", "UTM 49S", ""])
def test_a_number_that_is_not_known_is_refused(name: str) -> None:
    """Also the first that are no longer of a series."""
    with pytest.raises(CrsUnknown, match="say --crs"):
        from_name(name)

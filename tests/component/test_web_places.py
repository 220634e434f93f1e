"""Places and areas over the REST interface, and on an incident's page."""

from __future__ import annotations

from typing import Any

import pytest

from suar.areas import storing
from suar.areas.gazetteer import Kind, Place
from suar.areas.gazetteer import importing as gazetteer
from tests import town
from tests.component.conftest import OFFERED, Site

INCIDENT = "sby1-20261124-0001"


@pytest.fixture
def drawn(site: Site) -> Site:
    """A city that has imported its boundaries and two places."""
    lat, lon = town.middle(1, 1)
    storing.save(site.state.areas, town.areas())
    gazetteer.save(
        site.state.areas,
        [
            Place(Kind.LANDMARK, "Warung Biru", lat=lat, lon=lon),
            Place(Kind.STREET, "Jalan Tunjungan", lat=-7.255, lon=112.741),
        ],
    )
    return site


def claim(lat: float, lon: float, radius_m: float | None) -> dict[str, Any]:
    return {
        "type": "located",
        "claim": {
            "source": "pidf-lo", "method": "GPS", "shape": "Circle", "latitude": lat, "longitude": lon,
            "radius_m": radius_m, "civic": {}, "label": None, "confidence": None, "fix_at": None, "flags": [],
        },
    }  # fmt: skip


async def test_words_become_places(drawn: Site) -> None:
    """The best first, with coordinates where they are known and the words for the incident."""
    siti = await drawn.client("siti")
    found = await (await siti.get("/api/v1/places", params={"q": "warung bir"})).json()
    lat, lon = town.middle(1, 1)
    assert found["places"][0] == {
        "kind": "landmark", "name": "Warung Biru", "detail": "Kel. Mojo, Kec. Gubeng",
        "words": "Warung Biru, Kel. Mojo, Kec. Gubeng", "latitude": pytest.approx(lat),
        "longitude": pytest.approx(lon), "radius_m": None,
    }  # fmt: skip
    few = await (await siti.get("/api/v1/places", params={"q": "gubeng", "limit": "2"})).json()
    assert len(few["places"]) == 2
    assert (await (await siti.get("/api/v1/places")).json()) == {"places": []}


async def test_a_place_lies_in_areas(drawn: Site) -> None:
    """In each level's; outside with the neighbour and whom to hand over to."""
    siti = await drawn.client("siti")
    lat, lon = town.middle(0, 0)
    inside = await (
        await siti.get("/api/v1/placement", params={"lat": str(lat), "lon": str(lon), "radius": "30"})
    ).json()
    assert inside["is_known"] is True
    assert inside["kelurahan"] == [{"code": "35.78.05.1004", "name": "Keputran", "probability": 1.0}]
    assert (inside["fire"][0]["name"], inside["is_outside"], inside["neighbour"]) == (
        "Rayon Barat",
        False,
        [],
    )
    lat, lon = town.middle(2, 0)
    outside = await (await siti.get("/api/v1/placement", params={"lat": str(lat), "lon": str(lon)})).json()
    assert outside["is_outside"] is True
    assert outside["neighbour"] == [
        {
            "code": "35.15", "name": "Kabupaten Sidoarjo", "probability": 1.0,
            "hand_over_to": "sip:112@127.0.0.21",
        }
    ]  # fmt: skip


async def test_without_boundaries_names_are_found_and_areas_are_unknown(site: Site) -> None:
    """Nothing fails; an import is seen without a restart, and a file that is cut does not take it away."""
    siti = await site.client("siti")
    await site.put_call("sby1-1.1", OFFERED, claim(*town.middle(1, 0), 35.0))
    where = {"lat": "-7.25", "lon": "112.75", "radius": "30"}
    unknown = await (await siti.get("/api/v1/placement", params=where)).json()
    assert (unknown["is_known"], unknown["kelurahan"], unknown["is_outside"]) == (False, [], False)
    found = await (await siti.get("/api/v1/places", params={"q": "kel gubeng"})).json()
    assert found["places"][0]["words"] == "Kel. Gubeng, Kec. Gubeng, 60281"
    assert 'class="areas' not in await (await siti.get(f"/incidents/{INCIDENT}")).text()
    geography = site.services.geography
    storing.save(site.state.areas, town.areas())
    geography._looked_at = 0.0
    assert (await (await siti.get("/api/v1/placement", params=where)).json())["is_known"] is True
    (site.state.areas / storing.NAME).write_text("{")
    geography._looked_at = 0.0
    assert (await (await siti.get("/api/v1/placement", params=where)).json())["is_known"] is True


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("placement", {"lon": "112"}, "lat"), ("placement", {"lat": "x", "lon": "112"}, "lat"),
        ("placement", {"lat": "-7", "lon": "nan"}, "lon"), ("placement", {"lat": "-97", "lon": "112"}, "lat"),
        ("placement", {"lat": "-7", "lon": "112", "radius": "-5"}, "radius"),
        ("places", {"limit": "0"}, "limit"),
    ],
)  # fmt: skip
async def test_a_wrong_parameter_is_named(site: Site, path: str, query: dict[str, str], field: str) -> None:
    """Status 422."""
    response = await (await site.client("siti")).get(f"/api/v1/{path}", params=query)
    error = (await response.json())["error"]
    assert (response.status, error["code"], error["field"]) == (422, "query_invalid", field)


async def test_only_staff_may_ask(drawn: Site) -> None:
    """Neither a stranger nor an agency's desk."""
    for name, status in ((None, 401), ("pmk", 403), ("siti", 200), ("sari", 200)):
        client = await drawn.client(name)
        for path in ("/api/v1/places?q=gubeng", "/api/v1/placement?lat=-7.25&lon=112.75"):
            assert (await client.get(path)).status == status


async def test_an_incident_says_in_which_areas_its_caller_is(drawn: Site) -> None:
    """Inside with the probabilities; outside with the neighbour; a claim without coordinates says nothing."""
    siti = await drawn.client("siti")
    lat, _ = town.middle(0, 0)
    await drawn.put_call("sby1-1.1", OFFERED, claim(*town.middle(1, 0), 35.0))
    await drawn.put_call("sby1-1.2", OFFERED, claim(*town.middle(2, 0), 35.0))
    await drawn.put_call("sby1-1.3", OFFERED, claim(lat, 112.7501, 200.0))
    await drawn.put_call("sby1-1.4", OFFERED)
    pages = [
        await (await siti.get(f"/incidents/sby1-20261124-000{number}")).text() for number in (1, 2, 3, 4)
    ]
    assert "Kel. Gubeng" in pages[0]
    assert "Rayon Timur" in pages[0]
    assert "di luar kota" in pages[1]
    assert "Kabupaten Sidoarjo · alihkan ke sip:112@127.0.0.21" in " ".join(pages[1].split())
    assert "<small>5" in pages[2]
    assert 'class="areas' not in pages[3]


async def test_every_claim_of_an_incident_has_its_areas(drawn: Site) -> None:
    """Not the best alone: another may be the right one. An address alone lies in none."""
    siti = await drawn.client("siti")
    address = {"type": "located", "claim": {"source": "ali", "civic": {"RD": "Jl. Darmo"}}}
    inside, outside = claim(*town.middle(1, 0), 35.0), claim(*town.middle(2, 0), 900.0)
    await drawn.put_call("sby1-1.1", OFFERED, inside, outside, address)
    place = await (await siti.get("/api/v1/incidents/sby1-20261124-0001/place")).json()
    found = {one["claim"]["uncertainty_m"]: one["areas"] for one in place["claims"]}
    assert found[None] is None
    assert [share["name"] for share in found[35]["kelurahan"]] == ["Gubeng"]
    assert (found[900]["is_outside"], found[900]["neighbour"][0]["name"]) == (True, "Kabupaten Sidoarjo")
    assert place["placement"] == found[35]

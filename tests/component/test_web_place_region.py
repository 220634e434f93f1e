"""An operator's view of a caller's place: every claim in words, a change as a change, her own choice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suar.areas import storing
from suar.location import Claim
from suar.location.shapes import ArcBand, Circle, Ellipse, Position
from tests import town
from tests.component.conftest import CONNECTED, OFFERED, Site
from tests.component.test_web_claims import CALL, INCIDENT, told

NOW = datetime.now(UTC)
MIDDLE = Position(*town.middle(1, 1))
CARRIER = Claim("carrier", NOW, Circle(MIDDLE, 25_000), label="031", method="Manual")
PHONE = Claim(
    "aml-https", NOW, Circle(MIDDLE, 20), method="GPS", fix_at=NOW - timedelta(seconds=9),
    flags=("time-zone-missing", "aml-not-authenticated"),
)  # fmt: skip
MAST = Claim("pidf-lo", NOW, ArcBand(MIDDLE, 100, 900, 10, 120), method="Cell", fix_at=NOW)


async def page(site: Site, who: str = "siti") -> str:
    text = await (await (await site.client(who)).get(f"/incidents/{INCIDENT}")).text()
    return " ".join(text.split())


async def test_every_claim_is_shown_with_why_it_stands_where_it_does(site: Site) -> None:
    """Sources and doubts in plain Indonesian, the used one marked, its shape on a map of the areas."""
    storing.save(site.state.areas, town.areas())
    await site.put_call(CALL, OFFERED, CONNECTED, *told([CARRIER, PHONE, MAST]))
    shown = await page(site)
    assert "3 keterangan lokasi" in shown
    assert shown.index("AML: ponsel, lewat data") < shown.index("dari jaringan · Cell")
    assert "Dalam 20 m." in shown
    assert "Ragu: " in shown
    assert "Kel. Mojo" in shown
    assert '<path class="area kelurahan"' in shown
    assert shown.count('class="claim-point') == 3
    assert shown.count('<path class="claim is-best"') == 1
    answer = await (await (await site.client("siti")).get(f"/api/v1/incidents/{INCIDENT}/place")).json()
    assert [one["claim"]["source"] for one in answer["claims"]] == ["aml-https", "pidf-lo", "carrier"]
    assert [flag["weight"] for flag in answer["claims"][0]["flags"]] == ["doubt", "note"]
    assert answer["placement"]["kelurahan"][0]["name"] == "Mojo"


async def test_a_change_is_shown_until_it_is_seen(site: Site) -> None:
    """With the place before and the place now."""
    await site.put_call(CALL, OFFERED, CONNECTED, *told([CARRIER], [PHONE]))
    assert "Lokasi berubah." in await page(site)
    siti = await site.client("siti")
    async with siti.post(f"/incidents/{INCIDENT}/location-seen", data={}) as response:
        assert response.status == 200
    assert "Lokasi berubah." not in await page(site)
    assert "perubahan lokasi dilihat" in await page(site)


async def test_what_the_operator_chooses_is_a_claim_of_hers(site: Site) -> None:
    """By the page's form and by the interface; a phone elsewhere does not replace it."""
    now = datetime.now(UTC)  # A fix of minutes ago would count for less.
    phone = replace(PHONE, received_at=now, fix_at=now - timedelta(seconds=9))
    await site.put_call(CALL, OFFERED, CONNECTED, *told([phone]))
    siti = await site.client("siti")
    far = {
        "latitude": str(MIDDLE.latitude + 0.03),
        "longitude": str(MIDDLE.longitude),
        "label": "Warung Biru",
    }
    async with siti.post(f"/incidents/{INCIDENT}/place-claim", data=far) as response:
        assert response.status == 200
    shown = await page(site)
    assert "Warung Biru" in shown
    assert "ditetapkan operator" in shown
    again = {"latitude": MIDDLE.latitude, "longitude": MIDDLE.longitude, "radius_m": 300}
    async with siti.post(f"/api/v1/incidents/{INCIDENT}/claims", json=again) as response:
        place = await response.json()
    assert [one["claim"]["source"] for one in place["claims"]][:2] == ["aml-https", "operator"]
    assert place["claims"][1]["claim"]["provider"] == "siti"
    assert place["change"]["new"]["source"] == "aml-https"
    async with siti.post(f"/api/v1/incidents/{INCIDENT}/location-seen") as response:
        assert (await response.json())["change"] is None


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("latitude", {"longitude": "112.7"}),
        ("latitude", {"latitude": "-97", "longitude": "112.7"}),
        ("longitude", {"latitude": "-7", "longitude": "east"}),
        ("latitude", {"latitude": "0", "longitude": "0"}),
        ("radius_m", {"latitude": "-7", "longitude": "112", "radius_m": "nan"}),
        ("label", {"latitude": "-7", "longitude": "112", "label": "x" * 400}),
    ],
)
async def test_a_choice_that_is_no_place_is_refused_by_its_name(
    site: Site, field: str, fields: dict[str, str]
) -> None:
    """Never 0,0."""
    await site.put_call(CALL, OFFERED, CONNECTED)
    siti = await site.client("siti")
    response = await siti.post(f"/incidents/{INCIDENT}/place-claim", data=fields)
    error: dict[str, Any] = (await response.json())["error"]
    assert (response.status, error["field"]) == (422, field)


async def test_an_agencys_desk_may_not_choose(site: Site) -> None:
    """Nor confirm a change."""
    await site.put_call(CALL, OFFERED, CONNECTED)
    pmk = await site.client("pmk")
    for action in ("place-claim", "location-seen"):
        assert (await pmk.post(f"/incidents/{INCIDENT}/{action}", data={})).status == 403


async def test_a_map_is_drawn_of_every_shape(site: Site) -> None:
    """Without boundaries, too; an address alone has none."""
    ellipse = Claim("held", NOW, Ellipse(MIDDLE, 80, 20, 45), fix_at=NOW)
    street = Claim("ali", NOW, civic={"A3": "Surabaya", "RD": "Tunjungan"})
    await site.put_call(CALL, OFFERED, CONNECTED, *told([ellipse, street]))
    shown = await page(site)
    assert "<svg" in shown
    assert 'class="area' not in shown
    assert "Tunjungan" in shown
    await site.put_call("sby1-1.2", OFFERED, *told([street]))
    other = await (await (await site.client("siti")).get("/incidents/sby1-20261124-0002")).text()
    assert "data-map" not in other


async def test_a_phone_that_moves_leaves_a_line(site: Site) -> None:
    """Through its fixes, oldest first, and through no other source's."""
    north = Position(MIDDLE.latitude + 0.001, MIDDLE.longitude)
    before = replace(PHONE, shape=Circle(north, 20), received_at=NOW - timedelta(seconds=30), fix_at=None)
    events = told([before, CARRIER, MAST], [PHONE])
    await site.put_call(CALL, OFFERED, CONNECTED, *events[:3])
    assert 'class="track"' not in await page(site)
    await site.put_call(CALL, *events[3:], first=6)
    (line,) = re.findall(r'<path class="track" d="M([^"]+)"', await page(site))
    (x, y), (to_x, to_y) = ([float(number) for number in point.split()] for point in line.split("L"))
    assert (x, y < to_y) == (to_x, True)

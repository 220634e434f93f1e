"""The wall: all of it at a glance, nobody's name, and nothing that could be pressed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.models import Call, Incident
from dashboards.places.city import HEIGHT, WIDTH, draw_city
from dashboards.users.sessions import IDLE, LONGEST
from dashboards.wall.figures import count_day
from suar.areas import Areas, Atlas, storing
from tests import town
from tests.component.conftest import CONNECTED, OFFERED, TRIAGED, Site
from tests.component.test_health_page import hear, picture
from tests.component.test_web_doors import concrete

JAKARTA = ZoneInfo("Asia/Jakarta")
INCIDENT = "sby1-20261124-0001"


def located(column: float, row: float) -> dict[str, Any]:
    latitude, longitude = town.middle(column, row)
    return {
        "type": "located",
        "claim": {
            "source": "pidf-lo", "method": "GPS", "shape": "Circle", "latitude": latitude,
            "longitude": longitude, "radius_m": 35.0, "civic": {}, "label": None, "confidence": None,
            "fix_at": None, "flags": [],
        },
    }  # fmt: skip


async def test_a_wall_reads_one_page_and_does_nothing(site: Site) -> None:
    """Whoever stands before its keyboard, and whatever she asks for."""
    lobi = await site.client("lobi")
    home = await lobi.get("/", allow_redirects=False)
    assert (home.status, home.headers["Location"]) == (303, "/wall")
    assert (await lobi.get("/wall")).status == 200
    its_own = {"/", "/wall", "/events", "/login", "/logout", "/language", "/static", "/api/openapi.json"}
    for route in site.server.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path in its_own or path in {"/healthz", "/readyz", "/metrics"} or route.method in {"*", "HEAD"}:
            continue
        answer = await lobi.request(route.method, concrete(path), allow_redirects=False)
        # The controller's own routes know no cookie at all.
        assert answer.status in {401, 403}, (route.method, path, answer.status)
    for page in ("board", "desk", "incidents", "users"):
        assert (await lobi.get("/events", params={"page": page})).status == 403


async def test_nobody_is_named_on_the_wall(site: Site) -> None:
    """No number, no door, no note, no operator: the kind, the kelurahan, who moves, and the clock."""
    storing.save(site.state.areas, town.areas())
    await site.put_call("sby1-1.1", OFFERED, located(1, 1), TRIAGED, CONNECTED)
    sari = await site.client("sari")
    told = {"place": "Jl. Karet 7", "notes": "Ibu Wati, lantai dua"}
    await sari.patch(f"/api/v1/incidents/{INCIDENT}", json=told)
    await sari.post(f"/api/v1/incidents/{INCIDENT}/send", json={"agencies": ["dpkp"]})
    hear(site, picture("disk_low:recordings"))
    wall = await (await (await site.client("lobi")).get("/wall")).text()
    main = wall[wall.index("<h1") :]
    for shown in ("Kebakaran", "Kel. Mojo, Kec. Gubeng", "DPKP", "terlambat", "hampir penuh"):
        assert shown in main
    for kept in ("62812", "Karet", "Wati", "Siti", "siti"):
        assert kept not in main
    assert re.search(r'<g class="pin late"><circle cx="[\d.]+" cy="[\d.]+" r="20"/><text[^>]*>1</text>', main)
    assert "<button" not in main
    assert "<a " not in main


async def test_the_wall_goes_on_for_days(site: Site) -> None:
    """Nobody stands there to sign in again, and its browser may be switched off at night."""
    lobi, sari = await site.client("lobi"), await site.client("sari")
    cookie = next(one for one in lobi.cookie_jar if one.key == "suar_session")
    assert int(cookie["max-age"]) > 86_400 * 300
    later = site.services.now() + LONGEST + IDLE + timedelta(days=40)
    site.services.now = lambda: later
    assert (await lobi.get("/wall")).status == 200
    assert (await sari.get("/wall", headers={"Accept": "application/json"})).status == 401
    # Somebody else's request tidies up what is over, and not the wall.
    await site.services.presence.settle()
    assert (await (await site.client("sari")).get("/wall")).status == 200
    assert (await lobi.get("/wall")).status == 200
    assert (await (await site.client("admin")).post("/users/lobi/disable")).status == 200
    assert (await lobi.get("/wall", headers={"Accept": "application/json"})).status == 401


async def test_a_guess_as_wide_as_the_city_is_no_point_on_the_map(site: Site) -> None:
    """What the carrier's area code says would be a pin in somebody's street."""
    storing.save(site.state.areas, town.areas())
    guess = located(1, 1)
    guess["claim"] |= {
        "source": "carrier",
        "method": "Manual",
        "radius_m": 25_000.0,
        "uncertainty_m": 25_000.0,
    }
    await site.put_call("sby1-1.1", OFFERED, guess, TRIAGED)
    wall = await (await (await site.client("lobi")).get("/wall")).text()
    assert "tempat belum diketahui" in wall
    assert 'class="pin' not in wall[wall.index("<svg") :]


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 11, 24, 12, 0, tzinfo=JAKARTA).astimezone(UTC)


async def test_the_day_is_the_citys(site: Site, noon: datetime) -> None:
    """From its midnight: response times, the share in time, calls by the hour beside yesterday's."""
    responses = {1: 300.0, 2: 400.0, 3: 500.0, 4: None}

    def fill(session: Any) -> None:
        def ring(number: int, rang: datetime, took_s: float | None, wait_s: float) -> None:
            arrived = rang + timedelta(seconds=took_s) if took_s else None
            name = f"sby1-{number}"
            session.add(
                Incident(
                    id=name, state="new", kind="fire", priority=0, target_s=420.0, language="id",
                    created_at=rang, ring_at=rang, on_scene_at=arrived,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                Call(id=f"{name}.1", incident_id=name, ended_by="operator", wait_s=wait_s, talk_s=9.0)
            )

        for number, took_s in responses.items():
            ring(number, noon - timedelta(hours=number), took_s, 5.0)
        ring(5, noon - timedelta(minutes=5), None, 15.0)
        ring(6, noon - timedelta(hours=12, minutes=1), 9000.0, 99.0)  # yesterday, a minute before midnight

    await site.services.db.write(fill)
    day = await site.services.db.read(lambda session: count_day(session, noon, JAKARTA, 10.0))
    assert day.hours == (0,) * 8 + (1, 1, 1, 2) + (0,) * 12
    assert day.yesterday == (0,) * 23 + (1,)
    assert (day.response_s, day.slow_response_s) == (400.0, 500.0)
    assert day.in_time == pytest.approx(2 / 3)
    assert (day.answered_lately, day.answered) == (0.0, 0.8)


def test_a_map_of_the_city_has_what_happens_in_its_place() -> None:
    """A caller beyond it is not drawn at its edge; without boundaries, the points say how large it is."""
    atlas = Atlas(town.areas())
    inside, beyond = town.middle(0, 0), (-8.6, 115.2)
    drawn = draw_city(atlas, [inside, None, beyond], [town.middle(1, 1)])
    assert drawn is not None
    x, y = drawn.spots[0] or (0.0, 0.0)
    px, py = drawn.posts[0] or (0.0, 0.0)
    assert drawn.spots[1:] == (None, None)
    assert 0 < x < px < WIDTH
    assert 0 < y < py < HEIGHT
    assert {one.name for one in drawn.outlines if one.label} == {"Keputran", "Tegalsari", "Gubeng", "Mojo"}

    bare = Atlas(Areas())
    assert draw_city(bare, [None]) is None
    alone = draw_city(bare, [inside])
    assert alone is not None
    assert alone.spots == ((WIDTH / 2, HEIGHT / 2),)
    several = draw_city(bare, [town.middle(0, 0), town.middle(1, 1)])
    assert several is not None
    assert None not in several.spots

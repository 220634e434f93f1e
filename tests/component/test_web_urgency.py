"""What is most urgent is seen first: on the board, on an agency's desk, and among the alarms."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from dashboards.incidents import listing
from dashboards.models import Incident
from tests.component.conftest import CONNECTED, OFFERED, TRIAGED, Site
from tests.component.test_health_page import hear, picture

RANG_AT = datetime.fromisoformat("2026-11-24T08:00:00+00:00")


def incident(number: int) -> str:
    return f"sby1-20261124-{number:04}"


async def ring(site: Site, number: int, after_s: float, kind: str = "fire") -> str:
    """Have a call come in; return its incident."""
    at = (RANG_AT + timedelta(seconds=after_s)).isoformat()
    events: list[dict[str, Any]] = [OFFERED | {"at": at}, TRIAGED | {"kind": kind, "at": at}, CONNECTED]
    await site.put_call(f"sby1-{number}.1", *events)
    return incident(number)


async def test_the_incident_whose_target_comes_first_is_first(site: Site) -> None:
    """Not the newest; and one with a unit on its scene comes last."""
    await ring(site, 1, 0.0)
    await ring(site, 2, 10.0, "medical")  # seven minutes, of a fire's six and a half
    await ring(site, 3, 30.0)
    sari = await site.client("sari")
    await sari.post(f"/api/v1/incidents/{incident(1)}/send", json={"agencies": ["dpkp"]})
    pmk = await site.client("pmk")
    await pmk.post(f"/api/v1/incidents/{incident(1)}/tasks/dpkp/on-scene")
    board = await (await sari.get("/board")).text()
    shown = re.findall(r'<tr id="incident-(\S+)"', board)
    assert shown == [incident(3), incident(2), incident(1)]


async def test_all_open_incidents_are_counted_and_the_most_urgent_are_listed(site: Site) -> None:
    """In a disaster the oldest must not fall off the end of the list, nor out of the figure."""
    await ring(site, 1, 0.0)
    row = await site.services.db.read(lambda session: session.get_one(Incident, incident(1)).model_dump())

    def copy(session: Any) -> None:
        for number in range(2, 81):
            at = RANG_AT + timedelta(seconds=number)
            session.add(Incident(**row | {"id": incident(number), "created_at": at, "ring_at": at}))

    await site.services.db.write(copy)
    board = await (await (await site.client("sari")).get("/board")).text()
    assert "<dd>80</dd>" in board
    assert re.findall(r'<tr id="incident-(\S+)"', board) == [incident(number) for number in range(1, 61)]
    assert "60 yang paling mendesak" in board
    assert await site.services.db.read(listing.count_open) == 80


async def test_an_agency_sees_first_what_nobody_has_taken_up(site: Site) -> None:
    """Then what is under way, then where its crew is; with the caller's number."""
    sari, pmk = await site.client("sari"), await site.client("pmk")
    for number in (1, 2, 3):
        await ring(site, number, float(number))
        await sari.post(f"/api/v1/incidents/{incident(number)}/send", json={"agencies": ["dpkp", "bpbd"]})
    await pmk.post(f"/api/v1/incidents/{incident(1)}/tasks/dpkp/on-scene")
    await pmk.post(f"/api/v1/incidents/{incident(2)}/tasks/dpkp/acknowledge")
    desk = await (await pmk.get("/agency")).text()
    assert re.findall(r'id="task-(\S+)"', desk) == [incident(3), incident(2), incident(1)]
    assert desk.count("BARU") == 1
    assert desk.count('href="tel:+628121234567"') == 3
    assert "Bersama BPBD" in desk
    # The one that is to be pressed next stands out.
    assert desk.count("step primary") == 2


async def test_what_many_callers_wait_for_is_said_once(site: Site) -> None:
    """Each has an alarm of her own; those behind which callers wait come before a disk that is older."""
    waiting = [f"waiting_too_long:sby1-{number}.1" for number in range(5)]
    hear(site, picture("disk_low:recordings", *waiting, "flood:telkomsel", "trunk_full:indosat"))
    sari = await site.client("sari")
    for path in ("/board", "/health"):
        shown = await (await sari.get(path)).text()
        assert shown.count("Penelepon menunggu melebihi sasaran.") == 1
        assert "5 penelepon" in shown
        assert shown.index("menunggu melebihi") < shown.index("membanjir") < shown.index("hampir penuh")
        assert "Telkomsel" in shown
        assert "telkomsel" not in shown.replace("flood-telkomsel", "").replace("flood:telkomsel", "")
    board = await (await sari.get("/board")).text()
    # Two in full, the others behind a line that is always there: the calls below do not jump far.
    assert "2 peringatan lagi" in board


async def test_a_callers_number_finds_her_incidents(site: Site) -> None:
    """However it is written."""
    await ring(site, 1, 0.0)
    sari = await site.client("sari")
    for text in ("08121234567", "+628121234567", "0812-1234", "1234567"):
        found = await (await sari.get("/incidents", params={"text": text})).text()
        assert incident(1) in found, text
    for text in ("08129999", "Gubeng"):
        assert incident(1) not in await (await sari.get("/incidents", params={"text": text})).text(), text

"""A caller who rings again comes back to her incident, as the controller says which it is."""

from __future__ import annotations

from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED, Site

ABANDONED = ENDED | {"by": "caller", "phase": "waiting", "disposition": "terputus"}


async def test_both_calls_are_one_incident_and_it_is_no_longer_cut_off(site: Site) -> None:
    """What had been cut off is an incident with an operator as soon as somebody speaks to her."""
    _, first = await site.put_call("sby1-1.1", OFFERED, {"type": "answered"}, TRIAGED, ABANDONED)
    _, again = await site.put_call(
        "sby1-1.2", OFFERED | {"follows": "sby1-1.1"}, {"type": "answered"}, TRIAGED
    )
    assert again["incident_id"] == first["incident_id"]
    await site.put_call("sby1-1.2", CONNECTED, ENDED, first=4)
    siti = await site.client("siti")
    async with siti.get(f"/api/v1/incidents/{first['incident_id']}") as response:
        shown = await response.json()
    assert (shown["operator"], shown["disposition"]) == ("siti", "normal")
    assert [call["call_id"] for call in shown["calls"]] == ["sby1-1.1", "sby1-1.2"]


async def test_a_closed_incident_is_not_opened_by_a_call(site: Site) -> None:
    """She has a new one; the closed one is as it was."""
    _, first = await site.put_call("sby1-1.1", OFFERED, {"type": "answered"}, TRIAGED, ABANDONED)
    siti = await site.client("siti")
    closing = {"disposition": "terputus"}
    async with siti.post(f"/api/v1/incidents/{first['incident_id']}/close", json=closing) as response:
        assert response.status == 200, await response.text()
    status, again = await site.put_call("sby1-1.2", OFFERED | {"follows": "sby1-1.1"}, CONNECTED)
    assert (status, again["incident_id"] != first["incident_id"]) == (200, True)


async def test_a_call_that_follows_one_that_nobody_knows_is_a_call(site: Site) -> None:
    """The earlier one's events are still on their way, or lost."""
    status, told = await site.put_call("sby1-1.2", OFFERED | {"follows": "sby1-9.9"})
    assert (status, told["applied"]) == (200, 1)

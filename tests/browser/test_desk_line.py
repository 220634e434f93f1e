"""What an operator does with her line, and with her caller's place: by the buttons, the keys and the map."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Position as Point
from playwright.async_api import expect

from suar.areas import storing
from suar.location import Claim
from suar.location.shapes import Circle, Position
from tests import town
from tests.browser.conftest import Room, Screen
from tests.browser.test_conversation import CALL, PARTY, conversation, party
from tests.component.conftest import CONNECTED, OFFERED, TRIAGED
from tests.component.test_web_claims import told
from tests.component.test_web_place_region import CARRIER, NOW, PHONE

INCIDENT = "sby1-20261124-0001"
EDGES = ("west", "south", "east", "north")


async def talking(room: Room, **changes: Any) -> Screen:
    """Return the desk of Siti, who talks with a caller."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    room.show("talking", CALL, "talking", conversation=conversation(**changes))
    siti = await room.screen("siti")
    await expect(siti.page.locator("#region-talk .talk-state")).to_be_visible()
    return siti


async def asked_next(room: Room, siti: Screen, selector: str) -> tuple[str, dict[str, Any]]:
    """Click, and return what the controller is asked because of it."""
    before = len(room.controller.commands)
    await siti.page.click(selector)
    for _ in range(250):
        if len(room.controller.commands) > before:
            break
        await siti.page.wait_for_timeout(20)
    command: tuple[str, dict[str, Any]] = room.controller.commands[-1]
    assert len(room.controller.commands) == before + 1
    return command


async def test_the_line_with_the_mouse(room: Room) -> None:
    """Hold and back, mute and back, consult, confer, transfer: each button asks for its own."""
    siti = await talking(room)
    form = "form[action='/desk/call/{}'] button".format
    talk = siti.page.locator("#region-talk")
    hold = f"{form('hold')}[data-key=h]"
    assert await asked_next(room, siti, hold) == ("hold", {"by": "siti"})
    room.show("talking", CALL, "talking", conversation=conversation(is_held=True, is_on_hold=True))
    await expect(talk.locator(form("resume"))).to_be_visible()
    assert await asked_next(room, siti, form("resume")) == ("resume", {"by": "siti"})
    room.show("talking", CALL, "talking", conversation=conversation())
    await expect(talk.locator(form("mute"))).to_have_attribute("aria-pressed", "false")
    assert await asked_next(room, siti, form("mute")) == ("mute", {"by": "siti"})
    room.show("talking", CALL, "talking", conversation=conversation(is_muted=True))
    await expect(talk.locator(form("unmute"))).to_have_attribute("aria-pressed", "true")
    assert await asked_next(room, siti, form("unmute")) == ("unmute", {"by": "siti"})

    for purpose in ("consult", "conference", "blind"):
        await siti.page.select_option(".call-in [name=target]", "agency:dpkp")
        command, wishes = await asked_next(room, siti, f"#region-talk button[value={purpose}]")
        assert command == "call-in"
        assert (wishes["target"], wishes["purpose"], wishes["incident"]) == ("dpkp", purpose, INCIDENT)

    consulting = conversation(is_on_hold=True, consulting=PARTY, parties=[party("consulting")])
    room.show("talking", CALL, "talking", conversation=consulting)
    await expect(talk.locator(form("join"))).to_be_visible()
    assert await asked_next(room, siti, form("join")) == ("join", {"by": "siti", "party": PARTY})
    assert await asked_next(room, siti, form("transfer")) == ("transfer", {"by": "siti", "party": PARTY})
    assert siti.complaints == []


async def test_one_list_says_what_it_was_and_the_button_beside_it_closes(room: Room) -> None:
    """What is marked is saved at once; closing asks for nothing more."""
    siti = await talking(room)
    region = siti.page.locator("#region-agencies")
    await expect(region.locator("select")).to_have_count(0)
    await region.locator("label", has=siti.page.locator("input[value=informasi]")).click()
    await region.locator("button[formaction$=close]").click()
    await expect(region.locator("form[action$=reopen]")).to_be_visible()
    browser = await room.site.client("siti")
    shown = await (await browser.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert (shown["state"], shown["disposition"]) == ("closed", "informasi")


async def test_a_change_of_place_is_seen_with_a_key(room: Room) -> None:
    """L, and it is shown no more; it does nothing while she types."""
    siti = await talking(room)
    await room.site.put_call(CALL, *told([CARRIER], [PHONE]), first=5)
    change = siti.page.locator("#region-place .place-change")
    await expect(change).to_be_visible()
    await siti.page.locator(".call-in [name=number]").press("l")
    await expect(siti.page.locator(".call-in [name=number]")).to_have_value("l")
    await siti.page.locator(".call-in [name=number]").press("Escape")
    await expect(change).to_be_visible()
    await siti.page.keyboard.press("l")
    await expect(change).to_have_count(0)
    assert siti.complaints == []


async def test_a_caller_out_of_the_city_is_handed_over_with_a_key(room: Room) -> None:
    """O calls the neighbour in whose area she is, and her incident goes with her."""
    storing.save(room.site.state.areas, town.areas())
    siti = await talking(room)
    beyond = Claim("aml-https", NOW, Circle(Position(*town.middle(2, 0)), 30), method="GPS", fix_at=NOW)
    await room.site.put_call(CALL, *told([beyond]), first=5)
    await expect(siti.page.locator("form.hand-over button")).to_be_enabled()
    await siti.page.keyboard.press("o")
    for _ in range(250):
        if room.controller.commands:
            break
        await siti.page.wait_for_timeout(20)
    wishes = {
        "by": "siti",
        "kind": "neighbour",
        "target": "sidoarjo",
        "purpose": "blind",
        "incident": INCIDENT,
    }
    assert room.controller.commands == [("call-in", wishes)]
    assert siti.complaints == []


async def test_a_double_click_on_the_map_is_a_claim_of_the_operators(room: Room) -> None:
    """Where she clicked, within the width of the pointer."""
    storing.save(room.site.state.areas, town.areas())
    siti = await talking(room)
    await room.site.put_call(CALL, *told([CARRIER]), first=5)
    drawing = siti.page.locator("#region-place svg[data-map]")
    await expect(drawing).to_be_visible()
    box = await drawing.bounding_box()
    assert box is not None
    edges = {name: float(await drawing.get_attribute(f"data-{name}") or "nan") for name in EDGES}
    at = Point(x=box["width"] / 2, y=box["height"] / 2)
    await drawing.dblclick(position=at, force=True)
    await expect(siti.page.locator("#region-place .claims li")).to_have_count(2)
    browser = await room.site.client("siti")
    shown = await (await browser.get(f"/api/v1/incidents/{INCIDENT}/place")).json()
    (hers,) = [one["claim"] for one in shown["claims"] if one["claim"]["source"] == "operator"]
    pixel = (edges["north"] - edges["south"]) / box["height"]
    assert hers["latitude"] == pytest.approx((edges["north"] + edges["south"]) / 2, abs=2 * pixel)
    assert hers["longitude"] == pytest.approx((edges["west"] + edges["east"]) / 2, abs=2 * pixel)
    assert siti.complaints == []

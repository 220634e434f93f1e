"""What an operator does with her line, and with her caller's place: by the buttons, the keys and the map."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import Room, Screen
from tests.browser.test_conversation import CALL, PARTY, conversation, party
from tests.component.conftest import CONNECTED, OFFERED, TRIAGED

INCIDENT = "sby1-20261124-0001"


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
        await siti.page.select_option("#talk-target", "agency:dpkp")
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

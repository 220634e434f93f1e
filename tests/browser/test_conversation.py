"""An operator's conversation on her desk: with the mouse, with the keys alone, and for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.conftest import Room
from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED

CALL = "sby1-1.1"
PARTY = f"{CALL}-py1"


def conversation(**changes: Any) -> dict[str, Any]:
    """Return a conversation as the controller shows it."""
    plain: dict[str, Any] = {
        "has_operator": True, "is_caller_there": True, "is_on_hold": False, "is_held": False,
        "stays_open": False, "consulting": None, "is_muted": False, "muted": [], "pause_reason": None,
        "parties": [],
    }  # fmt: skip
    return plain | changes


def party(stage: str) -> dict[str, Any]:
    return {"id": PARTY, "kind": "agency", "target": "dpkp", "purpose": "consult", "stage": stage}


async def test_hold_consult_and_transfer_with_the_keys_alone(room: Room) -> None:
    """What she presses is asked of the controller; what it shows is on her desk; the agency has it too."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    room.show("talking", CALL, "talking", conversation=conversation())
    siti = await room.screen("siti")
    desk, asked = siti.page, room.controller.commands
    state = desk.locator("#region-talk .talk-state")
    await expect(state).to_contain_text("bersama penelepon")

    async def press(key: str, command: str) -> dict[str, Any]:
        before = len(asked)
        await desk.keyboard.press(key)
        await expect(desk.locator("body")).to_be_visible()
        for _ in range(100):
            if len(asked) > before:
                break
            await desk.wait_for_timeout(20)
        assert asked[-1][0] == command
        return asked[-1][1]

    assert await press("h", "hold") == {"by": "siti"}
    room.show("talking", CALL, "talking", conversation=conversation(is_held=True, is_on_hold=True))
    await expect(state).to_contain_text("penelepon ditahan")
    assert await press("h", "resume") == {"by": "siti"}
    room.show("talking", CALL, "talking", conversation=conversation())
    await expect(state).to_contain_text("bersama penelepon")

    await desk.select_option(".call-in [name=target]", "agency:dpkp")
    consult = await press("k", "call-in")
    assert consult == {
        "by": "siti", "kind": "agency", "target": "dpkp", "purpose": "consult",
        "incident": "sby1-20261124-0001",
    }  # fmt: skip
    room.show("talking", CALL, "talking", conversation=conversation(parties=[party("ringing")]))
    await expect(desk.locator(".parties")).to_contain_text("berdering")
    await expect(desk.locator(".parties [data-key=t]")).to_have_count(0)
    consulting = conversation(is_on_hold=True, consulting=PARTY, parties=[party("consulting")])
    room.show("talking", CALL, "talking", conversation=consulting)
    await expect(desk.locator(".parties")).to_contain_text("berkonsultasi")
    await siti.shot("desk-consulting")
    assert await press("t", "transfer") == {"by": "siti", "party": PARTY}
    room.show(
        "wrap_up", CALL, "talking", conversation=conversation(has_operator=False, parties=[party("joined")])
    )
    await expect(desk.locator("#region-talk .talk")).to_contain_text("dipimpin operator lain")
    pmk = await room.screen("pmk")
    await expect(pmk.page.locator("article.task")).to_contain_text("0001")
    assert siti.complaints == []


async def test_what_she_types_is_not_a_command(room: Room) -> None:
    """A number with letters in it, the keys for the caller, a pause with its reason."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    room.show("talking", CALL, "talking", conversation=conversation())
    siti = await room.screen("siti")
    desk, asked = siti.page, room.controller.commands
    await desk.fill(".call-in [name=number]", "0318921112")
    await desk.locator(".call-in [name=number]").press("h")
    assert asked == []
    await desk.locator(".call-in [name=number]").press("Backspace")
    await desk.click("button[value=conference]")
    await expect(desk.locator(".call-in [name=number]")).to_have_value("")
    assert asked[-1][1]["kind"] == "number"
    await desk.fill("[name=digits]", "12#")
    await desk.click("form[action='/desk/call/digits'] button")
    await expect(desk.locator("[name=digits]")).to_have_value("")
    assert asked[-1] == ("digits", {"by": "siti", "leg": "caller", "digits": "12#"})
    await desk.keyboard.press("Escape")
    await desk.locator("h1").evaluate("node => document.activeElement.blur()")
    await desk.keyboard.press("p")
    await desk.wait_for_timeout(300)
    assert asked[-1] == ("pause-recording", {"by": "siti", "reason": "data kartu"})


async def test_an_abandoned_caller_is_called_back_from_the_list(room: Room) -> None:
    """One press; and the list clears itself when she is reached."""
    ended = ENDED | {"by": "caller", "phase": "waiting", "disposition": "terputus"}
    now = room.site.services.now().isoformat()
    await room.site.put_call(CALL, OFFERED | {"at": now}, {"type": "answered"}, TRIAGED, ended | {"at": now})
    room.show("ready")
    siti = await room.screen("siti")
    rows = siti.page.locator("#region-callbacks tbody tr")
    await expect(rows).to_contain_text("menutup sebelum dijawab")
    await siti.page.click("#region-callbacks button.primary")
    await siti.page.wait_for_timeout(300)
    ((command, wishes),) = room.controller.commands
    assert command == "call out"
    assert (wishes["number"], wishes["follows"], wishes["is_callback"]) == ("+628121234567", CALL, True)
    out = {"type": "dialled_out", "number": wishes["number"], "carrier": "telkom", "follows": CALL}
    await room.site.put_call("sby1-2.01", out, {"type": "answered"}, CONNECTED)
    await expect(rows).to_have_count(0)


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_desk_is_accessible_in_every_state_of_a_conversation(room: Room, language: str) -> None:
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    siti = None
    for stage in ("ringing", "consulting", "parked", "joined"):
        consulting = PARTY if stage == "consulting" else None
        shown = conversation(parties=[party(stage)], consulting=consulting, pause_reason="x", is_muted=True)
        room.show("talking", CALL, "talking", conversation=shown)
        siti = siti or await room.screen("siti", language)
        await expect(siti.page.locator(f".party-{stage}")).to_be_visible()
        results = await Axe().run(siti.page)
        assert results.violations_count == 0, results.generate_report()
    assert siti is not None
    assert siti.complaints == []

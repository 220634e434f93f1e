"""What somebody types or chooses is hers, whatever news comes in; and it goes to the incident she meant."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import Room
from tests.browser.test_conversation import CALL, conversation, party
from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED

INCIDENT, NEXT = "sby1-20261124-0001", "sby1-20261124-0002"


def waiting(call_id: str, kind: str, position: int) -> dict[str, Any]:
    """Return a caller who waits, as the controller shows her."""
    at = "2026-11-24T08:00:00.000Z"
    return {
        "call_id": call_id, "carrier": "telkomsel", "phase": "waiting", "kind": kind, "language": "id",
        "queue": "emergency", "priority": 0, "since": at, "ring_at": at, "position": position,
        "operator": None, "is_outward": False, "follows": None, "conversation": None, "supervisors": [],
    }  # fmt: skip


def operator(state: str) -> dict[str, Any]:
    """Return Siti, as the controller shows her."""
    return {
        "id": "siti", "name": "Siti Aminah", "state": state, "reason": None, "call_id": None,
        "since": "2026-11-24T08:00:00.000Z", "phone": "online",
    }  # fmt: skip


def show(room: Room, state: str, *calls: dict[str, Any]) -> None:
    """Have the controller show these calls, and Siti in this state."""
    at = "2026-11-24T08:00:00.000Z"
    room.controller.show(
        {
            "at": at, "node": "sby1", "asterisk": "up", "since": at, "alarms": [],
            "calls": list(calls), "operators": [operator(state)],
        }
    )  # fmt: skip


async def shown(room: Room, incident: str) -> dict[str, Any]:
    """Return an incident as it is stored."""
    browser = await room.site.client("siti")
    told: dict[str, Any] = await (await browser.get(f"/api/v1/incidents/{incident}")).json()
    return told


async def test_whom_she_chose_is_whom_she_calls(room: Room) -> None:
    """News of her call changes neither the target, nor the number, nor the reason that she had chosen."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    room.show("talking", CALL, "talking", conversation=conversation())
    siti = await room.screen("siti")
    desk = siti.page
    await desk.fill("[name=digits]", "12")
    await desk.select_option(".call-in [name=target]", "neighbour:sidoarjo")
    await desk.select_option(".talk-more [name=reason]", index=1)
    await desk.select_option("#reason", "prayer")
    await desk.evaluate("document.activeElement.blur()")
    room.show("talking", CALL, "talking", conversation=conversation(is_muted=True, parties=[party("joined")]))
    await expect(desk.locator(".party-joined")).to_be_visible()
    await expect(desk.locator(".call-in [name=target]")).to_have_value("neighbour:sidoarjo")
    await expect(desk.locator("[name=digits]")).to_have_value("12")
    await expect(desk.locator(".talk-more [name=reason]")).to_have_value("data kesehatan")
    room.show("wrap_up", CALL, "talking", conversation=conversation(has_operator=False))
    await expect(desk.locator("#region-me")).to_contain_text("merapikan")
    await expect(desk.locator("#reason")).to_have_value("prayer")
    assert siti.complaints == []


async def test_the_agencies_that_she_marked_are_those_it_is_sent_to(room: Room) -> None:
    """What is saved beside them, and comes back as news, marks none and unmarks none."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    room.show("talking", CALL, "talking", conversation=conversation())
    siti = await room.screen("siti")
    region = siti.page.locator("#region-agencies")

    async def press(value: str) -> None:
        await region.locator("label", has=siti.page.locator(f"input[value={value}]")).click()

    await press("dinkes")
    await press("dinsos")
    await press("informasi")
    await expect(siti.page.locator("#region-clock")).to_contain_text("informasi")
    await siti.page.keyboard.press("s")
    await expect(region.locator("tbody")).to_contain_text("Dinsos")
    assert {task["agency"] for task in (await shown(room, INCIDENT))["tasks"]} == {"dpkp", "bpbd", "dinsos"}


async def test_the_next_call_does_not_get_what_she_types_of_the_last(room: Room) -> None:
    """Her text is saved where it belongs, the next incident is empty, and what she types on is no command."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED, ENDED)
    room.show("ready")
    siti = await room.screen("siti")
    desk = siti.page
    notes = desk.locator("[name=notes]")
    await notes.press_sequentially("Dua korban, satu te")
    await room.site.put_call("sby1-2.1", OFFERED, TRIAGED)
    room.show("ringing", "sby1-2.1")
    await expect(desk.locator("#region-clock")).to_contain_text(NEXT)
    await desk.keyboard.type("rjepit, s", delay=30)
    await expect(notes).to_have_value("")
    for _ in range(50):
        if (last := await shown(room, INCIDENT))["notes"]:
            break
        await desk.wait_for_timeout(100)
    await desk.wait_for_timeout(1700)
    following = await shown(room, NEXT)
    assert last["notes"] == "Dua korban, satu te"
    assert following["notes"] == ""
    assert following["tasks"] == []
    # A moment after the last key they are commands again.
    await desk.keyboard.press("s")
    await expect(desk.locator("#region-agencies tbody")).to_contain_text("DPKP")
    assert siti.complaints == []


async def test_a_key_acts_on_the_caller_it_stood_at(room: Room) -> None:
    """The line moves up beneath it, and the focus goes along with its caller; so it does with an operator."""
    first, second = waiting("sby1-1.1", "fire", 1), waiting("sby1-2.1", "medical", 2)
    show(room, "ready", first, second)
    siti, sari = await room.screen("siti"), await room.screen("sari")
    take = siti.page.get_by_role("button", name="Ambil 2 Medis")
    await take.focus()
    ready = sari.page.locator("#region-operators").get_by_role("button", name="Tidak siap")
    await ready.focus()
    show(room, "wrap_up", second | {"position": 1})
    await expect(siti.page.locator("#region-line tbody tr")).to_have_count(1)
    await expect(siti.page.get_by_role("button", name="Ambil 1 Medis")).to_be_focused()
    await expect(sari.page.locator("#region-operators")).to_contain_text("merapikan")
    await expect(ready).to_be_focused()
    assert siti.complaints == sari.complaints == []


async def test_who_is_called_back_leaves_the_list_and_nothing_else_moves(room: Room) -> None:
    """The button is answered in place: the page is not loaded anew beneath a call."""
    ended = ENDED | {"by": "caller", "phase": "waiting", "disposition": "terputus"}
    now = room.site.services.now().isoformat()
    await room.site.put_call(CALL, OFFERED | {"at": now}, TRIAGED, ended | {"at": now})
    room.show("ready")
    siti = await room.screen("siti")
    await siti.page.evaluate("document.body.dataset.still = 'here'")
    await siti.page.get_by_role("button", name="Sudah ditelepon").click()
    await expect(siti.page.locator("#region-callbacks tbody tr")).to_have_count(0)
    assert await siti.page.evaluate("document.body.dataset.still") == "here"


async def test_what_she_typed_goes_along_when_she_sends(room: Room) -> None:
    """At once, without the moment after which it would save itself; leaving the page loses no word either."""
    await room.site.put_call(CALL, OFFERED, {"type": "answered"}, TRIAGED, CONNECTED)
    room.show("talking", CALL, "talking", conversation=conversation())
    siti = await room.screen("siti")
    desk = siti.page
    await desk.fill("[name=place]", "Jl. Tunjungan 1")
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("s")
    await expect(desk.locator("#region-agencies tbody")).to_contain_text("DPKP")
    told = await shown(room, INCIDENT)
    assert (told["place"], len(told["tasks"])) == ("Jl. Tunjungan 1", 3)
    await desk.fill("[name=notes]", "Lantai dua")
    await siti.open("/board")
    for _ in range(20):
        if (told := await shown(room, INCIDENT))["notes"]:
            break
        await desk.wait_for_timeout(50)
    assert told["notes"] == "Lantai dua"

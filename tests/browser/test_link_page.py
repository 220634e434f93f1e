"""The page of a link by SMS, on a phone with a place, on one that refuses, and on one without a script."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Geolocation, Page, ViewportSize, expect

from tests.browser.conftest import Room
from tests.component.test_links import INCIDENT, Town, town

__all__ = ["town"]

PLACE: Geolocation = {"latitude": -7.2656, "longitude": 112.7371, "accuracy": 12}
PHONE: ViewportSize = {"width": 360, "height": 640}


def address(town: Town) -> str:
    return str(town.public.make_url(f"/l/{town.gateway.token}"))


async def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SUAR_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def test_a_phone_shares_its_place_and_the_operator_sees_it(town: Town, room: Room) -> None:
    """From the button to the map's numbers, live, until the caller stops; the page has no barriers."""
    siti = await room.screen("siti")
    await siti.open(f"/incidents/{INCIDENT}")
    await siti.page.click("form.link button")
    await expect(siti.page.locator(".link-state")).to_contain_text("SMS ke …567")
    context = await room.browser.new_context(
        viewport=PHONE, geolocation=PLACE, permissions=["geolocation"], locale="id-ID"
    )
    phone = await context.new_page()
    complaints: list[str] = []
    phone.on("console", lambda message: complaints.append(message.text))
    phone.on("pageerror", lambda error: complaints.append(str(error)))
    await phone.goto(address(town))
    await expect(phone.locator("h1")).to_have_text("Bagikan lokasi Anda")
    found = await Axe().run(phone)
    assert found.violations_count == 0, found.generate_report()
    await shot(phone, "link")
    await expect(siti.page.locator(".link-state")).to_contain_text("dibuka")
    await phone.click("#go")
    await expect(phone.locator("#says")).to_contain_text("112 melihat lokasi Anda")
    await expect(phone.locator("#says")).to_contain_text("± 12 m")
    found = await Axe().run(phone)
    assert found.violations_count == 0, found.generate_report()
    await shot(phone, "link-sharing")
    where = siti.page.locator("#region-place .best")
    await expect(where).to_contain_text("-7.26560, 112.73710")
    await expect(where).to_contain_text("ponsel pelapor, lewat tautan")
    await expect(siti.page.locator(".link-state")).to_contain_text("membagikan lokasi")
    # She moves, and the claim follows.
    await context.set_geolocation({**PLACE, "latitude": -7.2666})
    await expect(siti.page.locator("#region-place")).to_contain_text("-7.26660", timeout=20_000)
    await siti.shot("link-incident")
    await phone.fill("#text", "Depan Pasar Atom")
    await phone.click("#words button")
    await expect(phone.locator("#text")).to_have_value("")
    await expect(siti.page.locator("#region-place")).to_contain_text("Depan Pasar Atom")
    await phone.click("#stop")
    await expect(phone.locator("#says")).to_contain_text("tidak lagi membagikan")
    await expect(siti.page.locator(".link-state")).to_contain_text("berhenti membagikan")
    assert complaints == []
    await context.close()


async def test_a_phone_that_refuses_says_so_and_its_owner_writes(town: Town, room: Room) -> None:
    """The operator sees why; the words are sent without a script as well."""
    await town.ask()
    context = await room.browser.new_context(viewport=PHONE)
    phone = await context.new_page()
    await phone.goto(f"{address(town)}?lang=en")
    await phone.click("#go")
    await expect(phone.locator("#says")).to_contain_text("told not to share", timeout=15_000)
    await expect(phone.locator("#text")).to_be_focused()
    await shot(phone, "link-refused")
    assert (await town.state())["reason"] == "denied"
    await context.close()

    await town.ask()
    plain = await room.browser.new_context(viewport=PHONE, java_script_enabled=False)
    old = await plain.new_page()
    await old.goto(address(town))
    await expect(old.locator("#go")).to_be_hidden()
    await old.fill("#text", "Gang Buntu 5")
    await old.click("#words button")
    await expect(old.locator(".good")).to_contain_text("Terima kasih")
    await shot(old, "link-plain")
    assert [one["civic"] for one in (await town.incident())["claims"]] == [{"LOC": "Gang Buntu 5"}]
    await plain.close()


async def test_a_link_that_is_over_says_whom_to_call(town: Town, room: Room) -> None:
    """The same page for every link that is none."""
    context = await room.browser.new_context(viewport=PHONE)
    phone = await context.new_page()
    await phone.goto(str(town.public.make_url("/l/AAAAAAAAAAAAAAAA")))
    await expect(phone.locator("h1")).to_have_text("Tautan ini tidak berlaku lagi")
    await expect(phone.locator("body")).to_contain_text("telepon 112")
    await shot(phone, "link-gone")
    await context.close()

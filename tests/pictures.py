"""Takes the README's pictures anew: ``python -m tests.pictures [BOUNDARIES.geojson]``.

Starts ``suar demo``, works at the desks as people do while its callers wait and talk, and keeps what the desk
and the wall look like in ``docs/pictures/``. Boundaries for the maps are imported where they are given: none
are ours, and pictures with them are for looking at, not for the repository.
"""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser_setup import find

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
STATE = "var/demo-sby1"
SUAR = (sys.executable, "-m", "suar")


class Demo:
    """The demonstration, as it tells its stories."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.base = ""
        self.passwords: dict[str, str] = {}

    async def hear(self, words: str) -> None:
        """Return when it has told this; keep the address and the passwords that it tells on the way."""
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = raw.decode().rstrip()
            print(line, flush=True)
            if found := re.search(r"Dashboards: (\S+)/ ", line):
                self.base = found[1]
            elif found := re.fullmatch(r"\s*[\d.]+ s {6}(\S+) +(\S+)", line):
                self.passwords[found[1]] = found[2]
            if words in line:
                return
        raise SystemExit(f"the demonstration ended before it told: {words}")

    async def sit_down(self, browser: Browser, name: str, path: str, width: int, height: int) -> Page:
        """Return the page of somebody who has signed in."""
        context = await browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark", reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto(f"{self.base}/login")
        await page.fill("[name=name]", name)
        await page.fill("[name=password]", self.passwords[name])
        await page.click("form.login button")
        await page.goto(f"{self.base}{path}")
        await page.wait_for_selector("#lamp[data-state=live]")
        return page


async def describe(desk: Page, kind: str, place: str, notes: str) -> None:
    """Take a call as an operator does: what, where, send; all by keys."""
    await desk.keyboard.press(kind)
    await desk.fill("[name=place]", place)
    await desk.fill("[name=notes]", notes)
    await desk.keyboard.press("Escape")
    await expect(desk.locator("#region-facts [data-touched]")).to_have_count(0)
    await desk.keyboard.press("s")
    await desk.wait_for_selector("#region-agencies tbody")


async def work(demo: Demo, browser: Browser) -> None:
    """The four stories, with people at the desks."""
    await demo.hear("has registered her phone")
    siti = await demo.sit_down(browser, "siti", "/desk", 1366, 900)
    budi = await demo.sit_down(browser, "budi", "/desk", 1366, 900)
    dpkp = await demo.sit_down(browser, "dpkp-desk", "/agency", 390, 844)
    wall = await demo.sit_down(browser, "supervisor", "/wall", 1920, 1080)
    await demo.hear("Telkomsel: talks with")
    await siti.wait_for_selector("#region-talk .talk")
    await describe(
        siti, "2", "Jl. Basuki Rahmat 60, gudang tekstil", "Api di lantai dua, satu orang terjebak."
    )
    for step in ("Terima", "START"):
        await dpkp.click(f".task button:has-text('{step}'):enabled")
        await dpkp.wait_for_selector(f".task button.done:has-text('{step}')")
    await demo.hear("XLSmart: talks with")
    await budi.wait_for_selector("#region-talk .talk")
    await describe(budi, "6", "Perempatan Jl. Diponegoro - Jl. Ciliwung", "Dua sepeda motor, satu korban.")
    await keep(siti, "desk")
    await dpkp.click(".task button:has-text('Di lokasi'):enabled")
    await dpkp.wait_for_selector(".task button.done:has-text('Di lokasi')")
    await wall.wait_for_selector("#region-wall_list .in_time")
    await keep(wall, "wall")


async def keep(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png")


async def main(boundaries: list[str]) -> None:
    """Run the demonstration, and stop it."""
    PICTURES.mkdir(exist_ok=True)
    process = await create_subprocess_exec(*SUAR, "demo", stdout=PIPE, cwd=ROOT)
    demo = Demo(process)
    try:
        await demo.hear("Sign in with")
        await demo.hear("-desk ")
        if boundaries:
            importing = (*SUAR, "--state", STATE, "areas", "import", *boundaries)
            await asyncio.to_thread(subprocess.run, importing, check=True, cwd=ROOT)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=find(), args=["--no-sandbox", "--disable-gpu"]
            )
            await work(demo, browser)
            await browser.close()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

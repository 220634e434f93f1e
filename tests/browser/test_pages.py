"""The pages, as people use them, in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from suar.areas import storing
from suar.areas.gazetteer import Kind, Place
from suar.areas.gazetteer import importing as gazetteer
from tests import town
from tests.browser.conftest import Room
from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED

INCIDENT = "sby1-20261124-0001"
CLAIM = {
    "source": "pidf-lo", "method": "GPS", "shape": "Circle", "latitude": -7.2796, "longitude": 112.7381,
    "radius_m": 35.0, "civic": {}, "label": None, "confidence": None, "fix_at": None, "flags": [],
}  # fmt: skip


async def test_a_call_on_the_operators_screen_and_the_agencys(room: Room) -> None:
    """The card before she answers; her typing is safe; one key sends; the crew's keys stop the clock."""
    room.show("ready")
    siti = await room.screen("siti")
    desk = siti.page
    await expect(desk.locator("#region-me")).to_contain_text("siap")

    located = {"type": "located", "claim": CLAIM}
    await room.site.put_call("sby1-1.1", OFFERED, {"type": "answered"}, located, TRIAGED)
    room.show("ringing", "sby1-1.1")
    card = desk.locator(".ringing")
    await expect(card).to_contain_text("Kebakaran")
    await expect(card).to_contain_text("+628121234567")
    await expect(card).to_contain_text("± 35 m")

    await room.site.put_call("sby1-1.1", CONNECTED, first=5)
    room.show("talking", "sby1-1.1", "talking")
    place = desk.locator("[name=place]")
    await place.fill("Jl. Tunju")
    # News comes in while she types.
    for number in range(3):
        await room.site.put_call("sby1-1.1", {"type": "note_of_the_controller"}, first=6 + number)
        room.show("talking", "sby1-1.1", "talking")
    await place.press_sequentially("ngan 1", delay=40)
    await expect(place).to_have_value("Jl. Tunjungan 1")
    await expect(place).to_be_focused()
    await expect(desk.locator("#region-facts .saved")).to_have_text("tersimpan")

    await place.press("Escape")
    await desk.keyboard.press("2")
    await expect(desk.locator("input[name=kind][value=fire]")).to_be_checked()
    await siti.shot("desk")
    pmk = await room.screen("pmk", width=390)
    await expect(pmk.page.locator("#region-tasks")).to_contain_text("Tidak ada tugas terbuka")
    await desk.keyboard.press("s")
    task = pmk.page.locator("article.task")
    await expect(task).to_contain_text("Jl. Tunjungan 1")
    await expect(task).to_contain_text("BARU")
    await expect(pmk.page).to_have_title("(1) DPKP · Suar 112 Surabaya")
    for button in ("Terima", "START", "Di lokasi"):
        await pmk.page.click(f"button:has-text('{button}')")
        await expect(pmk.page.locator(f"button.done:has-text('{button}')")).to_be_disabled()
    await expect(pmk.page).to_have_title("DPKP · Suar 112 Surabaya")
    await pmk.shot("agency")
    await expect(desk.locator("#region-clock .clock time")).not_to_have_attribute("data-since", "x")
    await expect(desk.locator("#region-clock .clock-stage")).not_to_have_text("berjalan")
    await expect(desk.locator("#region-clock .marks li.done")).to_have_count(7)
    assert siti.complaints == pmk.complaints == []


async def test_what_comes_and_goes_does_not_move_what_she_works_in(room: Room) -> None:
    """One to be called back, a message: the form stays where it was, in sight with the map."""
    storing.save(room.site.state.areas, town.areas())
    near = CLAIM | {"latitude": town.middle(1, 1)[0], "longitude": town.middle(1, 1)[1]}
    await room.site.put_call("sby1-1.1", OFFERED, {"type": "located", "claim": near}, TRIAGED)
    room.show("ringing", "sby1-1.1")
    siti = await room.screen("siti")
    await siti.page.set_viewport_size({"width": 1366, "height": 768})
    desk = siti.page
    # Who, where and what stand on the card, in words.
    for words in ("Kebakaran", "+628121234567", "Kel. Mojo", "Kec. Gubeng", "± 35 m", "Telkomsel"):
        await expect(desk.locator(".ringing")).to_contain_text(words)
    parts = [desk.locator(one) for one in ("#region-facts", "#region-clock", "#region-place .map")]
    before = [await part.bounding_box() for part in parts]
    assert all(box and box["y"] + box["height"] < 768 for box in before)
    now = room.site.services.now().isoformat()
    ended = ENDED | {"by": "caller", "phase": "waiting", "disposition": "terputus", "at": now}
    await room.site.put_call("sby1-2.1", OFFERED | {"at": now}, TRIAGED, ended)
    sari = await room.site.client("sari")
    await sari.post("/api/v1/broadcasts", json={"text": "Banjir di Gubeng"})
    await expect(desk.locator("#region-callbacks")).to_contain_text("menutup sebelum dijawab")
    await expect(desk.locator("#region-broadcasts")).to_contain_text("Banjir")
    assert [await part.bounding_box() for part in parts] == before
    assert siti.complaints == []


@pytest.mark.parametrize(("who", "path"), [("sari", "/board"), ("siti", "/desk"), ("sari", "/incidents")])
async def test_nothing_is_cut_off_on_a_phone(room: Room, who: str, path: str) -> None:
    """Every list has its rows one below the other; the page is no wider than its screen."""
    room.show("talking", "sby1-1.1", "talking", supervision="listen")
    await room.site.put_call("sby1-1.1", OFFERED, {"type": "located", "claim": CLAIM}, TRIAGED, CONNECTED)
    screen = await room.screen(who, width=390)
    await screen.open(path)
    await expect(screen.page.locator("#lamp")).to_have_attribute("data-state", "live")
    cut = """() => [...document.querySelectorAll("main *")].filter((one) => one.offsetParent
        && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 90))"""
    assert await screen.page.evaluate(cut) == []


async def test_a_page_says_when_its_data_are_old(room: Room) -> None:
    """The lamp and an alarm, and both go when the data come again."""
    room.show("ready")
    sari = await room.screen("sari")
    # The line is there before there is an alarm: what is below does not slip away when one comes.
    calls = sari.page.locator("#region-calls")
    await expect(sari.page.locator("#region-alarms")).to_have_text("Tidak ada peringatan.")
    before = await calls.bounding_box()
    await expect(sari.page).to_have_title("Papan · Suar 112 Surabaya")
    # The controller ends its stream; after a second the dashboards come back to it.
    room.controller.show({})
    await expect(sari.page.locator("#region-alarms")).to_contain_text("Data langsung terputus")
    assert await calls.bounding_box() == before
    await expect(sari.page).to_have_title("(1) Papan · Suar 112 Surabaya")
    room.show("ready")
    await expect(sari.page.locator("#region-alarms")).not_to_contain_text("Data langsung terputus")
    room.site.services.hub.close()
    await expect(sari.page.locator("#lamp")).to_have_attribute("data-state", "lost")
    await expect(sari.page.locator("#lamp")).to_have_attribute("data-state", "live")


async def test_a_supervisor_on_a_talk(room: Room) -> None:
    """Her buttons ask, the board shows how she takes part, and the operator's page who listens."""
    await room.site.put_call("sby1-1.1", OFFERED, TRIAGED, CONNECTED)
    room.show("talking", "sby1-1.1", "talking")
    sari, siti = await room.screen("sari"), await room.screen("siti")
    calls, listeners = sari.page.locator("#region-calls"), siti.page.locator("#region-listeners")
    await expect(calls.get_by_role("button", name="Selesai")).to_have_count(0)
    await expect(listeners).to_be_empty()
    asks = {"Dengarkan": "listen", "Bisik": "whisper", "Masuk": "barge"}
    shown = {"listen": "mendengarkan", "whisper": "berbisik", "barge": "ikut bicara"}
    for button, mode in asks.items():
        await calls.get_by_role("button", name=button).click()
        await expect(calls.locator("tbody .saved")).to_have_count(0)
        # What the controller tells when it is done.
        room.show("talking", "sby1-1.1", "talking", supervision=mode)
        await expect(calls).to_contain_text(f"Sari Dewi · {shown[mode]}")
        await expect(calls.get_by_role("button", name=button)).to_have_attribute("aria-pressed", "true")
        await expect(listeners).to_contain_text(f"Sari Dewi {shown[mode]}")
    await sari.shot("supervision")
    await siti.shot("desk-listened-to")
    await calls.get_by_role("button", name="Ambil alih").click()
    await calls.get_by_role("button", name="Selesai").click()
    room.show("talking", "sby1-1.1", "talking")
    await expect(calls.get_by_role("button", name="Selesai")).to_have_count(0)
    await expect(listeners).to_be_empty()
    assert room.controller.asked == ["listen", "whisper", "barge", "take-over", "finish"]

    await sari.page.fill("#broadcast", "Banjir di Gubeng")
    await sari.page.click("#region-broadcasts button")
    await expect(siti.page.locator("#region-broadcasts")).to_contain_text("Banjir di Gubeng")
    await sari.open("/audit")
    await expect(sari.page.locator("#region-audit tbody tr")).to_have_count(6)
    assert sari.complaints == siti.complaints == []


async def test_forms_work_without_scripts(room: Room) -> None:
    """A browser that runs none can still sign in, describe and send."""
    await room.site.put_call("sby1-1.1", OFFERED, TRIAGED)
    context = await room.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    base = str(room.site.server.make_url("")).rstrip("/")
    await page.goto(f"{base}/login")
    await page.fill("[name=name]", "sari")
    await page.fill("[name=password]", "a long enough password")
    await page.click("form.login button")
    await page.goto(f"{base}/incidents/{INCIDENT}")
    await page.fill("[name=place]", "Kembang Jepun")
    await page.click("#region-facts form button")
    assert page.url.endswith(INCIDENT)
    await page.click("#region-agencies button.primary")
    await expect(page.locator("[name=place]")).to_have_value("Kembang Jepun")
    await expect(page.locator("#region-agencies")).to_contain_text("DPKP")


PAGES = [
    ("sari", "/board"), ("sari", "/incidents"), ("sari", f"/incidents/{INCIDENT}"), ("siti", "/desk"),
    ("pmk", "/agency"), ("lobi", "/wall"), ("admin", "/users"), ("sari", "/audit"),
    ("sari", "/health"), ("sari", "/nowhere"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
async def test_every_page_is_accessible_and_keeps_its_policy(room: Room, language: str) -> None:
    """axe finds nothing, and the browser has nothing to complain of, in each language."""
    room.show("talking", "sby1-1.1", "talking", supervision="whisper")
    await room.site.put_call(
        "sby1-1.1",
        OFFERED,
        {"type": "located", "claim": CLAIM},
        TRIAGED,
        CONNECTED,
        ENDED,
        {"type": "recording_sealed", "file": "sby1-1.1.wav", "sha256": "ab" * 32, "length_s": 31.0},
    )
    sari = await room.site.client("sari")
    await sari.post(f"/api/v1/incidents/{INCIDENT}/send", json={"agencies": ["dpkp"]})
    await sari.post("/api/v1/broadcasts", json={"text": "Banjir di Gubeng"})
    book = room.site.services.book
    book.own.raise_("database_down", "locked")
    book.own.clear("database_down")
    book.rescuers.raise_("test_call_missed", "Two in a row, the second because nobody answered.")
    screens = {name: await room.screen(name, language) for name in ("sari", "siti", "pmk", "lobi", "admin")}
    for name, path in PAGES:
        screen = screens[name]
        await screen.open(path)
        assert await screen.page.get_attribute("html", "lang") == language
        if path != "/nowhere":
            await expect(screen.page.locator("#lamp")).to_have_attribute("data-state", "live")
        results = await Axe().run(screen.page)
        assert results.violations_count == 0, f"{path}: {results.generate_report()}"
        await screen.shot(f"{path.strip('/').replace('/', '-')}-{language}")
        complaints = [text for text in screen.complaints if "404" not in text]
        assert complaints == [], path


async def test_a_place_is_offered_while_she_types_and_taken_by_keys(room: Room) -> None:
    """Arrows, Enter, Escape; what is taken is saved and placed; news does not close the list."""
    lat, lon = town.middle(1, 1)
    storing.save(room.site.state.areas, town.areas())
    there = Place(Kind.LANDMARK, "Warung Biru", lat=lat, lon=lon)
    beyond = Place(Kind.LANDMARK, "Warung Jauh", lat=lat, lon=lon + 0.01)
    gazetteer.save(room.site.state.areas, [there, beyond])
    await room.site.put_call("sby1-1.1", OFFERED, TRIAGED, CONNECTED)
    room.show("talking", "sby1-1.1", "talking")
    siti = await room.screen("siti")
    desk, place = siti.page, siti.page.locator("[name=place]")
    await place.press_sequentially("warnug", delay=30)
    options = desk.locator("#region-facts [role=option]")
    await expect(options.first).to_be_visible()
    await expect(place).to_have_attribute("aria-expanded", "true")
    # Saved meanwhile, and news comes in: the list and its marks stay.
    await expect(desk.locator("#region-facts .saved")).to_have_text("tersimpan")
    await place.press("ArrowDown")
    await room.site.put_call("sby1-1.1", {"type": "note_of_the_controller"}, first=4)
    await expect(desk.locator("#region-facts [aria-selected=true]")).to_have_count(1)
    await expect(place).to_have_attribute("aria-activedescendant", f"place-{INCIDENT}-0")
    await expect(place).to_have_attribute("role", "combobox")
    results = await Axe().run(desk)
    assert results.violations_count == 0, results.generate_report()
    await siti.shot("places")
    await place.press("Enter")
    await expect(place).to_have_value("Warung Biru, Kel. Mojo, Kec. Gubeng")
    await expect(desk.locator(".says")).to_have_text("Mojo · Gubeng")
    await expect(options).to_have_count(0)
    await expect(place).to_be_focused()
    incident = f"/api/v1/incidents/{INCIDENT}"
    sari = await room.site.client("sari")
    await expect(desk.locator("#region-facts .saved")).to_have_text("tersimpan")
    for _ in range(50):
        shown = await (await sari.get(incident)).json()
        if shown["place"].endswith("Gubeng"):
            break
        await desk.wait_for_timeout(100)
    assert shown["place"] == "Warung Biru, Kel. Mojo, Kec. Gubeng"

    await place.fill("warung jauh")
    await expect(options.first).to_be_visible()
    await place.press("Escape")
    await expect(options).to_have_count(0)
    await expect(place).to_be_focused()
    await place.press("ArrowDown")
    await options.first.click()
    await expect(desk.locator(".says")).to_contain_text("di luar kota · Kabupaten Sidoarjo · alihkan ke sip:")
    await place.press("Escape")
    await expect(place).not_to_be_focused()
    assert siti.complaints == []


async def test_an_open_page_says_when_its_session_is_over(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever an administrator switches off sees that at once, and nothing more of the city."""
    monkeypatch.setattr("dashboards.pages.streaming._TICK_S", 0.2)
    room.show("ready")
    siti = await room.screen("siti")
    over = siti.page.locator("#over")
    await expect(over).to_be_hidden()
    admin = await room.site.client("admin")
    assert (await admin.post("/users/siti/disable")).status == 200
    await expect(over).to_contain_text("Anda sudah keluar")
    await expect(siti.page.locator("#lamp")).to_have_attribute("data-state", "lost")
    # So does a page whose stream comes back to a server that does not know it any more.
    pmk = await room.screen("pmk", language="en")
    assert (await admin.post("/users/pmk/disable")).status == 200
    room.site.services.hub.close()
    await expect(pmk.page.locator("#over")).to_contain_text("You are signed out")
    await pmk.page.get_by_role("link", name="Sign in again").click()
    await expect(pmk.page.locator("form.login")).to_be_visible()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)])
async def test_the_wall_fits_its_screen_and_says_when_it_is_old(room: Room, size: tuple[int, int]) -> None:
    """Figures that are read from across the room, eight incidents, no scrolling; an update loads it anew."""
    storing.save(room.site.state.areas, town.areas())
    book = room.site.services.book
    book.own.raise_("database_down", "locked")
    room.show("talking", "sby1-1.1", "talking")
    now = room.site.services.now().isoformat()
    for number in range(1, 12):
        await room.site.put_call(f"sby1-{number}.1", OFFERED | {"at": now}, TRIAGED, CONNECTED)
    lobi = await room.screen("lobi")
    wall = lobi.page
    await wall.set_viewport_size({"width": size[0], "height": size[1]})
    await expect(wall.locator("#region-wall_list tbody tr")).to_have_count(8)
    await expect(wall.locator("#region-wall_list caption")).to_contain_text("3 lagi tidak tampil")
    await expect(wall.locator("#region-wall_alarms")).to_contain_text("Basis data tidak menerima catatan")
    hidden = """() => [document.documentElement.scrollHeight > innerHeight,
        ...[...document.querySelectorAll("#region-wall_list tbody tr, .figure, .wall-day")]
            .filter((one) => one.getBoundingClientRect().bottom > innerHeight)]"""
    assert await wall.evaluate(hidden) == [False]
    high = await wall.evaluate("parseFloat(getComputedStyle(document.querySelector('.figure dd')).fontSize)")
    assert high >= size[1] * 0.09
    await lobi.shot(f"wall-{size[0]}")
    await wall.evaluate("document.body.dataset.still = 'here'")
    room.site.services.run = "another"
    room.site.services.hub.publish("incidents")
    await expect(wall.locator("body[data-still]")).to_have_count(0)
    await expect(wall.locator("#lamp")).to_have_attribute("data-state", "live")
    room.controller.show({})
    await expect(wall.locator("#region-wall_alarms")).to_contain_text("Data langsung terputus")
    await expect(wall.locator(".figure.old")).to_have_count(2)
    assert lobi.complaints == []

"""What a database that takes no writes costs, and what the log says of a redirect."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from dashboards import middlewares
from dashboards.state import utc_now
from dashboards.users.sessions import IDLE
from tests.component.conftest import OFFERED, TRIAGED, Site


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The lines that the log has of requests."""
    lines: list[dict[str, Any]] = []

    class Log:
        def info(self, event: str, **facts: Any) -> None:
            lines.append({"event": event, **facts})

    monkeypatch.setattr(middlewares, "log", Log())
    return lines


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Somebody else writes, and does not come to an end."""
    with closing(sqlite3.connect(site.state.root / "suar.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_redirect_is_logged_as_one_and_has_its_headers(
    site: Site, requests: list[dict[str, Any]]
) -> None:
    """Raised or returned, it is no error; a path that is nowhere is a 404."""
    sari = await site.client("sari")
    home = await sari.get("/", allow_redirects=False)
    door = await (await site.client()).get("/board", headers={"Accept": "text/html"}, allow_redirects=False)
    await sari.get("/nowhere")
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/login", 303),
        ("/", 303),
        ("/board", 303),
        ("unknown", 404),
    ]
    for answer in (home, door):
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


async def test_who_reads_goes_on_reading_while_nothing_can_be_written(site: Site) -> None:
    """At once, though that she was seen could not be written; and it is, when it can be."""
    sari = await site.client("sari")
    later = utc_now() + timedelta(minutes=2)
    site.services.now = lambda: later
    with locked(site):
        for _ in range(3):
            async with sari.get("/incidents") as page:
                assert page.status == 200
        assert len(site.services.presence._writing) == 1
        # Past the end of a session that nobody was seen in; she was.
        later += IDLE - timedelta(minutes=1)
        assert (await sari.get("/incidents")).status == 200
        later += IDLE - timedelta(minutes=1)
        assert (await sari.get("/incidents")).status == 200
    await site.services.presence.settle()
    assert not site.services.presence._unwritten
    assert (await sari.get("/incidents")).status == 200


async def test_a_write_that_fails_is_remembered_and_tried_again_after_a_minute(site: Site) -> None:
    """A read-only database, and then one that is not."""
    sari = await site.client("sari")
    later = utc_now() + timedelta(minutes=2)
    site.services.now = lambda: later
    write = site.services.db.write

    async def refuse(_: Any) -> Any:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    site.services.db.write = refuse  # type: ignore[method-assign, assignment]
    assert (await sari.get("/incidents")).status == 200
    await site.services.presence.settle()
    assert list(site.services.presence._unwritten.values()) == [later]
    site.services.db.write = write  # type: ignore[method-assign]
    assert (await sari.get("/incidents")).status == 200
    assert list(site.services.presence._unwritten.values()) == [later]
    later += timedelta(minutes=2)
    assert (await sari.get("/incidents")).status == 200
    await site.services.presence.settle()
    assert not site.services.presence._unwritten


async def test_a_form_is_refused_in_the_language_of_whoever_sent_it(site: Site) -> None:
    """In place, as a page, and in English for whoever chose it; the REST interface says its one sentence."""
    await site.put_call("sby1-1.1", OFFERED, TRIAGED)
    path, script = "/incidents/sby1-20261124-0001/send", {"X-Requested-With": "suar"}
    siti, admin = await site.client("siti"), await site.client("admin")
    answer = await siti.post(path, data={}, headers=script)
    assert answer.status == 422
    assert (await answer.json())["error"] == {
        "code": "body_invalid", "message": "Pilih sedikitnya satu OPD.", "field": "agencies",
    }  # fmt: skip
    page = {"Accept": "text/html", "Referer": str(site.server.make_url("/users"))}
    async with admin.post("/users", data={"name": "Rudi", "role": "supervisor"}, headers=page) as answer:
        shown = await answer.text()
    assert "Nama: huruf kecil, angka, titik, dan strip, diawali huruf." in shown
    assert 'href="/users">Kembali' in shown
    await siti.post("/language", data={"language": "en"}, allow_redirects=False)
    answer = await siti.post(path, data={}, headers=script)
    assert (await answer.json())["error"]["message"] == "at least one agency"
    answer = await siti.post(f"/api/v1{path}", json={"agencies": ["nobody"]}, headers=script)
    assert "is no agency" in (await answer.json())["error"]["message"]

"""Callers who were lost are called back by themselves: when, by whom, and when not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.incidents.callbacks import Callback
from dashboards.redialling import Attempt, Redialler, next_attempt
from suar.city import CallbackSettings
from tests.component.conftest import OFFERED, Site
from tests.component.test_web_callbacks import ABANDONED, INCIDENT, abandon, at

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
RULES = CallbackSettings(automatic=True, attempts=2, after_s=30, again_s=300, keep_ready=1)


def lost(ago_s: float = 60, **changes: Any) -> Callback:
    at = NOW - timedelta(seconds=ago_s)
    plain: dict[str, Any] = {
        "incident_id": "sby1-20261125-0001", "call_id": "sby1-1.1", "number": "+628121234567",
        "carrier": "telkomsel", "why": "abandoned", "rang_at": at - timedelta(seconds=20), "lost_at": at,
        "attempts": 0, "attempted_at": None,
    }  # fmt: skip
    return Callback(**(plain | changes))


def operator(name: str, state: str = "ready", since: str = "T03", phone: str = "online") -> dict[str, str]:
    return {"id": name, "state": state, "since": since, "phone": phone}


def picture(*operators: dict[str, str], calls: tuple[str, ...] = ("talking",)) -> dict[str, Any]:
    return {"operators": list(operators), "calls": [{"phase": phase} for phase in calls]}


TWO = (operator("siti", since="T02"), operator("budi", since="T01"))


def test_who_has_been_ready_longest_calls_back_who_was_lost_first() -> None:
    again = lost(40, incident_id="sby1-20261125-0002")
    assert next_attempt([lost(), again], picture(*TWO), RULES, NOW) == Attempt("budi", lost().incident_id)


@pytest.mark.parametrize(
    ("one", "is_due"),
    [
        (lost(29), False),
        (lost(30), True),
        (lost(number=None), False),
        (lost(900, attempts=1, attempted_at=NOW - timedelta(seconds=299)), False),
        (lost(900, attempts=1, attempted_at=NOW - timedelta(seconds=300)), True),
        (lost(9000, attempts=2, attempted_at=NOW - timedelta(seconds=3000)), False),
    ],
)
def test_a_caller_is_let_alone_for_a_while_and_not_for_ever(one: Callback, is_due: bool) -> None:
    assert (next_attempt([one], picture(*TWO), RULES, NOW) is not None) == is_due


@pytest.mark.parametrize(
    "now",
    [
        picture(*TWO, calls=("talking", "greeting")),
        picture(*TWO, calls=("waiting",)),
        picture(*TWO, calls=("ringing",)),
        picture(TWO[0], operator("budi", "talking")),
        picture(TWO[0], operator("budi", phone="offline")),
        picture(),
    ],
)
def test_who_waits_now_comes_first_and_an_operator_stays_free(now: dict[str, Any]) -> None:
    assert next_attempt([lost()], now, RULES, NOW) is None


def test_a_city_that_does_not_want_it_has_none_of_it() -> None:
    assert next_attempt([lost()], picture(*TWO), CallbackSettings(), NOW) is None


async def test_what_is_due_is_asked_of_the_controller_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the operator's name, with what is known of the caller; a minute later it may be asked again."""
    await abandon(site)
    city = site.services.city.model_copy(update={"callbacks": RULES})
    link, asked = site.services.controller, list[tuple[str, dict[str, Any]]]()

    async def call_out(by: str, wishes: dict[str, Any]) -> str:
        asked.append((by, wishes))
        return "sby1-9.01"

    monkeypatch.setattr(link, "call_out", call_out)
    monkeypatch.setattr(site.services, "city", city)
    redialler = Redialler(site.services)
    now = datetime.fromisoformat(at(100)["at"])
    monkeypatch.setattr(site.services, "now", lambda: now)
    site.show(picture(*TWO, calls=()))
    assert await redialler.look() == "sby1-9.01"
    assert asked[0][0] == "budi"
    assert (asked[0][1]["incident"], asked[0][1]["is_callback"]) == (INCIDENT, True)
    assert await redialler.look() is None
    now += timedelta(seconds=61)
    assert await redialler.look() == "sby1-9.01"
    link.stale_since = now
    now += timedelta(seconds=61)
    assert await redialler.look() is None


async def test_an_operator_who_did_not_answer_costs_the_caller_no_attempt(site: Site) -> None:
    await abandon(site)
    out = {"type": "dialled_out", "number": "+628121234567", "carrier": "telkom", "follows": "sby1-1.1"}
    await site.put_call(
        "sby1-2.01", at(60, **out), at(80, type="not_reached", who="operator", outcome="no_answer")
    )
    await site.put_call("sby1-3.01", at(90, **out), at(95, type="not_reached", who="far_end", outcome="busy"))
    siti = await site.client("siti")
    (one,) = (await (await siti.get("/api/v1/callbacks")).json())["callbacks"]
    assert (one["attempts"], one["attempted_at"][:19]) == (1, at(90)["at"][:19])


async def test_the_list_is_in_the_order_of_need(site: Site) -> None:
    """Whom a failure cut off first, who hung up at once last."""
    await abandon(site, "sby1-1.1", seconds=3, number="+628110000001")
    pocket, cut_off = OFFERED | {"number": "+628110000002"}, OFFERED | {"number": "+628110000003"}
    await site.put_call("sby1-1.2", at(0, **pocket), at(2, **ABANDONED))
    await site.put_call("sby1-1.3", at(6, **cut_off), at(20, type="lost", why="Asterisk died"))
    siti = await site.client("siti")
    found = (await (await siti.get("/api/v1/callbacks")).json())["callbacks"]
    assert [one["call_id"] for one in found] == ["sby1-1.3", "sby1-1.1", "sby1-1.2"]

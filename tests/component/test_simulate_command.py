"""``suar simulate``: a journal's callers served again, and a forecast's drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from suar import cli
from suar.journal import segment_path
from suar.record import encode, stamp
from tests.component.conftest import CITY

Suar = Callable[..., Result]
NOON = datetime(2024, 11, 24, 5, tzinfo=UTC)  # In Surabaya.
DAY = ("--from", "2024-11-24", "--to", "2024-11-24")


def told(call: str, ring_s: float, wait_s: float, talk_s: float, *, gave_up: bool = False) -> list[Any]:
    """Return a call's records: a second of ringing, four of triage, then ``wait_s``, two of them ringing."""

    def record(seq: int, type_: str, after_s: float, **data: Any) -> dict[str, Any]:
        at = stamp(NOON + timedelta(seconds=ring_s + after_s))
        return {"call": call, "seq": seq, "type": type_, "at": at, **data}

    end_s = 5 + wait_s + talk_s
    spans = {"ring_s": 1.0, "triage_s": 4.0, "wait_s": wait_s, "talk_s": talk_s}
    by, disposition = ("caller", "terputus") if gave_up else ("operator", "normal")
    start = [
        record(1, "offered", 0, carrier="telkomsel"),
        record(2, "answered", 1),
        record(3, "triaged", 5, kind="fire", language="id"),
        record(4, "queued", 5, queue="emergency", priority=0),
    ]
    talk = [
        record(5, "ringing", 3 + wait_s, operator="siti", offer=f"{call}-of1"),
        record(6, "connected", 5 + wait_s, operator="siti"),
    ]
    ended = record(7, "ended", end_s, by=by, disposition=disposition, **spans)
    wrapped = record(8, "wrapped_up", end_s + 20, operator="siti", wrap_up_s=20.0)
    return [*start, *([] if gave_up else talk), ended, *([] if gave_up else [wrapped]), {"finished": call}]


@pytest.fixture
def suar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suar:
    monkeypatch.delenv("SUAR_DATABASE_URL", raising=False)
    return lambda *words: CliRunner().invoke(
        cli.app, ["--city", str(CITY), "--state", str(tmp_path), "simulate", *map(str, words)]
    )


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """One operator's bad half-hour: a call a minute, each of a hundred seconds; who waited 150 s gave up."""
    directory = tmp_path / "journal"
    directory.mkdir()
    lines, free_s = [], 0.0
    for index in range(30):
        ring_s = 60.0 * index
        wait_s = max(2.0, free_s - ring_s - 5 + 2)
        gave_up = wait_s > 150
        lines += told(f"sby1-1.{index}", ring_s, min(wait_s, 150), 0 if gave_up else 100, gave_up=gave_up)
        if not gave_up:
            free_s = ring_s + 5 + wait_s + 120
    segment_path(directory, 1).write_bytes(b"".join(encode(line) for line in lines))
    return directory


def columns(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, (result.output, result.exception)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_same_operator_does_as_she_did(suar: Suar, journal: Path) -> None:
    """One operator, the same callers: within a few calls of what was."""
    found = columns(suar(*DAY, "--operators", 1, "--format", "json"))
    was, again = found["as it was"], found["1 operators"]
    assert was["calls"] == again["calls"] == 30
    assert again["answered"] == pytest.approx(was["answered"], abs=3)
    assert again["triage"]["asa_s"] == pytest.approx(was["triage"]["asa_s"], rel=0.25)
    assert again["aht_s"] == was["aht_s"] == 120.0


def test_more_operators_answer_sooner_and_are_less_busy(suar: Suar, journal: Path) -> None:
    """Side by side: four have everybody answered two seconds after triage, as long as a phone rang then."""
    found = columns(suar(*DAY, "--operators", 2, "--operators", 4, "--format", "json"))
    assert list(found) == ["as it was", "2 operators", "4 operators"]
    was, two, four = found.values()
    assert was["abandoned"] > two["abandoned"] == four["abandoned"] == 0
    assert was["invite"]["asa_s"] > two["invite"]["asa_s"] > four["invite"]["asa_s"]
    assert four["invite"]["asa_s"] == 7.0
    assert two["occupancy"] == pytest.approx(2 * four["occupancy"], rel=0.01)


def test_a_staffing_plan_is_simulated_as_suar_staff_writes_it(
    suar: Suar, journal: Path, tmp_path: Path
) -> None:
    """For the city's own forecast, beside a number: fewer hours at desks, and all are served."""
    forecast = CITY.with_suffix(".forecast.csv")
    made = CliRunner().invoke(
        cli.app, ["--city", str(CITY), "staff", "--forecast", str(forecast), "--format", "csv"]
    )
    assert made.exit_code == 0, made.output
    (tmp_path / "plan.csv").write_text(made.stdout)
    lines = [line.split(",") for line in made.stdout.splitlines()]
    numbers = [int(line[lines[0].index("operators")]) for line in lines[1:]]
    words = ("--forecast", forecast, "--days", 3, "--format", "json", "--staff", tmp_path / "plan.csv")
    found = columns(suar(*words, "--operators", max(numbers)))
    assert list(found) == [f"{max(numbers)} operators", "plan"]
    most, plan = found.values()
    assert plan["answered"] == plan["calls"] == most["calls"]
    assert plan["occupancy"] == pytest.approx(
        most["occupancy"] * max(numbers) * len(numbers) / sum(numbers), rel=0.05
    )
    assert suar(*DAY, "--staff", tmp_path / "plan.csv", "--format", "json").exit_code == 0


def test_other_rules_stand_beside_the_citys(suar: Suar, journal: Path, tmp_path: Path) -> None:
    """No wrap-up: the same operator takes more calls."""
    (tmp_path / "brisk.toml").write_text("relax_after_s = 0\n[queues.emergency]\nwrap_up_s = 0\n")
    found = columns(suar(*DAY, "--operators", 1, "--policy", tmp_path / "brisk.toml", "--format", "json"))
    assert list(found) == ["as it was", "1 operators", "1, brisk"]
    assert found["1, brisk"]["answered"] > found["1 operators"]["answered"]
    assert found["1, brisk"]["wrap_up_s"] == 0.0


def test_the_same_seed_is_the_same_chance(suar: Suar, journal: Path) -> None:
    """And the text shows a column for each."""
    first, second = (suar(*DAY, "--operators", 1, "--seed", 7) for _ in range(2))
    assert first.stdout == second.stdout
    assert first.stdout.splitlines()[0].split("  ")[-2:] == ["as it was", "1 operators"]


def test_a_forecasts_days_are_drawn(suar: Suar) -> None:
    """A week of the city's own, with the city's operators: a phone is picked up after three seconds."""
    forecast = CITY.with_suffix(".forecast.csv")
    words = ("--forecast", forecast, "--days", 7, "--format", "json", "--operators", 6)
    (found,) = columns(suar(*words)).values()
    assert found["calls"] == pytest.approx(7 * 439, rel=0.06)
    assert found["calls"] == found["answered"]
    assert 3.0 <= found["invite"]["asa_s"] < 3.1
    assert found["aht_s"] == pytest.approx(78, rel=0.1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("wrap_up_s = 3", "p.toml: wrap_up_s: no such rule"),
        ("relax_after_s = 'soon'", "p.toml: relax_after_s: 'soon'"),
        ("relax_after_s = -1", "p.toml: relax_after_s: -1"),
        ("[queues.fire]\nwrap_up_s = 3", "p.toml: queues.fire: no such queue; there are emergency"),
        ("[queues.emergency]\nwrapup = 3", "p.toml: queues.emergency: wrapup: no such rule"),
        ("queues = 3", "p.toml: queues: tables such as [queues.emergency]"),
        ("[[", "--policy: "),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_its_field(
    suar: Suar, tmp_path: Path, text: str, complaint: str
) -> None:
    """With what there is."""
    (tmp_path / "p.toml").write_text(text)
    assert str(suar("--policy", tmp_path / "p.toml").exception).startswith(complaint)


def test_what_does_not_go_together_or_is_not_there_is_said(suar: Suar, journal: Path) -> None:
    """A forecast has no dates; a day without calls has nothing to learn from."""
    forecast = CITY.with_suffix(".forecast.csv")
    assert str(suar("--forecast", forecast, *DAY).exception).startswith("--forecast: ")
    nothing = suar("--from", "2024-11-20", "--to", "2024-11-20")
    assert str(nothing.exception).startswith("--from, --to: no call was answered then")

"""``suar staff``: operators for each half-hour, as a person asks for them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from suar import cli
from tests.component.conftest import CITY

Suar = Callable[..., Result]
TEXTBOOK = ("--service-level", "80/20", "--max-occupancy", "1", "--aht", "180")


@pytest.fixture
def suar() -> Suar:
    return lambda *words: CliRunner().invoke(cli.app, ["--city", str(CITY), "staff", *map(str, words)])


@pytest.fixture
def forecast(tmp_path: Path) -> Path:
    """The textbook's hundred calls, then a quiet half-hour."""
    path = tmp_path / "forecast.csv"
    path.write_text("start,calls\n18:00,100\n18:30,10\n")
    return path


def test_the_citys_own_forecast_needs_no_option(suar: Suar) -> None:
    """A line for each half-hour, and what the day comes to."""
    result = suar()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line[:5] for line in lines[1:49]] == [f"{h:02}:{m}" for h in range(24) for m in ("00", "30")]
    assert lines[-1].startswith("at most 3 operators at once; ")


def test_the_textbook_example_comes_out_as_printed(suar: Suar, forecast: Path) -> None:
    """Fourteen at their desks, twenty on the roster at 30 %."""
    result = suar("--forecast", forecast, *TEXTBOOK, "--format", "csv")
    first, _ = csv.DictReader(io.StringIO(result.stdout))
    assert (first["operators"], first["scheduled"], first["bound_by"]) == ("14", "20", "service level")
    assert float(first["answered_in_time"]) == pytest.approx(0.888350019, abs=1e-9)


def test_a_surge_says_what_it_needs_and_what_happens_without(suar: Suar, forecast: Path) -> None:
    """Three times the calls: with the plan's fourteen the queue only grows, which no number tells."""
    result = suar("--forecast", forecast, *TEXTBOOK, "--surge", "3x@18:00-18:30", "--format", "json")
    first, second = json.loads(result.stdout)["intervals"]
    assert (first["operators"], first["surge_calls"], first["surge_operators"]) == (14, 300, 35)
    assert (first["surge_answered_in_time"], first["surge_asa_s"]) == (0.0, None)
    assert "surge_calls" not in second
    table = suar("--forecast", forecast, *TEXTBOOK, "--surge", "3x@18:00-18:30").stdout
    assert "without end" in table


def test_callers_who_give_up_need_fewer(suar: Suar, forecast: Path) -> None:
    """Erlang A: and the table says how many give up."""
    words = ("--forecast", forecast, *TEXTBOOK, "--patience", "120")
    found = json.loads(suar(*words, "--format", "json").stdout)["intervals"]
    assert found[0]["operators"] < 14
    assert 0 < found[0]["abandons"] < 0.1
    assert "give up" in suar(*words).stdout


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--service-level", "90 in 10"), "--service-level: '90 in 10'"),
        (("--service-level", "100/10"), "--service-level: 100%"),
        (("--shrinkage", "1"), "--shrinkage: 1"),
        (("--max-occupancy", "0"), "--max-occupancy: 0"),
        (("--patience", "0"), "--patience: 0"),
        (("--least", "-1"), "--least: -1"),
        (("--surge", "double@18:00-19:00"), "--surge: 'double@18:00-19:00'"),
        (("--forecast", "/nowhere.csv"), "--forecast: /nowhere.csv"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(suar: Suar, words: tuple[str, ...], complaint: str) -> None:
    """As it was typed, with one that can."""
    assert str(suar(*words).exception).startswith(complaint)


def test_a_city_without_a_forecast_is_asked_for_one(tmp_path: Path) -> None:
    """By the name of the option."""
    city = tmp_path / "town.toml"
    city.write_text(CITY.read_text())
    result = CliRunner().invoke(cli.app, ["--city", str(city), "staff"])
    assert str(result.exception).startswith("--forecast: there is no ")

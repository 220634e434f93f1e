"""The command, as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from suar import cli
from tests.component.conftest import CITY

Suar = Callable[..., Result]


@pytest.fixture
def suar(tmp_path: Path) -> Suar:
    """Run ``suar`` on a city of its own."""

    def run(*arguments: str, city: Path = CITY, stdin: str | None = None) -> Result:
        command = ["--city", str(city), "--state", str(tmp_path / "state"), *arguments]
        return CliRunner().invoke(cli.app, command, input=stdin)

    return run


def test_check_says_that_a_city_is_in_order(suar: Suar) -> None:
    """And what it has."""
    result = suar("check")
    assert result.exit_code == 0
    assert "Surabaya is in order: 4 carriers, 2 operators" in result.output


def test_check_names_what_a_city_points_to_in_vain(suar: Suar, tmp_path: Path) -> None:
    """A prompt that was never rendered, a skill that nobody has, a queue that nobody serves."""
    text = CITY.read_text()
    text = text.replace('prompt = "greeting-menu"', 'prompt = "salam"', 1)
    text = text.replace('skills = ["medical"]', 'skills = ["diving"]', 1)
    text += '\n[[queues]]\nid = "spare"\nname = "Spare"\nstrategy = "longest_idle"\n'
    text += "ring_timeout_s = 9\nwrap_up_s = 9\nanswer_target_s = 9\n"
    (tmp_path / "city.toml").write_text(text)
    result = suar("check", city=tmp_path / "city.toml")
    assert result.exit_code == 1
    for says in (
        "salam.wav is missing",
        "'diving': no operator has this skill",
        "queues (spare): no operator",
    ):
        assert says in result.output


def test_an_operator_is_given_her_page_and_her_phone(suar: Suar) -> None:
    """Once; a second of the same name is refused, naming the field."""
    result = suar("user", "add", "siti", "--role", "operator")
    assert result.exit_code == 0, result.output
    told = dict(line.split(maxsplit=1) for line in result.output.splitlines())
    assert told["user"] == "siti"
    assert "sip:op-siti@127.0.0.1:5060" in told["phone"]
    assert len(told["password"]) >= 12
    assert "there is a user 'siti' already" in str(
        suar("user", "add", "siti", "--role", "operator").exception
    )
    assert "siti" in suar("user", "list").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("dewi", "--role", "operator"), "the city file has no operator 'dewi'"),
        (("dewi", "--role", "queen"), "one of operator, supervisor, admin, agency"),
        (("pmk", "--role", "agency"), "an agency's desk has an agency"),
        (("pmk", "--role", "agency", "--agency", "nobody"), "one of dpkp"),
        (("Bad Name", "--role", "admin"), "small letters"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_the_way_out(
    suar: Suar, arguments: tuple[str, ...], says: str
) -> None:
    """The message names the field's right values."""
    result = suar("user", "add", *arguments)
    assert result.exit_code != 0
    assert says in str(result.exception)


def test_a_password_may_be_given_and_is_not_printed(suar: Suar) -> None:
    """And is refused where it is too short."""
    given = suar("user", "add", "sari", "--role", "admin", "--password-stdin", stdin="a very good password\n")
    assert given.exit_code == 0
    assert "a very good password" not in given.output
    short = suar("user", "add", "tini", "--role", "admin", "--password-stdin", stdin="short\n")
    assert "10 to 256 characters" in str(short.exception)


def test_incidents_are_listed_for_people_and_for_programs(suar: Suar) -> None:
    """None yet, in both."""
    assert suar("incident", "list").output == ""
    assert json.loads(suar("incident", "list", "--json").output) == []
    assert "there is no incident x" in str(suar("incident", "show", "x").exception)


def test_prompts_are_listed_with_their_texts(suar: Suar) -> None:
    """In each language."""
    listed = suar("prompts", "list").output
    assert "greeting-menu    id" in listed
    assert "greeting-menu    en" in listed


def test_an_error_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 for bad input, and no traceback."""
    monkeypatch.setattr("sys.argv", ["suar", "--city", str(tmp_path / "none.toml"), "check"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 2
    assert "cannot be read: No such file" in capsys.readouterr().err


def test_units_are_written_for_this_city(suar: Suar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is named; what stood in the folder before is left alone; nothing of the state is touched."""
    monkeypatch.setattr("suar.systemd.check._HIDDEN", ())
    folder = tmp_path / "units"
    folder.mkdir()
    (folder / "other.service").write_text("[Service]\n")
    result = suar("systemd", "render", "--into", str(folder), "--user", "pusat", "--prefix", "/opt/pusat")
    assert result.exit_code == 0, result.output
    written = {str(path) for path in folder.rglob("suar*") if path.is_file()} | {
        str(path) for path in folder.glob("suar*/*")
    }
    assert set(result.output.splitlines()) == written
    text = (folder / "suar-controller@.service").read_text()
    assert "User=pusat" in text
    assert f"/opt/pusat/.venv/bin/python -P -m ari_app --city {CITY} --state {tmp_path / 'state'} " in text
    assert (folder / "other.service").exists()
    assert not (tmp_path / "state").exists()


def test_units_that_cannot_be_written_are_told_with_the_way_out(
    suar: Suar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a city in a home directory is refused before."""
    (tmp_path / "a-file").touch()
    monkeypatch.setattr("suar.systemd.check._HIDDEN", (tmp_path,))
    refused = suar("systemd", "render", "--into", str(tmp_path / "units"))
    assert "keep it below /opt, /etc/suar or /var/lib/suar" in str(refused.exception)
    assert not (tmp_path / "units").exists()
    monkeypatch.setattr("suar.systemd.check._HIDDEN", ())
    failed = suar("systemd", "render", "--into", str(tmp_path / "a-file"))
    assert "with --into" in str(failed.exception)

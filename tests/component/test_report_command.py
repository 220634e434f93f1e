"""``suar report``: from the journal, from the database's timeline, and from both, the same figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from ari_app.outbox import Journal, Outbox
from dashboards.db import Database
from dashboards.incidents import service
from dashboards.incidents.intake import CallEventIn, apply
from suar import cli
from suar.city import load
from suar.paths import StateDir
from suar.record import encode, stamp
from tests.component.conftest import CITY

Suar = Callable[..., Result]
NOON = datetime(2024, 11, 24, 5, tzinfo=UTC)  # In Surabaya.
Told = list[tuple[str, float, dict[str, Any]]]
DAY = ("--from", "2024-11-24", "--to", "2024-11-24")


def answered(wait_s: float, operator: str, carrier: str) -> Told:
    """Return a call's events: type, seconds after the INVITE, data."""
    connected = 4 + wait_s
    spans = {"ring_s": 1.0, "triage_s": 3.0, "wait_s": wait_s, "talk_s": 60.0}
    return [
        ("offered", 0, {"carrier": carrier, "number": "+628121234567"}),
        ("answered", 1, {}),
        ("queued", 4, {"queue": "emergency", "priority": 0}),
        ("ringing", 4, {"operator": operator, "offer": "of1"}),
        ("connected", connected, {"operator": operator}),
        ("ended", connected + 60, {"by": "operator", "disposition": "normal", **spans}),
        ("wrapped_up", connected + 90, {"operator": operator, "wrap_up_s": 30.0}),
    ]


CALLS: dict[str, tuple[float, Told]] = {
    "sby1-1.1": (0, answered(3, "siti", "telkomsel")),
    "sby1-1.2": (3600, answered(13, "budi", "indosat")),
    "sby1-1.3": (
        7200,
        [
            ("offered", 0, {"carrier": "telkom"}),
            ("ended", 3, {"by": "caller", "disposition": "terputus", "ring_s": 3.0, "triage_s": 0.0,
                          "wait_s": 0.0, "talk_s": 0.0}),
        ],
    ),
}  # fmt: skip
DECISIONS: list[tuple[float, dict[str, Any]]] = [
    (-60, {"event": "OperatorSignedOn", "operator_id": "siti", "queues": ["emergency"]}),
    (0, {"event": "OperatorReady", "operator_id": "siti"}),
    (184, {"event": "OperatorSignedOff", "operator_id": "siti"}),
]


def events() -> list[tuple[str, CallEventIn]]:
    return [
        (call, CallEventIn(seq=seq, type=type_, at=NOON + timedelta(seconds=rings + after), **data))
        for call, (rings, told) in CALLS.items()
        for seq, (type_, after, data) in enumerate(told, start=1)
    ]


@pytest.fixture
def suar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suar:
    monkeypatch.delenv("SUAR_DATABASE_URL", raising=False)
    return lambda *words: CliRunner().invoke(cli.app, ["--city", str(CITY), "--state", str(tmp_path), *words])


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    """A journal of three calls, and what one operator asked for."""
    directory = tmp_path / "journal"
    directory.mkdir()
    outbox = Outbox(Journal(directory))
    outbox.open()
    for call, event in events():
        await outbox.publish(call, event.type, event.at, **event.data)
    for call in CALLS:
        await outbox.finish(call)
    await outbox.close()
    lines = [{"now": 1.0, "at": stamp(NOON + timedelta(seconds=at)), **data} for at, data in DECISIONS]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (directory / "decisions-20241124T040000.log").write_text(text + '{"now": 9, "at"')
    return directory


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A database that was told of the same calls; a person has said that the second was a ghost."""
    city, state = load(CITY), StateDir(tmp_path)
    db = Database(state.database_url)
    await db.open()

    def tell(session: Session) -> None:
        for call, event in events():
            told = apply(session, city, call, [event])
            if event.type == "wrapped_up" and call == "sby1-1.2":
                service.close(session, told.incident_id, "sari", event.at, "ghost")

    await db.write(tell)
    await db.close()
    return tmp_path / "suar.db"


def figures(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_journal_alone_gives_every_figure(suar: Suar, journal: Path) -> None:
    """Three calls in Surabaya's day; a torn line of the decisions costs no other."""
    total = figures(suar("report", *DAY, "--format", "json"))["total"]["all"]
    assert (total["calls"], total["answered"], total["short_abandons"]) == (3, 2, 1)
    assert total["invite"]["asa_s"] == pytest.approx((7 + 17) / 2)
    assert total["triage"]["asa_s"] == 8.0
    assert total["invite"]["within_20_s"] == pytest.approx(2 / 3)
    assert (total["busy_s"], total["free_s"]) == (93.0, 91.0)


def test_the_database_knows_what_the_journal_has_let_go(suar: Suar, journal: Path, database: Path) -> None:
    """The same figures from either; what a person said of a call comes from the database in any case."""
    both = figures(suar("report", *DAY, "--format", "json", "--by", "carrier"))
    for segment in journal.glob("calls-*.log"):
        segment.unlink()
    settled = figures(suar("report", *DAY, "--format", "json", "--by", "carrier"))
    assert settled == both
    assert both["total"]["all"]["dispositions"] == {"ghost": 1, "normal": 1, "terputus": 1}
    assert both["total"]["without"]["calls"] == 1


def test_another_journal_is_read_alone(suar: Suar, journal: Path, database: Path, tmp_path: Path) -> None:
    """A backup's, say: nobody has said what its calls were."""
    journal.rename(tmp_path / "elsewhere")
    found = figures(suar("report", *DAY, "--format", "json", "--journal", str(tmp_path / "elsewhere")))
    assert found["total"]["all"]["ghosts"] == 0


def test_groups_come_in_their_order(suar: Suar, journal: Path) -> None:
    """The hours of the city, the operators by name, and a line of CSV for each total of each."""
    hours = figures(suar("report", *DAY, "--format", "json", "--by", "hour"))["groups"]
    assert [group["key"] for group in hours] == [f"2024-11-24T{hour}:00+07:00" for hour in (12, 13, 14)]
    result = suar("report", *DAY, "--format", "csv", "--by", "operator")
    lines = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(line["group"], line["total"], line["calls"]) for line in lines] == [
        ("-", "all", "1"),
        ("-", "without", "0"),
        ("budi", "all", "1"),
        ("budi", "without", "1"),
        ("siti", "all", "1"),
        ("siti", "without", "1"),
        ("total", "all", "3"),
        ("total", "without", "2"),
    ]
    assert lines[4]["occupancy"] == str(93 / 184)


def test_text_says_what_it_counts(suar: Suar, journal: Path) -> None:
    """Its period, its clock, both totals; never a caller's number."""
    text = suar("report", *DAY, "--by", "day", "--clock", "triage").stdout
    head, *rest = text.splitlines()
    assert head == "Surabaya: 2024-11-24T00:00+07:00 to 2024-11-25T00:00+07:00, Asia/Jakarta"
    assert rest[0].startswith("Waits from the end of triage. T = 10 s.")
    assert any(line.split() == ["calls", "3", "2"] for line in rest)
    assert any(line.startswith("2024-11-24 ") for line in rest)
    assert "6281" not in text


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--from", "yesterday"), "--from: 'yesterday'"),
        (("--to", "24/11/2024"), "--to: '24/11/2024'"),
        (("--from", "2024-11-25", "--to", "2024-11-24"), "--from: 2024-11-25 is not before"),
        (("--from", "2999-01-01"), "--from: 2999-01-01 is not before now"),
        (("--without", "short,long"), "--without: long"),
        (("--journal", "/nowhere"), "--journal: /nowhere"),
    ],
)
def test_what_cannot_be_used_is_named(suar: Suar, journal: Path, words: tuple[str, ...], names: str) -> None:
    """With the way out."""
    result = suar("report", *words)
    assert str(result.exception).startswith(names)


def test_where_there_is_nothing_to_read_it_says_so(suar: Suar) -> None:
    """And how to name the right place."""
    assert "--state" in str(suar("report").exception)


def test_a_damaged_time_is_told_and_not_passed_over(suar: Suar, journal: Path) -> None:
    """Figures without a call that nobody knows of would be believed."""
    line = encode({"call": "sby1-9.9", "seq": 1, "type": "offered", "at": "soon"})
    (journal / "calls-00000009.log").write_bytes(line)
    assert "sby1-9.9" in str(suar("report", *DAY).exception)

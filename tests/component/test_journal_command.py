"""``suar journal``: what the journal holds, as a person asks for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ari_app.outbox import Journal, JournalUnusable, Outbox
from suar import cli
from suar.journal import segments
from suar.record import decode, encode
from tests.component.conftest import CITY

Suar = Callable[..., Result]


@pytest.fixture
def suar(tmp_path: Path) -> Suar:
    """Run ``suar`` on a state directory of its own."""
    return lambda *words: CliRunner().invoke(
        cli.app, ["--city", str(CITY), "--state", str(tmp_path), "journal", *words]
    )


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    """A journal of two calls, in two segments."""
    directory = tmp_path / "journal"
    directory.mkdir()
    for type_ in ("offered", "ended"):
        outbox = Outbox(Journal(directory))
        outbox.open()
        for call_id in ("sby1-1.1", "sby1-1.2"):
            await outbox.publish(call_id, type_, dialled="112")
        await outbox.close()
    return directory


def test_a_whole_journal_is_told_segment_by_segment(suar: Suar, journal: Path) -> None:
    """And exit status 0."""
    result = suar("verify")
    assert result.exit_code == 0
    assert result.output.splitlines() == ["calls-00000001.log: 2 whole", "calls-00000002.log: 2 whole"]


def test_a_torn_tail_is_told_and_is_no_damage(suar: Suar, journal: Path) -> None:
    """A power cut is what the journal is made for."""
    last = journal / "calls-00000002.log"
    last.write_bytes(last.read_bytes()[:-4])
    result = suar("verify")
    assert result.exit_code == 0
    assert "calls-00000002.log: 1 whole, a torn tail of" in result.output


def test_a_damaged_line_is_named_and_is_exit_1(suar: Suar, journal: Path) -> None:
    """With its number, and with the event that is missing because of it."""
    first = journal / "calls-00000001.log"
    first.write_bytes(first.read_bytes().replace(b"offered", b"offends", 1))
    result = suar("verify")
    assert result.exit_code == 1
    assert "calls-00000001.log: 1 whole, 1 damaged (line 1)" in result.output


def test_a_line_that_was_taken_out_is_missed(suar: Suar, journal: Path) -> None:
    """Every checksum is right, and yet an event is not there."""
    third = journal / "calls-00000003.log"
    last = journal / "calls-00000002.log"
    record = decode(last.read_bytes().splitlines(keepends=True)[0])
    assert record is not None
    third.write_bytes(encode({**record, "seq": 4}))
    result = suar("verify")
    assert result.exit_code == 1
    assert "calls-00000003.log: event 3 of call sby1-1.1 is missing" in result.output


def test_events_are_printed_as_json_lines(suar: Suar, journal: Path) -> None:
    """All, or one call's."""
    every = [json.loads(line) for line in suar("replay").output.splitlines()]
    assert [(one["call"], one["seq"], one["type"]) for one in every] == [
        ("sby1-1.1", 1, "offered"),
        ("sby1-1.2", 1, "offered"),
        ("sby1-1.1", 2, "ended"),
        ("sby1-1.2", 2, "ended"),
    ]
    one = [json.loads(line) for line in suar("replay", "--call", "sby1-1.2").output.splitlines()]
    assert one == [every[1], every[3]]


def test_what_is_not_there_is_refused_with_the_way_out(suar: Suar, tmp_path: Path) -> None:
    """No journal, and no such call."""
    assert "name the right state directory with --state" in str(suar("verify").exception)
    (tmp_path / "journal").mkdir()
    assert "shows every call that it has" in str(suar("replay", "--call", "sby1-9.9").exception)


def test_resend_writes_a_segment_of_its_own(suar: Suar, journal: Path) -> None:
    """After the last, so that it speaks of all that stands before it."""
    assert "calls-00000003.log: written" in suar("resend").output
    assert [number for number, _ in segments(journal)] == [1, 2, 3]
    assert "calls-00000003.log: 1 whole" in suar("verify").output


async def test_half_a_line_of_a_full_disk_costs_no_later_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suar: Suar
) -> None:
    """What is written when there is room again stands in a segment of its own."""
    directory = tmp_path / "journal"
    directory.mkdir()
    alarms: list[JournalUnusable] = []
    outbox = Outbox(Journal(directory), on_unwritable=alarms.append)
    outbox.open()
    write, room = os.write, [7]

    def fill_up(file: int, data: bytes) -> int:
        if not room:
            return write(file, data)
        if taken := room.pop():
            room.append(0)
            return write(file, data[:taken])
        room.append(0)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fill_up)
    await outbox.publish("sby1-1.1", "offered")
    await outbox.publish("sby1-1.1", "answered")
    room.clear()
    await outbox.publish("sby1-1.1", "ended")
    await outbox.close()
    assert len(alarms) == 2
    result = suar("verify")
    assert "calls-00000001.log: 0 whole, a torn tail of 7 bytes" in result.output
    assert "calls-00000002.log: 1 whole" in result.output

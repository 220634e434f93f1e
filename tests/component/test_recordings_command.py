"""``suar recordings``: what was changed, removed or left behind is found, and put right."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from suar import cli
from suar.recordings.ledger import Ledger, LedgerUnusable
from suar.recordings.wav import convert, digest_of
from tests.component.conftest import CITY

Suar = Callable[..., Result]
_DAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
_LONG_AGO = 1_700_000_000


@pytest.fixture
def suar(tmp_path: Path) -> Suar:
    """Run ``suar recordings`` on a state directory of its own."""
    return lambda *words: CliRunner().invoke(
        cli.app, ["--city", str(CITY), "--state", str(tmp_path), "recordings", *words]
    )


def record(directory: Path, call_id: str, audio: bytes = bytes(3200)) -> Path:
    """Leave a raw recording as a call does, an old one."""
    raw = directory / f"{call_id}.raw"
    raw.write_bytes(audio)
    os.utime(raw, (_LONG_AGO, _LONG_AGO))
    return raw


def seal(directory: Path, call_id: str, at: datetime = _DAY) -> str:
    raw = record(directory, call_id, call_id.encode() * 400)
    wav = raw.with_suffix(".wav")
    sha256 = convert(raw, wav)
    os.utime(wav, (_LONG_AGO, _LONG_AGO))
    return Ledger(directory, lambda: at).append(call_id, wav.name, sha256, wav.stat().st_size).hash


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two recordings on each of three days."""
    directory = tmp_path / "recordings"
    directory.mkdir()
    for day in range(3):
        for count in range(2):
            seal(directory, f"sby1-{1_700_000_000 + day}.{count}", _DAY + timedelta(days=day))
    return directory


def chain(recordings: Path, day: int) -> Path:
    return recordings / f"chain-2026112{4 + day}.log"


def findings(suar: Suar, *words: str) -> list[str]:
    result = suar("verify", *words)
    assert result.exit_code == 1, result.output
    return result.output.splitlines()


def test_recordings_that_nobody_touched_are_as_they_were_sealed(suar: Suar, recordings: Path) -> None:
    """Over three days, each of which goes on from the day before."""
    result = suar("verify")
    assert (result.exit_code, result.output) == (0, "6 recordings are as they were sealed\n")
    assert len(list(recordings.glob("chain-*.log"))) == 3


@pytest.mark.parametrize("place", [0, 44, 1000, -1])
def test_one_changed_byte_of_a_recording_is_found(suar: Suar, recordings: Path, place: int) -> None:
    """In its header, in its sound, at its end."""
    wav = recordings / "sby1-1700000001.0.wav"
    sound = bytearray(wav.read_bytes())
    sound[place] ^= 1
    wav.write_bytes(sound)
    assert findings(suar) == ["sby1-1700000001.0.wav: was changed after it was sealed"]


def test_a_removed_and_a_cut_recording_are_found(suar: Suar, recordings: Path) -> None:
    """Each by its name."""
    (recordings / "sby1-1700000000.0.wav").unlink()
    os.truncate(recordings / "sby1-1700000000.1.wav", 50)
    assert findings(suar) == [
        "sby1-1700000000.0.wav: is missing",
        "sby1-1700000000.1.wav: has 50 bytes and was sealed with 6844",
    ]


def test_a_removed_line_is_found_with_the_recording_that_it_vouched_for(suar: Suar, recordings: Path) -> None:
    """The line after it does not fit, and a recording stands there without one."""
    first, second = chain(recordings, 1).read_bytes().splitlines(keepends=True)
    chain(recordings, 1).write_bytes(second)
    assert findings(suar) == [
        "chain-20261125.log line 1: does not follow the end of chain-20261124.log: "
        "lines at that end, or days between, are missing",
        "sby1-1700000001.0.wav: is not in the chain",
    ]
    chain(recordings, 1).write_bytes(second + first)
    assert len(findings(suar)) == 3


def test_a_removed_day_is_found(suar: Suar, recordings: Path) -> None:
    """By the day after it, and by its recordings."""
    chain(recordings, 1).unlink()
    assert len(findings(suar)) == 3


def test_a_cut_end_is_found_against_a_head_that_was_kept_elsewhere(suar: Suar, recordings: Path) -> None:
    """With its recording gone too, nothing else could tell; a head stays good while the chain grows."""
    head = suar("head").output.strip()
    seal(recordings, "sby1-1700000009.0", _DAY + timedelta(days=3))
    assert suar("verify", "--head", head).exit_code == 0
    chain(recordings, 3).unlink()
    (recordings / "sby1-1700000009.0.wav").unlink()
    last = chain(recordings, 2)
    last.write_bytes(last.read_bytes().splitlines(keepends=True)[0])
    (recordings / "sby1-1700000002.1.wav").unlink()
    assert suar("verify").exit_code == 0
    assert findings(suar, "--head", head) == [
        f"the chain does not have the head {head}: lines at its end were removed, or it was rewritten"
    ]


def test_a_head_that_is_none_is_refused(suar: Suar, recordings: Path) -> None:
    """Naming the option and what is right."""
    assert "--head = 'abc': 64 hex digits" in str(suar("verify", "--head", "abc").exception)


def test_a_state_without_recordings_is_refused(suar: Suar) -> None:
    """With the way out."""
    assert "name the right state directory" in str(suar("verify").exception)


def test_what_a_crash_left_is_found_and_put_right(suar: Suar, recordings: Path) -> None:
    """A raw recording is sealed and chained, a WAV without a line is chained; then all is well."""
    record(recordings, "sby1-1700000003.0")
    raw = record(recordings, "sby1-1700000003.1")
    convert(raw, raw.with_suffix(".wav"))
    os.utime(raw.with_suffix(".wav"), (_LONG_AGO, _LONG_AGO))
    assert findings(suar) == [
        "sby1-1700000003.1.wav: is not in the chain",
        "sby1-1700000003.0.raw: was left behind, not sealed",
    ]
    result = suar("reconcile")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "sby1-1700000003.0.wav: sealed and chained, 0.1 s",
        "sby1-1700000003.1.wav: sealed and chained, 0.1 s",
    ]
    assert suar("verify").output == "8 recordings are as they were sealed\n"
    assert suar("reconcile").output == ""


def test_a_seal_that_was_cut_off_at_its_end_is_finished(suar: Suar, recordings: Path) -> None:
    """The same recording in both shapes is one; two that differ are left to a person."""
    raw = record(recordings, "sby1-1700000002.0", b"sby1-1700000002.0" * 400)
    assert suar("reconcile").exit_code == 0
    assert not raw.exists()
    record(recordings, "sby1-1700000002.0", b"something else")
    result = suar("reconcile")
    assert result.exit_code == 1
    assert "left alone: sby1-1700000002.0.wav is another recording" in result.output


def test_a_recording_that_is_being_written_is_no_orphan(suar: Suar, recordings: Path) -> None:
    """Young, or old and open."""
    (recordings / "sby1-1700000004.0.raw").write_bytes(bytes(320))
    with record(recordings, "sby1-1700000004.1").open("ab"):
        assert suar("verify").exit_code == 0
        assert suar("reconcile").output == ""
    assert findings(suar) == ["sby1-1700000004.1.raw: was left behind, not sealed"]


def test_sealing_again_adds_nothing(recordings: Path) -> None:
    """Not on a later day either; other contents under the same name are refused."""
    ledger = Ledger(recordings, lambda: _DAY + timedelta(days=9))
    known = ledger.head()
    entries = [chain(recordings, day).read_bytes() for day in range(3)]
    file = "sby1-1700000002.1.wav"
    again = ledger.append("sby1-1700000002.1", file, digest_of(recordings / file), 6844)
    assert again.hash == known
    assert [chain(recordings, day).read_bytes() for day in range(3)] == entries
    assert len(ledger.files()) == 3
    with pytest.raises(LedgerUnusable, match="with other contents"):
        ledger.append("sby1-1700000002.1", file, "0" * 64, 6844)


def test_a_clock_that_was_set_back_does_not_break_the_chain(suar: Suar, recordings: Path) -> None:
    """The line goes after those that it follows."""
    seal(recordings, "sby1-1700000005.0", _DAY - timedelta(days=30))
    assert suar("verify").exit_code == 0


def test_years_of_recordings_are_not_looked_through_for_the_next(
    suar: Suar, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock names the newest day; what it names wrongly is looked for."""
    began = int((_DAY + timedelta(days=2)).timestamp())
    seal(recordings, f"sby1-{began}.0", _DAY + timedelta(days=2))
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "files", lambda _: pytest.fail("looked through the folder"))
        seal(recordings, f"sby1-{began}.1", _DAY + timedelta(days=3))
        seal(recordings, f"sby1-{began}.2", _DAY + timedelta(days=3))
    for wrong in ("", "chain-20991231.log", "\x00" * 40):
        (recordings / "chain.lock").write_text(wrong)
        seal(recordings, f"sby1-{began}.{3 + len(wrong)}", _DAY + timedelta(days=4))
    assert suar("verify").exit_code == 0


def test_half_a_line_gives_way_to_the_next(suar: Suar, recordings: Path) -> None:
    """Nobody was told of it; its recording is chained by reconcile."""
    last = chain(recordings, 2)
    os.truncate(last, last.stat().st_size - 10)
    assert "is only half there" in findings(suar)[0]
    seal(recordings, "sby1-1700000005.0", _DAY + timedelta(days=2))
    assert findings(suar) == ["sby1-1700000002.1.wav: is not in the chain"]
    suar("reconcile")
    assert suar("verify").exit_code == 0


def test_those_who_seal_side_by_side_make_one_chain(suar: Suar, recordings: Path) -> None:
    """One at a time, whoever they are."""
    threads = [
        threading.Thread(target=seal, args=(recordings, f"sby1-1700000006.{count}")) for count in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert suar("verify").output == "18 recordings are as they were sealed\n"


def test_a_ledger_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """In one error, with the file."""
    with pytest.raises(LedgerUnusable, match=r"gone/chain.lock: No such file"):
        Ledger(tmp_path / "gone").append("sby1-1.1", "sby1-1.1.wav", "0" * 64, 44)

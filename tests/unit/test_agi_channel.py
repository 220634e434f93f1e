"""pyst2's faults, met: the thin class over it, on streams that a test writes."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

import pytest

from agi.call_journal import CallJournal
from agi.channel import Channel
from agi.errors import AgiRefused, CallerGone
from agi.triage import DegradedTriage
from suar.asterisk.degraded import triage_config
from suar.city import load
from suar.record import decode

GREETING = "agi_uniqueid: sby1-1763971200.7\nagi_callerid: 0812\n\n"
SURABAYA = Path(__file__).parents[2] / "cities" / "surabaya.toml"


def channel(answers: str = "", greeting: str = GREETING) -> tuple[Channel, io.StringIO]:
    out = io.StringIO()
    return Channel(io.StringIO(greeting + answers), out), out


def test_binary_streams_are_taken_and_what_is_no_utf_8_costs_nothing() -> None:
    """pyst2 writes text to them, and raises TypeError."""
    out = io.BytesIO()
    caller = Channel(io.BytesIO(GREETING.encode()[:-1] + b"agi_name: \xff\xfe\n\n200 result=1 (a)\n"), out)
    assert caller.get("SUAR_CARRIER") == "a"
    assert out.getvalue() == b'GET FULL VARIABLE "${SUAR_CARRIER}"\n'


def test_it_can_be_made_off_the_main_thread() -> None:
    """pyst2 installs a signal handler, which raises there."""
    made: list[str] = []
    thread = threading.Thread(target=lambda: made.append(channel()[0].call_id))
    thread.start()
    thread.join()
    assert made == ["sby1-1763971200.7"]


def test_a_value_never_becomes_a_command() -> None:
    """pyst2 sends quotation marks and line feeds as they are."""
    caller, out = channel("200 result=1\n")
    caller.set("N", 'he said "hi"\nEXEC System rm \\')
    assert out.getvalue() == 'SET VARIABLE "N" "he said \\"hi\\" EXEC System rm \\\\"\n'


@pytest.mark.parametrize(
    "answer", ["", "HANGUP\n", "511 Command Not Permitted on a dead channel\n", "200 result=-1\n"]
)
def test_a_hang_up_is_an_outcome_however_it_comes(answer: str) -> None:
    """pyst2 raises ValueError for the first two, and errors of other kinds for the rest."""
    caller, _ = channel(answer)
    with pytest.raises(CallerGone):
        caller.play("suar/waiting")


def test_a_refusal_says_what_was_refused() -> None:
    """Never taken for an answer."""
    caller, _ = channel("510 Invalid or unknown command\n")
    with pytest.raises(AgiRefused, match="510"):
        caller.set("A", "1")


def test_a_key_is_what_the_dialplans_subroutine_returns() -> None:
    """An answer that is on its way is waited for; no patience is a millisecond, since 0 is for ever."""
    answers = "100 result=0 Trying...\n200 result=0 Gosub complete\n"
    caller, out = channel(f"{answers}200 result=1 (5)\n{answers}200 result=1 ()\n")
    assert caller.play("suar/waiting") == "5"
    assert caller.wait_for_key(0.0) is None
    asked = [line for line in out.getvalue().splitlines() if line.startswith("GOSUB")]
    assert asked == ['GOSUB degraded play 1 "suar/waiting"', 'GOSUB degraded wait 1 "0.001"']


def test_the_callers_variables_go_to_no_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    """pyst2 writes all of them there."""
    channel("200 result=1\n")[0].set("A", "0812")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("greeting", ["", "\n", "garbage\n\n", ":::\n\n"])
def test_a_script_that_nobody_calls_ends(greeting: str) -> None:
    """A port scan, or a person at a shell."""
    with pytest.raises(CallerGone):
        channel(greeting=greeting)


class Played(Channel):
    """A channel that answers each question as a caller who presses these keys does."""

    def __init__(self, keys: str) -> None:
        super().__init__(io.StringIO(GREETING), io.StringIO())
        self.keys = list(keys)
        self.heard: list[str] = []
        self.variables: dict[str, str] = {}

    def play(self, sound: str) -> str | None:
        self.heard.append(sound)
        return self.keys.pop(0) if self.keys else None

    def wait_for_key(self, patience_s: float) -> str | None:
        return None

    def set(self, name: str, value: str) -> None:
        self.variables[name] = value

    def get(self, name: str) -> str:
        return ""


@pytest.mark.parametrize(
    ("keys", "queue", "prompts"),
    [
        ("2", "degraded-medical-id", 1),
        ("91", "degraded-fire-en", 2),
        ("7", "degraded-unknown-id", 1),
        ("", "degraded-unknown-id", 1),
    ],
)
def test_it_asks_what_the_controller_asks(tmp_path: Path, keys: str, queue: str, prompts: int) -> None:
    """The same plan, the same end for silence and a wrong digit, and the call is on the disk."""
    for language in ("id", "en"):
        (tmp_path / language / "suar").mkdir(parents=True)
        (tmp_path / language / "suar" / "greeting-menu.wav").touch()
    config = json.loads(triage_config(load(SURABAYA), tmp_path))
    caller = Played(keys)
    journal = CallJournal(tmp_path / "degraded", caller.call_id)
    DegradedTriage(caller, journal, config).run()
    journal.close()
    assert caller.variables["SUAR_QUEUE"] == queue
    assert len(caller.heard) == prompts
    lines = (tmp_path / "degraded" / f"{caller.call_id}.log").read_bytes().splitlines(keepends=True)
    written = [record for line in lines if (record := decode(line))]
    assert [record["type"] for record in written] == ["offered", "triaged"]
    assert (written[0]["number"], written[1]["digits"]) == ("0812", keys)


def test_a_prompt_that_is_missing_costs_her_no_second_of_silence(tmp_path: Path) -> None:
    """She goes to the most urgent queue, and nothing is asked that she cannot hear."""
    caller = Played("2")
    DegradedTriage(caller, None, json.loads(triage_config(load(SURABAYA), tmp_path))).run()
    assert caller.heard == []
    assert caller.variables["SUAR_QUEUE"] == "degraded-unknown-id"

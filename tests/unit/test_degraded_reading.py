"""The degraded path's two journals, read: what they say is what the controller would have said."""

from __future__ import annotations

import pytest

from ari_app.degraded.reading import read_queue_log, read_script_journal
from suar.record import encode


@pytest.mark.parametrize(
    ("number", "asterisk_says", "presented"),
    [
        ("+62811", "allowed", "allowed"),
        ("+62811", "prohib", "restricted"),
        ("", "allowed", "missing"),
        ("anonymous", "allowed", "missing"),
    ],
)
def test_a_number_is_shown_as_the_controller_shows_it(
    number: str, asterisk_says: str, presented: str
) -> None:
    """Whoever wrote the call down, Asterisk or the script."""
    line = f"1763971200|sby1-1.1|degraded|NONE|OFFERED|telkomsel|112|{number}|{asterisk_says}\n"
    (call,) = read_queue_log([line]).values()
    record = {
        "call": "sby1-1.1", "type": "offered", "at": "2026-11-24T08:00:00.000Z",
        "number": number or None, "presentation": asterisk_says,
    }  # fmt: skip
    (told,) = read_script_journal([encode(record)])
    assert call.told[0].data["presentation"] == told.data["presentation"] == presented


@pytest.mark.parametrize(("mark", "disposition"), [("test", "uji_coba"), ("", "terputus")])
def test_a_test_call_stays_one_without_the_controller(mark: str, disposition: str) -> None:
    """Asterisk wrote down that it was one."""
    offered = f"1763971200|sby1-1.1|degraded|NONE|OFFERED|telkomsel|112||allowed|{mark}\n"
    (call,) = read_queue_log([offered, "1763971209|sby1-1.1|degraded|NONE|ENDED\n"]).values()
    assert call.is_test is (mark == "test")
    ended = call.ended()
    assert ended is not None
    assert ended.data["disposition"] == disposition

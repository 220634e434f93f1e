"""The journal's lines: damage is found wherever it is, and costs nothing else."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from suar.journal import Missing, examine
from suar.record import Record, decode_all, encode

RECORDS: list[Record] = [
    {"call": "sby1-1.1", "seq": 1, "type": "offered", "at": "2026-11-24T08:00:00.000Z", "dialled": "112"},
    {"call": "sby1-1.1", "seq": 2, "type": "located", "claim": {"label": "Jalan Tunjungan"}},
    {"stored": "sby1-1.1", "seq": 2},
    {"finished": "sby1-1.1"},
]
LINES = b"".join(encode(record) for record in RECORDS)


@given(place=st.integers(0, len(LINES) - 1), flip=st.integers(1, 255))
def test_a_changed_byte_is_found_and_costs_no_other_record(place: int, flip: int) -> None:
    """Any byte, any change: a damaged line, or a torn tail where the last line's end was hit."""
    changed = bytearray(LINES)
    changed[place] ^= flip
    found = examine("calls-00000001.log", BytesIO(changed))
    assert found.damaged or found.torn_bytes
    lost = 2 if LINES[place : place + 1] == b"\n" and place < len(LINES) - 1 else 1
    assert found.whole == len(RECORDS) - lost
    survivors = [record for record in decode_all(BytesIO(changed)) if record is not None]
    assert [record for record in RECORDS if record in survivors] == survivors


@given(cut=st.integers(0, len(LINES)))
def test_a_cut_tail_is_torn_and_not_damaged(cut: int) -> None:
    """A power cut costs the last line only, and is told apart from damage."""
    found = examine("calls-00000001.log", BytesIO(LINES[:cut]))
    assert not found.damaged
    assert found.whole == LINES[:cut].count(b"\n")
    assert found.torn_bytes == len(LINES[:cut].rpartition(b"\n")[2])


def test_a_line_that_was_removed_leaves_a_gap_in_its_call() -> None:
    """The beginning of a call may be gone with its segment; its middle may not."""
    missing = Missing()
    told = [("a", 3), ("b", 1), ("a", 4), ("b", 4), ("a", 5), ("a", 4)]
    gaps = [list(missing.note({"call": call, "seq": seq})) for call, seq in told]
    assert gaps == [[], [], [], [2, 3], [], []]
    assert list(missing.note({"stored": "a", "seq": 99})) == []

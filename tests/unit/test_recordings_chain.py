"""The recordings' chain: whatever is done to it short of rewriting it all, a line says so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.recordings.chain import GENESIS, Entry, Finding, decode, encode, follow

Days = list[tuple[str, list[bytes]]]


def chained(days: int = 3, per_day: int = 4) -> Days:
    """A chain of a few recordings on each of a few days."""
    head, found = GENESIS, []
    for day in range(days):
        lines = []
        for count in range(per_day):
            call_id = f"sby1-{day}.{count}"
            sha256 = hashlib.sha256(call_id.encode()).hexdigest()
            entry = Entry(call_id, f"{call_id}.wav", sha256, 44, f"2026-11-2{day}T08:00:00.000Z", head)
            head = entry.hash
            lines.append(encode(entry))
        found.append((f"chain-2026112{day}.log", lines))
    return found


DAYS = chained()
TEXT = b"".join(line for _, lines in DAYS for line in lines)


def findings(days: Days) -> list[str]:
    return [found.what for found in follow(days) if isinstance(found, Finding)]


def split(text: bytes) -> Days:
    """Put a text back into days of four lines."""
    lines = text.splitlines(keepends=True)
    return [(name, lines[4 * day : 4 * day + 4]) for day, (name, _) in enumerate(DAYS)]


def test_a_whole_chain_is_followed_to_its_end() -> None:
    """Every entry, no finding, and each follows the one before it over the days."""
    found = list(follow(DAYS))
    assert [one.call_id for one in found if isinstance(one, Entry)] == [
        f"sby1-{day}.{count}" for day in range(3) for count in range(4)
    ]
    assert findings(DAYS) == []


def test_the_hash_is_what_it_says_that_it_is() -> None:
    """Anybody can compute it: the hash before, then the canonical JSON of the rest."""
    facts = json.loads(DAYS[0][1][1])
    hash_, previous = facts.pop("hash"), facts.pop("previous")
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    assert hash_ == hashlib.sha256((previous + canonical).encode()).hexdigest()
    assert previous == json.loads(DAYS[0][1][0])["hash"]


@given(place=st.integers(0, len(TEXT) - 1), flip=st.integers(1, 255))
def test_a_changed_byte_is_found(place: int, flip: int) -> None:
    """Any byte, any change."""
    changed = bytearray(TEXT)
    changed[place] ^= flip
    assert findings(split(bytes(changed)))


def _places() -> Iterator[tuple[int, int]]:
    return ((day, count) for day in range(3) for count in range(4))


@pytest.mark.parametrize(("day", "count"), [place for place in _places() if place != (2, 3)])
def test_a_removed_line_is_found(day: int, count: int) -> None:
    """Wherever it stood, but at the very end, which only a head kept elsewhere can tell."""
    days = chained()
    del days[day][1][count]
    assert len(findings(days)) == 1


@given(first=st.sampled_from(list(_places())), second=st.sampled_from(list(_places())))
def test_two_lines_that_changed_places_are_found(first: tuple[int, int], second: tuple[int, int]) -> None:
    """On one day or over days."""
    days = chained()
    one, other = days[first[0]][1], days[second[0]][1]
    one[first[1]], other[second[1]] = other[second[1]], one[first[1]]
    assert bool(findings(days)) == (first != second)


def test_a_line_that_was_rewritten_with_a_hash_of_its_own_is_found_by_the_next() -> None:
    """The forger would have to rewrite every line after it."""
    days = chained()
    entry = decode(days[1][1][2])
    assert entry is not None
    forged = Entry(entry.call_id, entry.file, "f" * 64, entry.bytes, entry.sealed_at, entry.previous)
    days[1][1][2] = encode(forged)
    assert findings(days) == [
        "chain-20261121.log line 4: does not follow the line before it: lines were removed, added or moved"
    ]


def test_a_missing_day_is_named_by_its_neighbour() -> None:
    """In the middle, and at the beginning."""
    days = chained()
    assert "does not follow the end of chain-20261120.log" in findings([days[0], days[2]])[0]
    assert "does not begin the chain" in findings(days[1:])[0]


def test_a_damaged_line_is_one_finding() -> None:
    """What follows it is neither accused nor lost."""
    days = chained()
    days[1][1][0] = b"{}\n"
    assert findings(days) == ["chain-20261121.log line 1: is not as it was written"]
    assert sum(isinstance(one, Entry) for one in follow(days)) == 11


def test_half_a_line_at_the_end_is_told_as_that() -> None:
    """A power cut came."""
    days = chained()
    days[2][1][3] = days[2][1][3][:-20]
    assert findings(days) == ["chain-20261122.log line 4: is only half there"]


@pytest.mark.parametrize("line", [b"", b"[]\n", b"null\n", b'{"hash":1}\n', b"\xff\n", b"[" * 100_000])
def test_what_is_no_line_is_none(line: bytes) -> None:
    """And never an error."""
    assert decode(line) is None

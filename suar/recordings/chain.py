"""The recordings' hash chain: each line vouches for a recording and for every line before it. No I/O here.

A line is canonical JSON (RFC 8259, keys sorted, no spaces) and a newline. Its ``hash`` is the SHA-256 of
the hash of the line before it, in hex, followed by the canonical JSON of the line without the two hashes.
Whoever changes, removes or moves a line breaks the chain there. Who can write the file can still cut its
end off, or write it all anew: only a head that is kept elsewhere shows that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

GENESIS = "0" * 64
"""What the first line of all follows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed recording. ``file`` is relative to the recordings' directory."""

    call_id: str
    file: str
    sha256: str
    bytes: int
    sealed_at: str
    """UTC, RFC 3339, milliseconds."""
    previous: str
    """The hash of the line before it."""

    @property
    def hash(self) -> str:
        facts = asdict(self)
        del facts["previous"]
        return hashlib.sha256(self.previous.encode() + _canonical(facts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed. ``what`` is a person's line."""

    what: str


def encode(entry: Entry) -> bytes:
    """Return the line of an entry."""
    return _canonical({**asdict(entry), "hash": entry.hash}) + b"\n"


def decode(line: bytes) -> Entry | None:
    """Return the entry of a line, or None if it is not, byte for byte, what :func:`encode` wrote."""
    try:
        facts = json.loads(line)
        del facts["hash"]
        entry = Entry(**facts)
        is_typed = all(type(value) is (int if name == "bytes" else str) for name, value in facts.items())
        return entry if is_typed and encode(entry) == line else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def follow(days: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[Entry | Finding]:
    """Follow the chain through its days, each a file's name and its lines, the oldest first.

    Yields every entry that is whole, and a finding wherever the chain is broken.
    """
    head: str | None = GENESIS
    day_before: str | None = None
    for name, lines in days:
        for number, line in enumerate(lines, start=1):
            entry = decode(line)
            if entry is None:
                torn = "is only half there" if not line.endswith(b"\n") else "is not as it was written"
                yield Finding(f"{name} line {number}: {torn}")
                # What follows a line that cannot be read cannot be held against it.
                head = None
                continue
            if head is not None and entry.previous != head:
                yield Finding(f"{name} line {number}: {_break(number, day_before)}")
            head = entry.hash
            yield entry
        day_before = name


def _break(number: int, day_before: str | None) -> str:
    if number > 1:
        return "does not follow the line before it: lines were removed, added or moved"
    if day_before is None:
        return "does not begin the chain: earlier days, or lines before it, are missing"
    return f"does not follow the end of {day_before}: lines at that end, or days between, are missing"


def _canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

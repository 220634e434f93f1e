"""The segments of the call controller's journal: their names, and what each holds.

A segment is ``calls-<n>.log``, a record a line (see `suar.record`). Only the controller writes them,
and never to one that is full or that an earlier process left.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from suar.record import Record, decode, decode_all, encode

RESEND: Record = {"resend": True}
"""A record that says: what was stored before this may be stored no longer; send everything again."""

_NAME = re.compile(r"calls-(\d+)\.log")


@dataclass(frozen=True, slots=True)
class Segment:
    """What one segment holds."""

    name: str
    whole: int
    """Records that are as they were written."""
    damaged: tuple[int, ...]
    """The numbers, from 1, of the lines that are not."""
    torn_bytes: int
    """What stands after the last line's end: a power cut came in the middle of a write."""


@dataclass(slots=True)
class Missing:
    """Finds gaps in the calls' numbering, which no checksum shows: lines or segments that were removed."""

    _last: dict[str, int] = field(default_factory=dict)

    def note(self, record: Record) -> range:
        """Take the next record; return the numbers of its call's events that should have come before."""
        call_id, seq = record.get("call"), record.get("seq")
        if not isinstance(call_id, str) or not isinstance(seq, int):
            return range(0)
        # The beginning of a call may lie in a segment that was removed because nobody needed it.
        last = self._last.get(call_id, seq - 1)
        self._last[call_id] = max(last, seq)
        return range(last + 1, seq)


def segment_path(directory: Path, number: int) -> Path:
    """Return where the segment of this number is kept."""
    return directory / f"calls-{number:08d}.log"


def segments(directory: Path) -> list[tuple[int, Path]]:
    """Return the segments with their numbers, oldest first; other files are none of ours."""
    found = ((segment_number(path.name), path) for path in directory.glob("calls-*.log"))
    return sorted((number, path) for number, path in found if number is not None)


def segment_number(name: str) -> int | None:
    """Return the number of the segment that has this name, None if it is the name of something else."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def examine(name: str, lines: Iterable[bytes]) -> Segment:
    """Say what a segment holds."""
    whole, damaged, torn_bytes = 0, [], 0
    for number, line in enumerate(lines, start=1):
        if decode(line) is not None:
            whole += 1
        elif line.endswith(b"\n"):
            damaged.append(number)
        else:
            torn_bytes = len(line)
    return Segment(name, whole, tuple(damaged), torn_bytes)


def records(directory: Path) -> Iterator[Record]:
    """Yield every whole record, oldest first. Raises :class:`OSError`."""
    for _, path in segments(directory):
        with path.open("rb") as file:
            yield from (record for record in decode_all(file) if record is not None)


def mark_resend(directory: Path) -> Path:
    """Write a segment that has everything before it sent again; return it. Raises :class:`OSError`."""
    path = segment_path(directory, max((number for number, _ in segments(directory)), default=0) + 1)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(encode(RESEND))
        file.flush()
        os.fsync(file.fileno())
    return path

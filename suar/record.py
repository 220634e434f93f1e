"""One line of the journal: a checksum and a JSON object; and how times are written. No I/O here."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def stamp(at: datetime) -> str:
    """Return a time as we write it wherever it is kept or told: UTC, RFC 3339, milliseconds."""
    there = at if at.tzinfo is UTC else at.astimezone(UTC)
    return there.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(record: Record) -> bytes:
    """Return the line of a record: eight hex digits of CRC-32, a space, JSON, a newline."""
    body = _to_json(record).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def decode(line: bytes) -> Record | None:
    """Return the record of a line, or None if the line is torn or damaged."""
    checksum, space, body = line.rstrip(b"\n").partition(b" ")
    if not space or not line.endswith(b"\n"):
        return None
    # Compared as it was written: int() would take a checksum in capitals, and more.
    if checksum != b"%08x" % zlib.crc32(body):
        return None
    try:
        record = json.loads(body)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def decode_all(lines: Iterable[bytes]) -> Iterator[Record | None]:
    """Decode line by line; a damaged line yields None and costs no other line."""
    for line in lines:
        yield decode(line)

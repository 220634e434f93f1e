"""What kind of document it is, and which reader reads it."""

from __future__ import annotations

from datetime import datetime

from suar.location import pidf_lo
from suar.location.faults import DocumentRefused, Fault, Problem
from suar.location.markup import parse
from suar.location.notes import Notes
from suar.location.reading import Reading

MOST_BYTES = 1024 * 1024


def read(data: bytes, received_at: datetime) -> Reading:
    """Read a document of any kind that a location comes in. Never raises.

    ``received_at`` is aware of its zone: the age of a fix, and times in the future, are told from it.
    """
    if not data.strip(b" \t\r\n\0"):
        return Reading("unknown", errors=(Problem(Fault.EMPTY, "The document is empty."),))
    if len(data) > MOST_BYTES:
        problem = Problem(
            Fault.TOO_LARGE, f"The document has {len(data)} bytes: at most {MOST_BYTES} are read."
        )
        return Reading("unknown", errors=(problem,))
    return _xml(data, received_at)


def _xml(data: bytes, received_at: datetime) -> Reading:
    notes = Notes()
    try:
        root = parse(data, notes)
    except DocumentRefused as refused:
        return Reading("unknown", flags=notes.flags, errors=(*notes.problems, refused.problem))
    return pidf_lo.read_root(root, received_at, notes)

"""A message's body as a tree of MIME parts, however deeply they are nested (RFC 2046, RFC 5621)."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from suar.location.faults import Fault
from suar.location.flags import Flag
from suar.location.notes import Notes
from suar.location.sip.message import Message, split_part
from suar.location.sip.values import read_parameters

MOST_DEPTH = 8
MOST_PARTS = 100
_BOUNDARY = re.compile(rb"\s*--([^\r\n]{1,200}?)[ \t]*(?:\r|\n)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part that has no parts: its type in lower case without parameters, its id without brackets."""

    type: str
    content_id: str | None
    content: bytes
    language: str | None = None


def leaves(message: Message, notes: Notes) -> list[Part]:
    """Return the parts, in order. What cannot be taken apart is noted, and the rest returned."""
    return list(_walk(message, notes, 0, [MOST_PARTS]))


def told_id(cid: str) -> str:
    """Return the Content-ID that a ``cid:`` URI means (RFC 2392)."""
    return unquote(cid[4:]).strip()


def plain_id(text: str) -> str:
    """Return an id without what senders are careless about: brackets, case, a scheme in it."""
    return text.strip().strip("<>").strip().lower().removeprefix("cid:")


def _walk(message: Message, notes: Notes, depth: int, budget: list[int]) -> Iterator[Part]:
    written = message.first("content-type") or ""
    kind = written.partition(";")[0].strip().lower()
    body = message.body
    found = _BOUNDARY.match(body[:400])
    if not kind.startswith("multipart/") and not (not kind and found):
        yield Part(kind, _content_id(message), _decoded(message), message.first("content-language"))
        return
    boundary = read_parameters(written[len(written.partition(";")[0]) :]).get("boundary", "").encode()
    if not boundary or not _delimiter(boundary).search(body):
        # The boundary is not told, or told wrongly: the body's first line shows it.
        if found is None:
            notes.fault(
                Fault.MULTIPART_BROKEN, "The multipart body has no boundary, or not the one that is told."
            )
            return
        notes.flag(Flag.HEADER_UNUSABLE)
        boundary = found[1]
    if depth >= MOST_DEPTH:
        notes.fault(Fault.MULTIPART_TOO_DEEP, f"The body is nested more than {MOST_DEPTH} deep.")
        return
    for piece in _pieces(body, boundary, notes):
        budget[0] -= 1
        if budget[0] < 0:
            notes.fault(Fault.MULTIPART_TOO_DEEP, f"The body has more than {MOST_PARTS} parts.")
            return
        yield from _walk(split_part(piece, notes), notes, depth + 1, budget)


def _delimiter(boundary: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\A|\r\n|\n|\r)[ \t]*--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")


def _pieces(body: bytes, boundary: bytes, notes: Notes) -> Iterator[bytes]:
    delimiter = _delimiter(boundary)
    found = delimiter.search(body)
    while found is not None:
        if found[1]:
            return
        # The line end before a delimiter is its own, and may be the one after the delimiter before it.
        start = found.end()
        found = delimiter.search(body, max(start - 2, found.start() + 1))
        if found is not None:
            yield body[start : max(start, found.start())]
        elif body[start:].strip():
            notes.flag(Flag.MULTIPART_UNCLOSED)
            yield body[start:]
        else:
            notes.flag(Flag.MULTIPART_UNCLOSED)


def _content_id(message: Message) -> str | None:
    written = (message.first("content-id") or "").strip()
    if written.startswith("<") and written.endswith(">"):
        return written[1:-1].strip()[:200] or None
    # Without its brackets it is not the same: only plain_id makes it so.
    return f"<{written}"[:200] if written else None


def _decoded(message: Message) -> bytes:
    encoding = (message.first("content-transfer-encoding") or "").strip().lower()
    if encoding == "base64":
        try:
            return base64.b64decode(b"".join(message.body.split()) + b"==")
        except (binascii.Error, ValueError):
            return message.body
    return quopri.decodestring(message.body) if encoding == "quoted-printable" else message.body

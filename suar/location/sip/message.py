"""A message of SIP (RFC 3261, section 7), or of HTTP, as its start line, its headers and its body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from suar.location.flags import Flag
from suar.location.notes import Notes

MOST_HEADERS = 500
MOST_HEAD_BYTES = 64 * 1024
_COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
    "e": "content-encoding", "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported",
    "l": "content-length", "m": "contact", "n": "identity-info", "o": "event", "r": "refer-to",
    "s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires", "y": "identity",
}  # fmt: skip
_START = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9.!%*_+`'~-]{0,30}[ \t]+\S{1,2000}[ \t]+(?:SIP|HTTP)/\d[.\d]*"
    rb"|(?:SIP|HTTP)/\d[.\d]*[ \t]+\d{3}\b[^\r\n]{0,200})[ \t]*(?:\r|\n|$)",
    re.IGNORECASE,
)
_TELLING = re.compile(rb"(?:geolocation|call-info|content-type)[ \t]*:", re.IGNORECASE)
_HEADER = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,80})[ \t]*:(.*)", re.DOTALL)
_END = re.compile(rb"\r\n[ \t]*\r\n|\n[ \t]*\r?\n|\r[ \t]*\r")
_LINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Message:
    """A message. Header names are in lower case and their long form, in the message's order."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header, in lower case and long form."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str | None:
        """The first value, or None."""
        return next(iter(self.all(name)), None)

    @property
    def is_http(self) -> bool:
        """Whether it is HTTP, and its body therefore what it is about."""
        return "HTTP/" in self.start.upper()


def looks_like(data: bytes) -> bool:
    """Whether it begins as a message does: with a start line, or with headers that lead to a location."""
    head = data[:4_000].lstrip()
    return _START.match(head) is not None or _TELLING.match(head) is not None


def split(data: bytes, notes: Notes) -> Message:
    """Take a message apart. Nothing makes it fail; what cannot be read is left out, and flagged."""
    data = _dedent(data.lstrip(b"\r\n"), notes)
    end = _END.search(data)
    head, body = (data, b"") if end is None else (data[: end.start()], data[end.end() :])
    if b"\r\n" not in head or b"\n" in head.replace(b"\r\n", b""):
        notes.flag(Flag.LINE_ENDINGS)
    if len(head) > MOST_HEAD_BYTES:
        notes.flag(Flag.HEADER_UNUSABLE)
        head = head[:MOST_HEAD_BYTES]
    lines = _unfold(_LINE.split(head.decode("utf-8", "replace")))
    start = lines.pop(0).strip() if lines and _START.match(lines[0].encode()) else ""
    return Message(start, read_headers(lines, notes), body)


def split_part(data: bytes, notes: Notes) -> Message:
    """Take a part of a multipart body apart: headers, perhaps none, and its content (RFC 2046, 5.1)."""
    if data.startswith((b"\r\n", b"\n", b"\r")):
        return Message("", (), data.lstrip(b"\r\n"))
    end = _END.search(data)
    head = data if end is None else data[: end.start()]
    if not _HEADER.match(head[:200].decode("utf-8", "replace")):
        return Message("", (), data)
    lines = _unfold(_LINE.split(head[:MOST_HEAD_BYTES].decode("utf-8", "replace")))
    return Message("", read_headers(lines, notes), b"" if end is None else data[end.end() :])


def read_headers(lines: list[str], notes: Notes) -> tuple[tuple[str, str], ...]:
    """Return names and values; a line that is no header is flagged."""
    headers = []
    for line in lines[:MOST_HEADERS]:
        found = _HEADER.fullmatch(line)
        if found is None:
            if line.strip():
                notes.flag(Flag.HEADER_UNUSABLE)
            continue
        name = found[1].lower()
        headers.append((_COMPACT.get(name, name), found[2].strip()))
    return tuple(headers)


def _unfold(lines: list[str]) -> list[str]:
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and unfolded and len(unfolded[-1]) < 8_000:
            unfolded[-1] += " " + line.strip()
        else:
            unfolded.append(line)
    return unfolded


def _dedent(data: bytes, notes: Notes) -> bytes:
    """Undo the indentation of a message that was cut out of a script."""
    width = len(data) - len(data.lstrip(b" \t"))
    if not width or width > 40:
        return data.lstrip(b" \t")
    notes.flag(Flag.INDENTED_MESSAGE)
    return re.sub(rb"(?m)^[ \t]{1,%d}" % width, b"", data)

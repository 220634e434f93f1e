"""The values of headers: lists of URIs with parameters (RFC 3261, section 7.3 and 20)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_VALUES = 60
LONGEST_URI = 2_000
_PARAMETER = re.compile(r'\s*;\s*([A-Za-z0-9.!%*_+`\'~-]{1,80})\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;,\s]*))?')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:.", re.ASCII)


@dataclass(frozen=True, slots=True)
class UriValue:
    """``<uri>;name=value``, or a URI without its brackets."""

    uri: str
    parameters: dict[str, str] = field(default_factory=dict)
    is_bare: bool = False

    @property
    def scheme(self) -> str:
        """In lower case; empty where there is none."""
        return self.uri.partition(":")[0].lower() if _SCHEME.match(self.uri) else ""


def read_uris(header: str) -> list[UriValue]:
    """Return the URIs of a header's list."""
    found = []
    for value in split_list(header)[:MOST_VALUES]:
        opened, closed = value.find("<"), value.find(">")
        if 0 <= opened < closed:
            uri, rest = value[opened + 1 : closed].strip(), value[closed + 1 :]
        else:
            uri, separator, rest = value.strip("<> \t").partition(";")
            uri, rest = uri.strip(), separator + rest
        if uri:
            found.append(UriValue(uri[:LONGEST_URI], read_parameters(rest), not 0 <= opened < closed))
    return found


def read_parameters(text: str) -> dict[str, str]:
    """Return the parameters, names in lower case, quotes undone."""
    parameters: dict[str, str] = {}
    for found in list(_PARAMETER.finditer(text[:4_000]))[:40]:
        value = found[2] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        parameters.setdefault(found[1].lower(), value)
    return parameters


def split_list(header: str) -> list[str]:
    """Split at the commas that are neither in quotes nor in angle brackets."""
    values, start, quoted, within = [], 0, False, False
    at = 0
    while at < len(header):
        letter = header[at]
        if quoted:
            if letter == "\\":
                at += 1
            quoted = letter != '"'
        elif letter == '"' and not within:
            quoted = True
        elif letter in "<>":
            within = letter == "<"
        elif letter == "," and not within:
            values.append(header[start:at])
            start = at + 1
        at += 1
    values.append(header[start:])
    return [value.strip() for value in values if value.strip()]

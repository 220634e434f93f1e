"""XML from strangers, to a tree: expat with its doors shut, and namespaces resolved here.

There is no DTD, so there are no entities of anyone's making, nothing external, and nothing that grows. Size,
depth and the number of elements have limits. Resolving namespaces here, and not in expat, is what lets
a document with an undeclared prefix still be read; a document that breaks off keeps what was whole before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from suar.location.decoding import decode
from suar.location.faults import DocumentRefused, Fault
from suar.location.flags import Flag
from suar.location.notes import Notes

MOST_BYTES = 256 * 1024
MOST_ELEMENTS = 4_000
MOST_DEPTH = 48
MOST_NAMESPACES = 100

_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z_][\w.-]{0,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_DECLARATION = re.compile(r"<\?xml\b[^>]{0,500}\?>")
_JUNK = {
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT],
    expat.errors.codes[expat.errors.XML_ERROR_MISPLACED_XML_PI],
}
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


class Element:
    """An element. ``namespace`` is None where there is none, and ``""`` where its prefix is not declared."""

    __slots__ = ("attributes", "children", "is_whole", "line", "name", "namespace", "parent", "pieces")

    def __init__(self, name: str, namespace: str | None, parent: Element | None, line: int) -> None:
        self.name = name
        """Without its prefix."""
        self.namespace = namespace
        self.parent = parent
        self.line = line
        self.attributes: dict[str, str] = {}
        """By name, without prefix, in lower case."""
        self.children: list[Element] = []
        self.pieces: list[str] = []
        self.is_whole = False
        """Whether its end was seen."""

    @property
    def key(self) -> str:
        """The name in lower case: what readers compare, since the field is careless with case."""
        return self.name.lower()

    @property
    def text(self) -> str:
        """What stands in it before and between its children."""
        return "".join(self.pieces)

    @property
    def where(self) -> str:
        """For a problem's message."""
        return f"<{self.name}>, line {self.line}"

    def iter(self) -> Iterator[Element]:
        """Every element from here on, in the document's order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))

    def first(self, *keys: str) -> Element | None:
        """The first child of one of these names, in lower case."""
        return next((child for child in self.children if child.key in keys), None)

    def all(self, *keys: str) -> list[Element]:
        """Every child of one of these names."""
        return [child for child in self.children if child.key in keys]

    def up(self, *keys: str) -> Element | None:
        """The nearest element around it of one of these names."""
        around = self.parent
        while around is not None and around.key not in keys:
            around = around.parent
        return around

    def words(self, *keys: str) -> str | None:
        """The text of a child that is whole, its white space put right; None if there is none."""
        child = self.first(*keys)
        return None if child is None or not child.is_whole else " ".join(child.text.split()) or None


def parse(data: bytes | str, notes: Notes) -> Element:
    """Return the root. Raises :class:`DocumentRefused` where there is nothing to read, or nothing safe."""
    if len(data) > MOST_BYTES:
        raise DocumentRefused(
            Fault.TOO_LARGE, f"The XML has {len(data)} bytes: at most {MOST_BYTES} are read."
        )
    text = data if isinstance(data, str) else decode(data, notes)
    start = text.find("<")
    if start < 0:
        raise DocumentRefused(Fault.XML_BROKEN, "There is no element in it: this is not XML.")
    if text[:start].strip():
        raise DocumentRefused(Fault.XML_BROKEN, "It does not begin with an element: this is not XML.")
    if start and text.startswith("<?xml", start):
        notes.flag(Flag.SPACE_BEFORE_DOCUMENT)
    # What the declaration says of the encoding was true of the bytes, not of this text; its lines stay.
    text = _DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text[start:], count=1)
    builder = _Builder()
    error = builder.build(text)
    if error is not None and error.code not in _JUNK and _AMPERSAND.search(text):
        again = _Builder()
        second = again.build(_AMPERSAND.sub("&amp;", text))
        if second is None or again.count > builder.count:
            notes.flag(Flag.BARE_AMPERSAND)
            builder, error = again, second
    if builder.root is None:
        detail = "" if error is None else f": {expat.ErrorString(error.code)}, line {error.lineno}"
        raise DocumentRefused(Fault.XML_BROKEN, f"The XML cannot be read{detail}.")
    if error is not None:
        if builder.root.is_whole:
            notes.flag(Flag.JUNK_AFTER_DOCUMENT)
        else:
            notes.flag(Flag.XML_BROKEN_OFF)
            notes.fault(
                Fault.XML_BROKEN,
                f"The XML is broken: {expat.ErrorString(error.code)}. What was whole before it was read.",
                f"line {error.lineno}",
            )
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.count = 0
        self._stack: list[Element] = []
        self._scopes: list[dict[str, str]] = [{"xml": _XML_NAMESPACE}]
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.ExternalEntityRefHandler = self._doctype
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def build(self, text: str) -> expat.ExpatError | None:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            return error
        return None

    def _doctype(self, *_: object) -> int:
        raise DocumentRefused(
            Fault.XML_DTD,
            "The XML declares a document type or an entity. No location document needs one, "
            "and it is how parsers are attacked: send it without.",
            f"line {self._parser.CurrentLineNumber}",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise DocumentRefused(
                Fault.XML_TOO_MANY_ELEMENTS, f"The XML has more than {MOST_ELEMENTS} elements."
            )
        if len(self._stack) >= MOST_DEPTH:
            raise DocumentRefused(Fault.XML_TOO_DEEP, f"The XML is nested more than {MOST_DEPTH} deep.")
        scope = self._scopes[-1]
        if any(key.startswith("xmlns") for key in attributes):
            scope = scope | {
                key.partition(":")[2]: value.strip()
                for key, value in attributes.items()
                if key == "xmlns" or key.startswith("xmlns:")
            }
            if len(scope) > MOST_NAMESPACES:
                raise DocumentRefused(
                    Fault.XML_TOO_MANY_ELEMENTS, f"The XML declares more than {MOST_NAMESPACES} namespaces."
                )
        prefix, _, local = name.rpartition(":")
        namespace = scope.get(prefix) or (None if not prefix else "")
        parent = self._stack[-1] if self._stack else None
        element = Element(local, namespace, parent, self._parser.CurrentLineNumber)
        element.attributes = {
            key.rpartition(":")[2].lower(): value
            for key, value in attributes.items()
            if not key.startswith("xmlns")
        }
        if parent is None:
            self.root = element
        else:
            parent.children.append(element)
        self._stack.append(element)
        self._scopes.append(scope)

    def _end(self, _name: str) -> None:
        self._stack.pop().is_whole = True
        self._scopes.pop()

    def _characters(self, text: str) -> None:
        self._stack[-1].pieces.append(text)

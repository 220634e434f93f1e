"""What makes a document, or a part of it, unusable: told in words, never raised at whoever reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from suar.errors import Blame, SuarError


class Fault(StrEnum):
    """A fault's code. It never changes its meaning."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    KIND_UNKNOWN = "kind-unknown"
    XML_BROKEN = "xml-broken"
    XML_DTD = "xml-dtd"
    XML_TOO_DEEP = "xml-too-deep"
    XML_TOO_MANY_ELEMENTS = "xml-too-many-elements"
    NO_LOCATION = "no-location"
    POSITION_MISSING = "position-missing"
    POSITION_UNUSABLE = "position-unusable"
    POSITION_OUT_OF_RANGE = "position-out-of-range"
    POSITION_ZERO = "position-zero"
    SRS_UNSUPPORTED = "srs-unsupported"
    SHAPE_UNSUPPORTED = "shape-unsupported"
    SHAPE_BROKEN_OFF = "shape-broken-off"
    RING_TOO_SHORT = "ring-too-short"
    RING_TOO_LONG = "ring-too-long"
    CIVIC_EMPTY = "civic-empty"
    SIP_BROKEN = "sip-broken"
    MULTIPART_TOO_DEEP = "multipart-too-deep"
    MULTIPART_BROKEN = "multipart-broken"
    LOCATION_PART_MISSING = "location-part-missing"
    CELL_UNUSABLE = "cell-unusable"
    AML_VERSION_UNKNOWN = "aml-version-unknown"
    AML_NO_FIX = "aml-no-fix"
    HELD_ERROR = "held-error"


MEANINGS = {
    Fault.EMPTY: "There is nothing in it.",
    Fault.TOO_LARGE: "It is larger than any location document.",
    Fault.KIND_UNKNOWN: "It is none of the documents that a location comes in.",
    Fault.XML_BROKEN: "It is not XML, or breaks off; what was whole before the damage is still read.",
    Fault.XML_DTD: "It declares a document type or entities: refused, unread.",
    Fault.XML_TOO_DEEP: "Its elements are nested too deep: refused.",
    Fault.XML_TOO_MANY_ELEMENTS: "It has too many elements or namespaces: refused.",
    Fault.NO_LOCATION: "It is well, and has no location in it.",
    Fault.POSITION_MISSING: "A shape has no position.",
    Fault.POSITION_UNUSABLE: "A position is not two or three numbers.",
    Fault.POSITION_OUT_OF_RANGE: "A position is nowhere on the Earth, in either order of its numbers.",
    Fault.POSITION_ZERO: "A position is 0,0: a sender without a fix.",
    Fault.SRS_UNSUPPORTED: "The coordinates are not degrees in WGS 84, nor in a datum near it.",
    Fault.SHAPE_UNSUPPORTED: "A shape is none of RFC 5491's eight.",
    Fault.SHAPE_BROKEN_OFF: "The document breaks off inside a shape.",
    Fault.RING_TOO_SHORT: "A polygon has fewer than three different points.",
    Fault.RING_TOO_LONG: "A polygon has more than 2,000 points.",
    Fault.CIVIC_EMPTY: "An address has no part with text.",
    Fault.SIP_BROKEN: "The SIP message has no headers that can be read.",
    Fault.MULTIPART_TOO_DEEP: "The body is nested too deep, or has too many parts.",
    Fault.MULTIPART_BROKEN: "The body has no boundary, or no part.",
    Fault.LOCATION_PART_MISSING: "A Geolocation header points to a part that is not there.",
    Fault.CELL_UNUSABLE: "The header in which the carrier names the cell cannot be read.",
    Fault.AML_VERSION_UNKNOWN: "The AML message is of a version that is not known.",
    Fault.AML_NO_FIX: "The phone says that it has no fix: there is no location, and no 0,0.",
    Fault.HELD_ERROR: "The location server answers with an error.",
}
"""What each fault says, for the documentation; a problem's own message says more."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault, where it is, and the way out."""

    fault: Fault
    message: str
    where: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is printed."""
        return {"code": str(self.fault), "message": self.message, "where": self.where}


class DocumentRefused(SuarError):
    """A document cannot be read at all, or must not be. The reader turns it into a :class:`Problem`."""

    blame = Blame.INPUT

    def __init__(self, fault: Fault, message: str, where: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(fault, message, where)

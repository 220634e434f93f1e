"""Which namespace an element belongs in, and what to make of one that is not there."""

from __future__ import annotations

from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes

PIDF = "urn:ietf:params:xml:ns:pidf"
DATA_MODEL = "urn:ietf:params:xml:ns:pidf:data-model"
GEOPRIV = "urn:ietf:params:xml:ns:pidf:geopriv10"
POLICY = "urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"
CIVIC = "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"
CIVIC_EXTENSION = "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr:ext"
CIVIC_OLD = "urn:ietf:params:xml:ns:pidf:geopriv10:civicLoc"
DYNAMIC = "urn:ietf:params:xml:ns:pidf:geopriv10:dynamic"
CONFIDENCE = "urn:ietf:params:xml:ns:geopriv:conf"
GML = "http://www.opengis.net/gml"
SHAPES = "http://www.opengis.net/pidflo/1.0"
HELD = "urn:ietf:params:xml:ns:geopriv:held"


def check(element: Element, name: str, *namespaces: str, notes: Notes) -> None:
    """Flag an element that is not written ``name``, or is in none of the namespaces. It is read all the same.

    The names leave no doubt what is meant; a stylesheet or an SDK that lost the namespaces is no reason
    not to find a caller.
    """
    if element.name != name:
        notes.flag(Flag.ELEMENT_CASE)
    if element.namespace in namespaces:
        return
    if element.namespace == "":
        notes.flag(Flag.NAMESPACE_UNDECLARED)
    elif element.namespace is None:
        notes.flag(Flag.NAMESPACE_MISSING)
    elif element.namespace == CIVIC_OLD:
        notes.flag(Flag.NAMESPACE_OLD)
    else:
        notes.flag(Flag.NAMESPACE_WRONG)

"""HELD: asking a location server, and what it answers (RFC 5985, 6155, 6753, 7840). No I/O here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from suar.location import pidf_lo
from suar.location.faults import Fault, Problem
from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.pidf_lo import namespaces as ns
from suar.location.reading import Reading, Reference
from suar.location.times import read_time

MEDIA_TYPE = "application/held+xml"
DEVICE_NAMESPACE = "urn:ietf:params:xml:ns:geopriv:held:id"
ROUTING_NAMESPACE = "urn:ietf:params:xml:ns:geopriv:held:ri"
LOCATION_TYPES = ("any", "civic", "geodetic", "locationURI")
DEVICE_IDS = (
    "ip", "mac", "tcpport", "udpport", "nai", "uri", "fqdn", "hostname", "directory", "duid", "msisdn",
    "imsi", "imei", "min", "mdn",
)  # fmt: skip
"""What RFC 6155, section 3, names a device by."""

_ERRORS = {
    "requestError": "The server could not read our request.",
    "xmlError": "The server found our XML broken.",
    "generalLocnError": "The server failed to find the place.",
    "locationUnknown": "The server does not know the place; it may later.",
    "unsupportedMessage": "The server does not know this kind of request.",
    "timeout": "The server found no place in the time that it was given; ask again, with more.",
    "cannotProvideLiType": "The server has no location of the kind that was asked for.",
    "notLocatable": "The server cannot place this device, now or later.",
    "badIdentifier": "The server knows no device by that identifier.",
}
_URIS = {"destination", "uri", "contacturi"}
_RETRYABLE = {"generalLocnError", "locationUnknown", "timeout"}


def is_held(root: Element) -> bool:
    """Whether it is an answer of HELD."""
    return root.key == "locationresponse" or (root.key == "error" and "code" in root.attributes)


def read_root(root: Element, received_at: datetime, notes: Notes) -> Reading:
    """Read an answer: its claims, where to ask again and until when, or its error."""
    if root.key == "error":
        return _error(root, notes)
    ns.check(root, "locationResponse", ns.HELD, notes=notes)
    references = [
        reference for held in root.all("locationuriset") for reference in _uris(held, received_at, notes)
    ]
    reading = pidf_lo.read_root(root, received_at, notes, source="held")
    errors = reading.errors
    if references:
        errors = tuple(problem for problem in errors if problem.fault is not Fault.NO_LOCATION)
    routing = _routing(root)
    return replace(
        reading,
        kind="held",
        references=(*references, *reading.references),
        errors=errors,
        call={"routing": routing} if routing else {},
    )


def build_request(
    types: Sequence[str] = ("geodetic", "civic", "locationURI"),
    *,
    is_exact: bool = False,
    response_time: str | int | None = "emergencyDispatch",
    device: Mapping[str, str] | None = None,
    wants_routing: bool = False,
) -> bytes:
    """Return a ``locationRequest`` (RFC 5985, section 5; RFC 6753, section 3 for a dereference by POST).

    ``response_time`` is ``emergencyRouting``, ``emergencyDispatch`` or milliseconds; ``device`` names whom to
    place, by RFC 6155's elements, such as ``{"msisdn": "6281234567890"}``. Raises ValueError for what HELD
    does not have.
    """
    unknown = [kind for kind in types if kind not in LOCATION_TYPES]
    if unknown or not types:
        raise ValueError(f"types = {list(types)!r}: of {', '.join(LOCATION_TYPES)}, at least one")
    attributes = ""
    if response_time is not None:
        is_word = response_time in {"emergencyRouting", "emergencyDispatch"}
        if not is_word and (not isinstance(response_time, int) or response_time <= 0):
            raise ValueError(
                f"response_time = {response_time!r}: emergencyRouting, emergencyDispatch or milliseconds"
            )
        attributes = f" responseTime={quoteattr(str(response_time))}"
    inside = f'<locationType exact="{str(is_exact).lower()}">{" ".join(types)}</locationType>'
    if device:
        inside += f"<device xmlns={quoteattr(DEVICE_NAMESPACE)}>"
        for name, value in device.items():
            if name not in DEVICE_IDS:
                raise ValueError(f"device: {name!r} is none of {', '.join(DEVICE_IDS)}")
            version = f' v="{6 if ":" in value else 4}"' if name == "ip" else ""
            inside += f"<{name}{version}>{escape(value)}</{name}>"
        inside += "</device>"
    if wants_routing:
        inside += f"<requestRoutingInformation xmlns={quoteattr(ROUTING_NAMESPACE)}/>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<locationRequest xmlns={quoteattr(ns.HELD)}{attributes}>{inside}</locationRequest>"
    ).encode()


def _error(root: Element, notes: Notes) -> Reading:
    ns.check(root, "error", ns.HELD, notes=notes)
    code = root.attributes.get("code", "").strip()[:60]
    messages = {
        child.attributes.get("lang", "und")[:20]: " ".join(child.text.split())[:300]
        for child in root.all("message")[:10]
        if child.text.strip()
    }
    told = {**messages, "und": root.attributes["message"][:300]} if "message" in root.attributes else messages
    problem = Problem(
        Fault.HELD_ERROR, f"{code}: {_ERRORS.get(code, 'an error that RFC 5985 does not have.')}", root.where
    )
    facts: dict[str, Any] = {"code": code, "messages": told, "retryable": code in _RETRYABLE}
    return Reading(
        "held-error",
        call={"held_error": facts},
        flags=notes.flags,
        errors=(*notes.problems, problem),
    )


def _uris(held: Element, received_at: datetime, notes: Notes) -> list[Reference]:
    expires_at = None
    written = held.attributes.get("expires", "").strip()
    mine = Notes()
    if written:
        spelling = Notes()
        # That it expires in the future is what it is for.
        expires_at = read_time(written, received_at, spelling)
        if expires_at is None:
            mine.flag(Flag.TIME_UNUSABLE)
        elif expires_at < received_at:
            mine.flag(Flag.LOCATION_URI_EXPIRED)
    references = []
    for child in held.all("locationuri")[:50]:
        uri = child.text.strip()
        if uri and child.is_whole and not any(letter.isspace() for letter in uri):
            references.append(Reference(uri[:2_000], "location", None, expires_at, mine.flags))
    notes.flag(*(flag for flag in (Flag.LOCATION_URI_EXPIRED,) if flag in mine and references))
    return references


def _routing(root: Element) -> list[dict[str, Any]]:
    """RFC 7840: which service is reached where.

    A ``service`` names itself in ``serviceUri`` and has ``destination`` children; as LoST's mapping has it
    (RFC 5222), which servers from before the RFC send, it names itself in its text, with URIs beside it.
    """
    found: list[dict[str, Any]] = []
    for element in (one for held in root.all("routinginformation")[:5] for one in held.iter()):
        if element.key != "service" or len(found) >= 20:
            continue
        named = element.attributes.get("serviceuri", "").strip()
        around = element if named else element.parent or element
        uris = [_words(one)[:2_000] for one in around.iter() if one.key in _URIS and _words(one)]
        if service := named or _words(element):
            found.append({"service": service[:200], "uris": uris[:10]})
    return found


def _words(element: Element) -> str:
    return " ".join(element.text.split())

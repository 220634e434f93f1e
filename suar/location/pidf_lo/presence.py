"""The presence document: which places it claims, of whom, from when (RFC 3863, 4119, 4479, 5491)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from suar.location.additional import block_name, read_block
from suar.location.claim import Claim, Identity
from suar.location.faults import DocumentRefused, Fault
from suar.location.flags import Flag
from suar.location.markup import Element, parse
from suar.location.notes import Notes
from suar.location.pidf_lo import namespaces as ns
from suar.location.pidf_lo.civic import is_civic, read_civic
from suar.location.pidf_lo.gml import UNSUPPORTED, is_shape, read_shape
from suar.location.pidf_lo.properties import read_confidence, read_method, read_motion, read_rules
from suar.location.reading import AdditionalData, Reading, Reference
from suar.location.shapes import Shape
from suar.location.times import read_time

MOST_CLAIMS = 50
_WRAPPERS = {"location", "locationinfo", "location-info", "feature", "featuremember"}
_BOUNDARIES = ("boundary", "region", "area", "coverage", "zone")
"""A shape in one of these is an authority's, and not a caller's."""


def read(data: bytes | str, received_at: datetime) -> Reading:
    """Read a presence document. It never raises: what is wrong is in the reading."""
    notes = Notes()
    try:
        root = parse(data, notes)
    except DocumentRefused as refused:
        return Reading("pidf-lo", flags=notes.flags, errors=(*notes.problems, refused.problem))
    return read_root(root, received_at, notes)


def read_root(root: Element, received_at: datetime, notes: Notes, source: str = "pidf-lo") -> Reading:
    """Read the claims below an element; ``notes`` is what is known of the document so far.

    RFC 5491, rule 8: the order of the document is the order of preference.
    """
    claims: list[Claim] = []
    document = notes.flags
    places = [element for element in root.iter() if element.key == "location-info"]
    own = Notes()
    for place in places[:MOST_CLAIMS]:
        claims.extend(_claims_of(place, received_at, own, source))
    if not places:
        claims.extend(_bare(root, received_at, own, source))
    notes.merge(own)
    if not claims and not notes.problems:
        notes.fault(
            Fault.NO_LOCATION,
            "The location-info is empty." if places else "There is no location-info in it.",
            (places[0] if places else root).where,
        )
    return Reading(
        source,
        tuple(_with_flags(claim, document) for claim in claims[:MOST_CLAIMS]),
        references=tuple(_references(root)),
        additional_data=tuple(_blocks(root)),
        flags=notes.flags,
        errors=tuple(notes.problems),
    )


def _claims_of(place: Element, received_at: datetime, own: Notes, source: str) -> Iterator[Claim]:
    """The claims of one ``location-info``: one for each shape, and the address with the last, the finest."""
    shared = Notes()
    ns.check(place, "location-info", ns.GEOPRIV, notes=shared)
    shapes, addresses = _chunks(place, shared, own)
    if not shapes and not addresses:
        return
    if len(shapes) + len(addresses) > 1:
        shared.flag(Flag.COMPOUND)
    blank = _around(place, received_at, shared, source)
    paired = addresses[-1] if shapes and addresses else None
    for number, (shape, mine) in enumerate(shapes, 1):
        is_last = number == len(shapes)
        claim = replace(blank, shape=shape, flags=_merged(shared.flags, mine.flags))
        yield _addressed(claim, paired) if is_last and paired else claim
    for address in addresses if not shapes else addresses[:-1]:
        yield _addressed(replace(blank, flags=shared.flags), address)


_Address = tuple[dict[str, str], str | None, Notes]


def _chunks(place: Element, shared: Notes, own: Notes) -> tuple[list[tuple[Shape, Notes]], list[_Address]]:
    """Return what stands in a ``location-info``: shapes and addresses, the coarse first (RFC 5491)."""
    shapes: list[tuple[Shape, Notes]] = []
    addresses: list[_Address] = []
    waiting = list(place.children)
    while waiting:
        element = waiting.pop(0)
        mine = Notes()
        if is_shape(element):
            shape = read_shape(element, mine)
            if shape is not None:
                shapes.append((shape, mine))
        elif is_civic(element):
            civic = read_civic(element, mine)
            if civic is not None:
                addresses.append((*civic, mine))
        elif element.key in UNSUPPORTED:
            mine.fault(Fault.SHAPE_UNSUPPORTED, f"{element.name} is not a shape of RFC 5491.", element.where)
        elif element.children and element.key not in {"dynamic", "confidence"}:
            if element.key not in _WRAPPERS:
                shared.flag(Flag.STRUCTURE_UNUSUAL)
            waiting[:0] = element.children
        own.merge(mine)
        if len(shapes) + len(addresses) >= MOST_CLAIMS:
            break
    return shapes, addresses


def _around(place: Element, received_at: datetime, notes: Notes, source: str) -> Claim:
    """Return a claim with everything that is said around a ``location-info``, and no place yet."""
    geopriv = place.up("geopriv")
    holder = place.up("device", "tuple", "person")
    presence = place.up("presence")
    _check_structure(place, geopriv, holder, presence, notes)
    around = geopriv if geopriv is not None else place.parent
    method = rules = None
    if around is not None:
        if len(around.all("location-info")) > 1:
            notes.flag(Flag.SEVERAL_LOCATIONS)
        method = around.words("method")
        rules = around.first("usage-rules")
    confidence, pdf = read_confidence(place.first("confidence"), notes)
    motion = read_motion(place.first("dynamic"), notes)
    written = _timestamp(place, holder, presence, geopriv)
    if written is None:
        notes.flag(Flag.TIME_MISSING)
    return Claim(
        source,
        received_at,
        method=read_method(method if method is not None else place.words("method"), notes),
        confidence=confidence,
        confidence_pdf=pdf,
        fix_at=None if written is None else read_time(written, received_at, notes),
        identity=_identity(holder, presence),
        motion=motion,
        rules=read_rules(rules, received_at, notes),
        provider=_provider(around),
    )


def _check_structure(
    place: Element,
    geopriv: Element | None,
    holder: Element | None,
    presence: Element | None,
    notes: Notes,
) -> None:
    if geopriv is None and holder is None and presence is None:
        notes.flag(Flag.BARE_LOCATION)
        return
    if geopriv is None or holder is None or presence is None or place.parent is not geopriv:
        notes.flag(Flag.STRUCTURE_UNUSUAL)
    if geopriv is not None:
        ns.check(geopriv, "geopriv", ns.GEOPRIV, notes=notes)
        wanted = "status" if holder is not None and holder.key == "tuple" else None
        if geopriv.parent is not None and wanted and geopriv.parent.key != wanted:
            notes.flag(Flag.STRUCTURE_UNUSUAL)
    if holder is not None:
        space = ns.PIDF if holder.key == "tuple" else ns.DATA_MODEL
        ns.check(holder, holder.key, space, notes=notes)
    if presence is not None:
        ns.check(presence, "presence", ns.PIDF, notes=notes)


def _timestamp(place: Element, *around: Element | None) -> str | None:
    """The nearest timestamp: of the tuple or device, or of what some put it into instead."""
    for element in (*around, place):
        if element is not None and (written := element.words("timestamp")) is not None:
            return written
    return None


def _identity(holder: Element | None, presence: Element | None) -> Identity:
    entity = presence.attributes.get("entity", "").strip() if presence is not None else ""
    if holder is None:
        return Identity(entity=entity[:200] or None)
    return Identity(
        entity=entity[:200] or None,
        element=holder.key,
        element_id=holder.attributes.get("id", "").strip()[:200] or None,
        device_id=(holder.words("deviceid") or "")[:200] or None,
    )


def _provider(around: Element | None) -> str | None:
    provided = None if around is None else around.first("provided-by")
    if provided is None:
        return None
    for element in provided.iter():
        if element.key in {"dataproviderstring", "dataproviderreference"} and element.text.strip():
            return " ".join(element.text.split())[:200]
    text = " ".join(provided.text.split())
    return text[:200] or None


def _bare(root: Element, received_at: datetime, own: Notes, source: str) -> Iterator[Claim]:
    """A shape or an address alone, as a document or right below its root."""
    if any(word in root.key for word in _BOUNDARIES):
        return
    for element in [root] if is_shape(root) or is_civic(root) else root.children[:MOST_CLAIMS]:
        mine = Notes()
        mine.flag(Flag.BARE_LOCATION, Flag.TIME_MISSING)
        if is_shape(element) and (shape := read_shape(element, mine)) is not None:
            yield Claim(source, received_at, shape=shape, flags=mine.flags)
        elif is_civic(element) and (civic := read_civic(element, mine)) is not None:
            yield _addressed(Claim(source, received_at), (*civic, mine))
        own.problems.extend(mine.problems)


def _blocks(root: Element) -> Iterator[AdditionalData]:
    for provided in root.iter():
        if provided.key == "provided-by":
            for element in provided.iter():
                if block_name(element) is not None and element.children:
                    yield read_block(element, Notes())


def _references(root: Element) -> Iterator[Reference]:
    for element in root.iter():
        uri = element.attributes.get("ref", "").strip()
        if element.key == "emergencycalldatareference" and uri:
            yield Reference(uri[:2_000], element.attributes.get("purpose", "").strip()[:100] or "unknown")


def _addressed(claim: Claim, address: _Address) -> Claim:
    parts, language, mine = address
    return replace(claim, civic=parts, civic_language=language, flags=_merged(claim.flags, mine.flags))


def _with_flags(claim: Claim, flags: tuple[str, ...]) -> Claim:
    return replace(claim, flags=_merged(flags, claim.flags))


def _merged(*pages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag for page in pages for flag in page))

"""The reading of a SIP message: its headers joined with its parts (RFC 6442, RFC 7852, RFC 8787)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from suar.location import held, pidf_lo
from suar.location.additional import PREFIX, block_name, read_block
from suar.location.claim import Claim
from suar.location.faults import DocumentRefused, Fault
from suar.location.flags import Flag
from suar.location.markup import parse
from suar.location.notes import Notes
from suar.location.reading import AdditionalData, Reading, Reference
from suar.location.sip import facts
from suar.location.sip.message import Message
from suar.location.sip.parts import Part, leaves, plain_id, told_id
from suar.location.sip.values import UriValue, read_uris

MOST_VALUES = 40
"""URIs of Geolocation and of Call-Info headers that are followed."""
_PIDF_TYPE = "application/pidf+xml"
_FETCHED = {"http", "https", "sip", "sips", "pres"}


@dataclass(slots=True)
class _Content:
    """A part and what was read from it."""

    part: Part
    reading: Reading | None = None
    block: AdditionalData | None = None
    is_referenced: bool = False


@dataclass(slots=True)
class _Found:
    claims: list[Claim] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    blocks: list[AdditionalData] = field(default_factory=list)


class _Index:
    """Finds a part by its ``cid:`` URI: as it is written, or else as it may have been meant."""

    def __init__(self, contents: list[_Content]) -> None:
        self.contents = contents
        self._exact: dict[str, _Content] = {}
        self._plain: dict[str, _Content] = {}
        for content in contents:
            if content.part.content_id is not None:
                self._exact.setdefault(content.part.content_id, content)
                self._plain.setdefault(plain_id(content.part.content_id), content)

    def find(self, cid: str, notes: Notes) -> _Content | None:
        """The part, or None; a careless spelling is flagged."""
        told = told_id(cid)
        content = self._exact.get(told)
        if content is None:
            content = self._plain.get(plain_id(told)) or self._plain.get(plain_id(told).partition("@")[0])
            if content is not None:
                notes.flag(Flag.CID_SPELLING)
        return content


def read(message: Message, received_at: datetime, notes: Notes) -> Reading:
    """Read a message. Claims come in the order of the Geolocation headers, then those that none points to."""
    call = facts.read_facts(message)
    _check_length(message, notes)
    contents = [_content(part, received_at, notes) for part in leaves(message, notes)]
    index = _Index(contents)
    found = _Found()
    values = [value for header in message.all("geolocation") for value in read_uris(header)][:MOST_VALUES]
    is_lone = sum(value.scheme == "cid" and index.find(value.uri, Notes()) is None for value in values) == 1
    for value in values:
        _take(value, index, is_lone, found, notes)
    _take_information(message, index, found, notes)
    _take_rest(contents, found)
    if call.get("geolocation_routing") == "no":
        notes.flag(Flag.ROUTING_NOT_ALLOWED)
    for content in contents:
        if content.part.type == "application/sdp" and (
            media := facts.read_media_languages(content.part.content)
        ):
            call["media_languages"] = media
    if not (message.start or message.headers):
        notes.fault(Fault.SIP_BROKEN, "The message has no start line and no headers that can be read.")
    elif not found.claims and not found.references and not notes.problems:
        notes.fault(Fault.NO_LOCATION, "The message has no location: no Geolocation header and no PIDF-LO.")
    common = notes.flags
    return Reading(
        "sip",
        tuple(replace(claim, flags=tuple(dict.fromkeys((*common, *claim.flags)))) for claim in found.claims),
        tuple(dict.fromkeys(found.references)),
        tuple(found.blocks),
        call,
        notes.flags,
        tuple(notes.problems),
    )


def _content(part: Part, received_at: datetime, notes: Notes) -> _Content:
    content = _Content(part)
    is_expected = part.type == _PIDF_TYPE or part.type.startswith(f"application/{PREFIX.lower()}")
    starts = part.content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if not is_expected and "xml" not in part.type and not (not part.type and starts.startswith(b"<")):
        return content
    mine = Notes()
    try:
        root = parse(part.content, mine)
    except DocumentRefused as refused:
        if is_expected:
            notes.problems += [*mine.problems, refused.problem]
        return content
    if block_name(root) is not None:
        content.block = read_block(root, mine)
        notes.problems += mine.problems
    elif root.key in {"presence", "geopriv", "location-info"} or part.type == _PIDF_TYPE:
        if part.type != _PIDF_TYPE:
            mine.flag(Flag.CONTENT_TYPE_WRONG)
        content.reading = pidf_lo.read_root(root, received_at, mine)
    elif held.is_held(root):
        content.reading = held.read_root(root, received_at, mine)
    if content.reading is not None:
        notes.problems += content.reading.errors
    return content


def _take(value: UriValue, index: _Index, is_lone: bool, found: _Found, notes: Notes) -> None:
    """Follow one ``locationValue`` of a Geolocation header; ``is_lone``: just one of them leads nowhere."""
    mine = Notes()
    if value.is_bare:
        mine.flag(Flag.BARE_URI)
    provider = value.parameters.get("loc-src") or None
    if value.scheme in _FETCHED:
        found.references.append(Reference(value.uri, "location", provider, flags=mine.flags))
        return
    if value.scheme != "cid":
        notes.flag(Flag.HEADER_UNUSABLE)
        return
    content = index.find(value.uri, mine)
    if content is None:
        # One place and one broken pointer belong together, whatever the pointer says.
        orphans = [one for one in index.contents if one.reading is not None and not one.is_referenced]
        if len(orphans) != 1 or not is_lone:
            notes.fault(
                Fault.LOCATION_PART_MISSING,
                "The Geolocation header points to a part of the body that is not there.",
                value.uri[:100],
            )
            return
        content = orphans[0]
        mine.flag(Flag.CID_UNRESOLVED)
    if content.is_referenced:
        return
    content.is_referenced = True
    if content.reading is not None:
        _add(content.reading, mine.flags, provider, found)


def _take_information(message: Message, index: _Index, found: _Found, notes: Notes) -> None:
    """Follow the Call-Info headers to additional data: RFC 7852, section 5."""
    for value in [value for header in message.all("call-info") for value in read_uris(header)][:MOST_VALUES]:
        purpose = value.parameters.get("purpose", "")
        if not purpose.lower().startswith(PREFIX.lower()):
            continue
        mine = Notes()
        if value.is_bare:
            mine.flag(Flag.BARE_URI)
        if value.scheme != "cid":
            if value.scheme:
                found.references.append(Reference(value.uri, purpose[:100], flags=mine.flags))
            continue
        content = index.find(value.uri, mine)
        if content is None:
            notes.flag(Flag.CID_UNRESOLVED)
        elif content.block is not None and not content.is_referenced:
            content.is_referenced = True
            found.blocks.append(_block_flagged(content.block, mine.flags))


def _take_rest(contents: list[_Content], found: _Found) -> None:
    for content in contents:
        if content.is_referenced:
            continue
        if content.reading is not None:
            _add(content.reading, (str(Flag.NOT_REFERENCED),), None, found)
        elif content.block is not None:
            found.blocks.append(_block_flagged(content.block, (str(Flag.NOT_REFERENCED),)))


def _add(reading: Reading, flags: tuple[str, ...], provider: str | None, found: _Found) -> None:
    for claim in reading.claims:
        found.claims.append(
            replace(
                claim, provider=provider or claim.provider, flags=tuple(dict.fromkeys((*flags, *claim.flags)))
            )
        )
    found.references += reading.references
    found.blocks += reading.additional_data


def _block_flagged(block: AdditionalData, flags: tuple[str, ...]) -> AdditionalData:
    return replace(block, flags=tuple(dict.fromkeys((*flags, *block.flags))))


def _check_length(message: Message, notes: Notes) -> None:
    written = message.first("content-length")
    # An editor that changed the line ends has changed the length as well.
    if written is not None and Flag.LINE_ENDINGS not in notes and Flag.INDENTED_MESSAGE not in notes:
        told = int(written) if written.isdecimal() and len(written) < 10 else -1
        if told != len(message.body):
            notes.flag(Flag.CONTENT_LENGTH_WRONG)

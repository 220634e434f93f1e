"""What is said about a place: its confidence, how the caller moves, its rules of use, how it was found."""

from __future__ import annotations

from datetime import datetime

from suar.location.claim import Motion, UsageRules
from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.numbers import read_number, read_numbers
from suar.location.pidf_lo import namespaces as ns
from suar.location.times import read_time

METHODS = (
    "GPS", "A-GPS", "Manual", "DHCP", "Triangulation", "Cell", "802.11", "AFLT", "Cell-Sector", "DBH",
    "DBH_HELO", "Derived", "Device-Based_A-GPS", "Device-Assisted_A-GPS", "Device-Based_EOTD",
    "Device-Assisted_EOTD", "EFLT", "GNSS", "GPS", "Handset_AFLT", "Handset_EFLT", "Hybrid_A-GPS",
    "hybridAGPS_AFLT", "hybridCellSector_AGPS", "hybridTDOA_AOA", "hybridTDOA_AGPS", "hybridTDOA_AGPS_AOA",
    "IPDL", "LLDP-MED", "MBS", "MMLA", "MPL", "networkRFFingerprinting", "networkTDOA", "networkTOA",
    "NMR", "OTDOA", "RFID", "RSSI", "RSSI-RTT", "RTT", "TA", "TA-NMR", "UTDOA", "Wiremap", "WiFi",
    "Inertial", "Bluetooth", "Barometric", "fused",
)  # fmt: skip
"""The registry of RFC 4119, section 6.1, as it has grown, and the words that AML and Android send."""

_METHODS = {name.lower(): name for name in METHODS}
_FASTEST_MPS = 1_000.0


def read_method(text: str | None, notes: Notes) -> str | None:
    """Return the method in the registry's spelling; a word not in it stays as it is, and is flagged."""
    if not text:
        return None
    known = _METHODS.get(text.lower())
    if known is None:
        notes.flag(Flag.METHOD_UNKNOWN)
        return text[:60]
    return known


def read_confidence(element: Element | None, notes: Notes) -> tuple[float | None, str | None]:
    """Return percent and distribution (RFC 7459, section 4); ``unknown`` is None."""
    if element is None or not element.is_whole:
        return None, None
    ns.check(element, "confidence", ns.CONFIDENCE, notes=notes)
    pdf = element.attributes.get("pdf", "").strip().lower() or None
    if pdf not in {None, "normal", "rectangular", "unknown"}:
        notes.flag(Flag.CONFIDENCE_UNUSABLE)
        pdf = None
    text = element.text.strip().removesuffix("%").strip()
    if text.lower() == "unknown":
        return None, pdf
    return check_confidence(read_number(text, notes), notes), pdf


def check_confidence(value: float | None, notes: Notes) -> float | None:
    """Return a confidence in percent, or None. Below one it is a fraction; one is either, and so neither."""
    if value is None or not 0 < value <= 100 or value == 1:
        notes.flag(Flag.CONFIDENCE_UNUSABLE)
        return None
    if value > 1:
        return value
    notes.flag(Flag.CONFIDENCE_FRACTION)
    return percent(value, notes)


def percent(fraction: float, notes: Notes) -> float | None:
    """Return a fraction as percent, without the noise of binary digits; what is next to nothing is none."""
    value = round(fraction * 100, 6)
    if value <= 0:
        notes.flag(Flag.CONFIDENCE_UNUSABLE)
        return None
    return value


def read_motion(element: Element | None, notes: Notes) -> Motion | None:
    """Return what ``Dynamic`` says (RFC 5962), or None if it says nothing that can be."""
    if element is None or not element.is_whole:
        return None
    ns.check(element, "Dynamic", ns.DYNAMIC, notes=notes)
    speed = None
    spoken = element.first("speed")
    if spoken is not None:
        speed = read_number(spoken.text, notes)
        if speed is None or not 0 <= speed <= _FASTEST_MPS:
            notes.flag(Flag.MOTION_UNUSABLE)
            speed = None
    heading, climb = _direction(element.first("heading"), notes)
    orientation, tilt = _direction(element.first("orientation"), notes)
    motion = Motion(speed, heading, climb, orientation, tilt)
    return motion if motion != Motion() else None


def read_rules(element: Element | None, received_at: datetime, notes: Notes) -> UsageRules | None:
    """Return the usage rules (RFC 4119, section 2.2.2), or None if there are none at all."""
    if element is None:
        return None
    allowed = (element.words("retransmission-allowed") or "no").lower()
    if allowed not in {"yes", "no", "true", "false", "1", "0"}:
        notes.flag(Flag.RULES_UNUSABLE)
    expiry = None
    written = element.words("retention-expiry", "retention-expires")
    if written:
        mine = Notes()
        expiry = read_time(written, received_at, mine)
        if expiry is None:
            notes.flag(Flag.RULES_UNUSABLE)
        elif expiry < received_at:
            notes.flag(Flag.RETENTION_EXPIRED)
    return UsageRules(
        allowed in {"yes", "true", "1"},
        expiry,
        _cut(element.words("ruleset-reference", "external-ruleset")),
        _cut(element.words("note-well")),
    )


def _direction(element: Element | None, notes: Notes) -> tuple[float | None, float | None]:
    if element is None:
        return None, None
    numbers = read_numbers(element.text[:100], notes) or []
    if not 1 <= len(numbers) <= 2 or not -360 <= numbers[0] <= 360:
        notes.flag(Flag.MOTION_UNUSABLE)
        return None, None
    return numbers[0] % 360, numbers[1] if len(numbers) == 2 else None


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:500]

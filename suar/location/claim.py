"""A claim: what one source says of the caller's place. Kept as it was said, never taken for a fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from suar.location.flags import Flag
from suar.location.shapes import Shape


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose place it is, as the document says. IMSI and IMEI name a person: never log them."""

    entity: str | None = None
    """The presentity of a PIDF document (RFC 3863), or a telephone number as a ``tel:`` URI."""
    element: str | None = None
    """``device``, ``tuple`` or ``person`` (RFC 4479)."""
    element_id: str | None = None
    device_id: str | None = None
    number: str | None = None
    imsi: str | None = None
    imei: str | None = None
    iccid: str | None = None
    model: str | None = None
    home_network: str | None = None
    """MCC and MNC, as ``510-10``."""
    serving_network: str | None = None
    languages: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Only what is known."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__ if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Motion:
    """How the caller moves (RFC 5962): metres a second, degrees clockwise from north."""

    speed_mps: float | None = None
    heading_deg: float | None = None
    climb_deg: float | None = None
    """The heading's second number: up from the horizon."""
    orientation_deg: float | None = None
    tilt_deg: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Only what is known."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True)
class UsageRules:
    """What the sender allows (RFC 4119, section 2.2.2). Nothing said is no retransmission."""

    retransmission_allowed: bool = False
    retention_expires_at: datetime | None = None
    ruleset_reference: str | None = None
    note_well: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Every rule, and null where nothing is said."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Claim:
    """One place, from one source, as it was received."""

    source: str
    """What was read: ``pidf-lo``, ``held``, ``aml-sms`` or ``aml-https``; or who says so: ``operator``,
    ``link`` (the caller's browser), ``ali`` (a line's address), ``cell``, ``carrier`` (the trunk alone)."""
    received_at: datetime
    shape: Shape | None = None
    civic: dict[str, str] = field(default_factory=dict)
    """The address by the names of RFC 5139, ``A1`` ... ``RD``, and of its extensions (RFC 6848)."""
    civic_language: str | None = None
    label: str | None = None
    """What the source calls the place, in its own words: a landmark, a trunk's region."""
    method: str | None = None
    """How the place was found: a word of the registry of RFC 4119, such as ``GPS``, where it is one."""
    confidence: float | None = None
    """Percent, as stated (RFC 7459); None where nothing is stated."""
    confidence_pdf: str | None = None
    """``normal``, ``rectangular`` or ``unknown``."""
    vertical_uncertainty_m: float | None = None
    floor: str | None = None
    fix_at: datetime | None = None
    """When the place was found, as the source says."""
    identity: Identity = Identity()
    motion: Motion | None = None
    rules: UsageRules | None = None
    provider: str | None = None
    """Who put the location there: ``loc-src`` (RFC 8787), or the provider's name."""
    call_started_at: datetime | None = None
    flags: tuple[str, ...] = ()
    """:class:`~suar.location.flags.Flag` codes, each once."""

    @property
    def latitude(self) -> float | None:
        """Of the representative point; None for an address alone."""
        return None if self.shape is None else self.shape.representative.latitude

    @property
    def longitude(self) -> float | None:
        """Of the representative point; None for an address alone."""
        return None if self.shape is None else self.shape.representative.longitude

    @property
    def altitude_m(self) -> float | None:
        """Of the representative point, above the ellipsoid."""
        return None if self.shape is None else self.shape.representative.altitude_m

    @property
    def uncertainty_m(self) -> float | None:
        """How far the caller may be from the representative point; None where it is not known.

        A radius of zero is a sender that does not know, and not one that is sure.
        """
        if self.shape is None or Flag.RADIUS_ZERO in self.flags:
            return None
        return self.shape.outer_radius_m

    @property
    def is_usable(self) -> bool:
        """Whether it leads somewhere: a shape, or more of an address than the country."""
        return self.shape is not None or any(name != "country" for name in self.civic)

    def as_json(self) -> dict[str, Any]:
        """Everything, in types that JSON has; times in RFC 3339."""
        vertical = self.vertical_uncertainty_m
        if vertical is None and self.shape is not None:
            vertical = self.shape.height_m
        return {
            "source": self.source,
            "method": self.method,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "altitude_m": self.altitude_m,
            "uncertainty_m": self.uncertainty_m,
            "vertical_uncertainty_m": vertical,
            "confidence": self.confidence,
            "confidence_pdf": self.confidence_pdf,
            "shape": None if self.shape is None else self.shape.as_json(),
            "civic": dict(self.civic),
            "civic_language": self.civic_language,
            "label": self.label,
            "floor": self.floor,
            "fix_at": _plain(self.fix_at),
            "received_at": _plain(self.received_at),
            "call_started_at": _plain(self.call_started_at),
            "identity": self.identity.as_json(),
            "motion": None if self.motion is None else self.motion.as_json(),
            "rules": None if self.rules is None else self.rules.as_json(),
            "provider": self.provider,
            "usable": self.is_usable,
            "flags": list(self.flags),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value

"""What was read from one document: claims, references to claims, and what else it says of the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from suar.location.claim import Claim
from suar.location.faults import Problem


@dataclass(frozen=True, slots=True)
class Reference:
    """A location, or additional data, that has to be fetched: RFC 6442, section 4.1; RFC 7852, section 6."""

    uri: str
    purpose: str = "location"
    """``location``, or the block's name, such as ``EmergencyCallData.ProviderInfo``."""
    provider: str | None = None
    """``loc-src`` (RFC 8787)."""
    expires_at: datetime | None = None
    flags: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            "uri": self.uri,
            "purpose": self.purpose,
            "provider": self.provider,
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "flags": list(self.flags),
        }


@dataclass(frozen=True, slots=True)
class AdditionalData:
    """One block of RFC 7852, by value: ``fields`` by the RFC's element names; repeated ones are lists."""

    block: str
    """``ProviderInfo``, ``ServiceInfo``, ``DeviceInfo``, ``SubscriberInfo``, ``Comment``, ``VEDS`` ..."""
    fields: dict[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is printed."""
        return {"block": self.block, "fields": self.fields, "flags": list(self.flags)}


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one document says. It is never an exception: what went wrong is in ``errors``."""

    kind: str
    """``pidf-lo``, ``sip``, ``held``, ``held-error``, ``aml-sms``, ``aml-https``, ``additional-data``,
    or ``unknown``."""
    claims: tuple[Claim, ...] = ()
    """The most preferred first, as the document orders them."""
    references: tuple[Reference, ...] = ()
    additional_data: tuple[AdditionalData, ...] = ()
    call: dict[str, Any] = field(default_factory=dict)
    """What a SIP message's headers, or a HELD answer, say of the call; types that JSON has."""
    flags: tuple[str, ...] = ()
    """Of the document as a whole; those of a claim are on the claim."""
    errors: tuple[Problem, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether at least one claim leads somewhere."""
        return any(claim.is_usable for claim in self.claims)

    def as_json(self) -> dict[str, Any]:
        """As ``suar location parse`` prints it."""
        return {
            "kind": self.kind,
            "claims": [claim.as_json() for claim in self.claims],
            "references": [reference.as_json() for reference in self.references],
            "additional_data": [block.as_json() for block in self.additional_data],
            "call": self.call,
            "flags": list(self.flags),
            "errors": [problem.as_json() for problem in self.errors],
        }

"""``[[carriers]]``: who brings calls, and what each says of its callers' places."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from suar.city.fields import Address, FreeOfCharge, Gateway, Latitude, Longitude, Slug, Table, Text, WholePath


class PresumedLocation(Table):
    """``[carriers.presumed_location]``: what a trunk alone says of a caller's place."""

    label: Text
    latitude: Latitude
    longitude: Longitude
    radius_m: Annotated[float, Field(gt=0, le=1_000_000)]


class CellHeader(Table):
    """``[carriers.cell_header]``: the header that says which cell serves the caller."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")] = "P-Access-Network-Info"
    reads: Literal["access-network", "cell", "cell-hex", "code"] = "access-network"
    """How it is written: as RFC 7315 has it; as MCC-MNC-area-cell, decimal or hexadecimal, or RFC 7315's
    digits; or as the carrier's own name of the cell or the base station."""
    parameter: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,60}$")] = ""
    """Which parameter of the header it is; "" for the header itself."""

    @model_validator(mode="after")
    def _has_one_parameter(self) -> CellHeader:
        if self.reads == "access-network" and self.parameter:
            raise ValueError('parameter: "" where reads is "access-network", which has its own')
        return self


class LocationTls(Table):
    """``[carriers.location_tls]``: the certificate by which its location servers know us."""

    certificate: WholePath = ""
    """"" to show none."""
    key: WholePath = ""
    """Of the certificate; "" if it is in the same file."""
    authorities: WholePath = ""
    """Who vouches for its servers; "" for those whom the system trusts."""


class Carrier(Table):
    """``[[carriers]]``: one who brings calls, with a trunk of its own."""

    id: Slug
    name: Text
    kind: Literal["mobile", "fixed"]
    addresses: Annotated[list[Address], Field(min_length=1)]
    codecs: Annotated[list[Literal["alaw", "ulaw"]], Field(min_length=1)]
    channels: Annotated[int, Field(ge=1, le=10_000)]
    account_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,20}$")]
    toll_free: FreeOfCharge
    presumed_location: PresumedLocation | None = None
    cell_header: CellHeader = CellHeader()
    location_server: Annotated[str, Field(pattern=r"^(https?://[^\s/]+(/\S*)?)?$")] = ""
    """Its HELD server, which is asked for a caller's place by her number (RFC 6155); "" if it has none."""
    location_hosts: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]] = Field(
        default_factory=list
    )
    """The hosts that location URIs in its INVITEs may name; those on any other are never asked."""
    location_tls: LocationTls = LocationTls()
    gateway: Gateway | None = None
    """Where calls go that we make, ``host:port``; None if this carrier takes none."""

    @model_validator(mode="after")
    def _shows_its_certificate(self) -> Carrier:
        if self.location_tls.certificate and self.location_server.startswith("http:"):
            raise ValueError("location_server: https, where location_tls has a certificate")
        return self

"""What single values of a city file may be, with what is said of one that is not."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_SLUG = re.compile(r"^[a-z][a-z0-9-]{0,30}$")
_SIP = re.compile(r"^sips?:[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9.-]{1,253}(:\d{1,5})?$")
_TELEPHONE = re.compile(r"^\+?\d{3,15}$")
_NODE = re.compile(r"^[a-z][a-z0-9]{1,7}$")


class Bind(NamedTuple):
    """An address to listen on, written ``host:port``; an IPv6 host stands in brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _slug(value: str) -> str:
    if not _SLUG.match(value):
        raise ValueError("small letters, digits and dashes, starting with a letter, at most 31")
    return value


def _node(value: str) -> str:
    if not _NODE.match(value):
        raise ValueError("2 to 8 small letters or digits, starting with a letter")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("an IANA time zone name, such as Asia/Jakarta") from error
    return value


def _bind(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError('an address and a port, such as "127.0.0.1:5060"')
    return Bind(host, int(port))


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError as error:
        raise ValueError('an address or a network, such as "192.0.2.7" or "192.0.2.0/28"') from error


def _gateway(value: str) -> str:
    _bind(value)
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", value):
        raise ValueError('a host and a port, such as "sip.example.org:5060"')
    return value


def _free_of_charge(value: bool) -> bool:
    if not value:
        raise ValueError("true: a call to 112 costs the caller nothing")
    return value


def _telephone(value: str) -> str:
    if not (_TELEPHONE.match(value) or _SIP.match(value)):
        raise ValueError('a telephone number, or a SIP address such as "sip:112@192.0.2.7"')
    return value


def _web_address(value: str) -> str:
    """Take an address that can be posted to; an empty one means none."""
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if value and (not is_good or not value.isprintable() or " " in value):
        raise ValueError(
            'an http or https address, such as "https://alerts.example.org/suar", or "" for none'
        )
    return value


def _whole_path(value: str) -> str:
    if value and (not value.startswith("/") or not value.isprintable()):
        raise ValueError('the whole path of a file, such as "/etc/suar/suar.pem", or "" for none')
    return value


Slug = Annotated[str, AfterValidator(_slug)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
BindTo = Annotated[Bind, BeforeValidator(_bind)]
Address = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
PositiveSeconds = Annotated[float, Field(gt=0, le=86_400)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Gateway = Annotated[str, AfterValidator(_gateway)]
WholePath = Annotated[str, AfterValidator(_whole_path)]
RegionCode = Annotated[str, Field(pattern=r"^\d{2}\.\d{2}$")]
"""Kemendagri's code of a city or regency, such as 35.78."""
Telephone = Annotated[str, AfterValidator(_telephone)]
Port = Annotated[int, Field(ge=1024, le=65535)]
Node = Annotated[str, AfterValidator(_node)]
TimeZone = Annotated[str, AfterValidator(_zone)]
FreeOfCharge = Annotated[bool, AfterValidator(_free_of_charge)]


class Table(BaseModel):
    """A table of the file: no key beside its own, and nothing that is almost of the right type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

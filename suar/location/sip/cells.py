"""Which cell carries a call, as a header says it: one of RFC 7315's, or one of a carrier's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from suar.location.notes import Notes
from suar.location.sip.message import Message, split
from suar.location.sip.values import read_parameters, split_list

HEADERS = ("p-access-network-info", "cellular-network-info")
Form = Literal["access-network", "cell", "cell-hex", "code"]

_MOST = 20
_ACCESS = ("i-wlan-node-id", "dsl-location", "fiber-location", "eth-location", "local-time-zone")
_CELLS = {16: (2, 4), 17: (3, 4), 20: (2, 6), 21: (3, 6), 13: (2, 4), 14: (3, 4)}
"""By the length of an identity of MCC, MNC, area and cell: digits of the MNC and of the area
(3GPP TS 24.229, 7.2A.4: GERAN, E-UTRAN and NR)."""
_DASHED = re.compile(
    r"(?P<network>\d{3}[-:.]\d{2,3})(?:[-:.](?P<area>[0-9A-Fa-f]{1,8}))?[-:.](?P<cell>[0-9A-Fa-f]{1,11})",
    re.ASCII,
)


def read_networks(message: Message) -> list[dict[str, Any]]:
    """P-Access-Network-Info (RFC 7315) and Cellular-Network-Info: the networks that carry the call."""
    return [
        _access(value, name)
        for name in HEADERS
        for header in message.all(name)
        for value in split_list(header)[:10]
    ][:_MOST]


def read_header(data: bytes, name: str) -> list[str]:
    """Return the values of a header of a SIP message."""
    return split(data, Notes()).all(name.lower())


def read_cells(values: Sequence[str], name: str, form: Form, parameter: str = "") -> list[dict[str, Any]]:
    """Return the cells that a carrier's own header names, in the form of :func:`read_networks`.

    ``form`` is how it is written, and ``parameter`` where in it. What cannot be read so is left out.
    """
    found = []
    for value in (value for header in values for value in split_list(header[:4_000])[:10]):
        if form == "access-network":
            told = _access(value, name.lower())
            named = told if "cell_id" in told else None
        else:
            text, separator, rest = value.partition(";")
            if parameter:
                text = read_parameters(separator + rest if separator else f";{value}").get(
                    parameter.lower(), ""
                )
            named = _own(text.strip(' \t"<>'), form)
            if named is not None:
                # The carrier writes it, and no phone.
                named |= {"type": "carrier", "header": name.lower(), "network_provided": True}
        if named is not None:
            found.append(named)
    return found[:_MOST]


def _access(value: str, header: str) -> dict[str, Any]:
    kind, separator, rest = value.partition(";")
    parameters = read_parameters(separator + rest)
    access: dict[str, Any] = {"type": kind.strip()[:60], "header": header}
    cell = parameters.get("utran-cell-id-3gpp") or parameters.get("cgi-3gpp")
    if cell:
        access |= {"cell_id": cell[:60], **_taken_apart(cell)}
    for key in _ACCESS:
        if parameters.get(key):
            access[key.replace("-", "_")] = parameters[key][:200]
    access["network_provided"] = "network-provided" in parameters or "np" in parameters
    return access


def _own(text: str, form: Form) -> dict[str, Any] | None:
    if form == "code":
        return {"code": text} if 0 < len(text) <= 60 and text.isprintable() else None
    if parts := _taken_apart(text):
        return {"cell_id": text, **parts}
    found = _DASHED.fullmatch(text)
    if found is None:
        return None
    base = 16 if form == "cell-hex" else 10
    try:
        numbers = [str(int(part, base)) for part in (found["area"], found["cell"]) if part]
    except ValueError:
        return None
    return {"cell_id": "-".join([re.sub("[:.]", "-", found["network"]), *numbers])}


def _taken_apart(identity: str) -> dict[str, str]:
    if not re.fullmatch(r"[0-9]{5}[0-9A-Fa-f]{8,16}", identity) or len(identity) not in _CELLS:
        return {}
    mnc, area = _CELLS[len(identity)]
    if not identity[: 3 + mnc].isdecimal():
        return {}
    return {
        "network": f"{identity[:3]}-{identity[3 : 3 + mnc]}",
        "area": identity[3 + mnc : 3 + mnc + area],
        "cell": identity[3 + mnc + area :],
    }

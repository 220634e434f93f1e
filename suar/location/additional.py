"""Additional data about a call: the blocks of RFC 7852, by value, as plain fields."""

from __future__ import annotations

from typing import Any

from suar.location.flags import Flag
from suar.location.markup import Element
from suar.location.notes import Notes
from suar.location.reading import AdditionalData

PREFIX = "EmergencyCallData."
_ROOTS = {
    "emergencycalldata.providerinfo": "ProviderInfo",
    "emergencycalldata.serviceinfo": "ServiceInfo",
    "emergencycalldata.deviceinfo": "DeviceInfo",
    "emergencycalldata.subscriberinfo": "SubscriberInfo",
    "emergencycalldata.comment": "Comment",
    "emergencycalldata.control": "Control",
    "emergencycalldata.ecall.msd": "eCall.MSD",
    "automatedcrashnotification": "VEDS",
    "providerinfo": "ProviderInfo",
    "serviceinfo": "ServiceInfo",
    "deviceinfo": "DeviceInfo",
    "subscriberinfo": "SubscriberInfo",
}
_NAMESPACE = "urn:ietf:params:xml:ns:EmergencyCallData"
LONGEST = 2_000
"""Characters of one field that are kept."""
MOST_FIELDS = 500
_DEEPEST = 12


def block_name(root: Element) -> str | None:
    """Return the block that an element is, or None if it is none of RFC 7852's."""
    return _ROOTS.get(root.key)


def read_block(root: Element, notes: Notes) -> AdditionalData:
    """Return a block. Its fields keep the RFC's names; repeated ones become lists, attributes ``@name``."""
    name = block_name(root) or root.name[:60]
    if name != "VEDS" and not (root.namespace or "").startswith(_NAMESPACE):
        if root.namespace == "":
            notes.flag(Flag.NAMESPACE_UNDECLARED)
        else:
            notes.flag(Flag.NAMESPACE_MISSING if root.namespace is None else Flag.NAMESPACE_WRONG)
    budget = [MOST_FIELDS]
    fields = _fields(root, budget, 0)
    return AdditionalData(name, fields if isinstance(fields, dict) else {"text": fields}, notes.flags)


def _fields(element: Element, budget: list[int], depth: int) -> dict[str, Any] | str:
    text = " ".join(element.text.split())[:LONGEST]
    found: dict[str, Any] = {}
    for name, value in element.attributes.items():
        if value.strip() and name != "schemalocation":
            found[f"@{name[:60]}"] = value.strip()[:LONGEST]
    for child in element.children:
        budget[0] -= 1
        if budget[0] < 0 or depth >= _DEEPEST:
            break
        inner = _fields(child, budget, depth + 1)
        name = child.name[:60]
        if not inner:
            continue
        before = found.get(name)
        if before is None:
            found[name] = inner
        elif isinstance(before, list):
            before.append(inner)
        else:
            found[name] = [before, inner]
    if not found:
        return text
    if text:
        found["text"] = text
    return found

"""Our typed events, held to the description that comes with Asterisk."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from ari_app.ari import events
from suar.asterisk.install import install

NESTED: dict[str, type[msgspec.Struct]] = {
    "Channel": events.Channel,
    "CallerID": events.CallerId,
    "DialplanCEP": events.DialplanCEP,
    "Bridge": events.Bridge,
    "Playback": events.Playback,
    "Endpoint": events.Endpoint,
    "DeviceState": events.DeviceState,
}
PLAIN = {str: "string", int: "int", float: "double", bool: "boolean"}


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """Every model of Asterisk's own description, with what it inherits."""
    found: dict[str, Any] = {}
    for path in (install().shared / "rest-api").glob("*.json"):
        found |= json.loads(path.read_text()).get("models", {})
    for name, model in found.items():
        for child in model.get("subTypes", []):
            found[child]["parent"] = name
    return found


def properties(models: dict[str, Any], name: str) -> dict[str, Any]:
    own = dict(models[name]["properties"])
    parent = models[name].get("parent")
    return (properties(models, parent) if parent else {}) | own


@pytest.mark.parametrize("name", [*events.KNOWN, *NESTED])
def test_every_field_that_we_read_is_one_that_asterisk_writes(models: dict[str, Any], name: str) -> None:
    """The same name, the same type, and nothing required of it that it may leave out."""
    kind: type[msgspec.Struct] = events.KNOWN.get(name) or NESTED[name]
    described = properties(models, name)
    for field in msgspec.structs.fields(kind):
        assert field.encode_name in described, f"{name}.{field.name}"
        theirs = described[field.encode_name]
        ours = (
            [one for one in getattr(field.type, "__args__", (field.type,)) if one is not type(None)]
            if not _is_list(field.type)
            else [field.type]
        )
        written = theirs["type"]
        if _is_list(field.type):
            assert written.startswith("List["), f"{name}.{field.name}"
        else:
            expected = {PLAIN.get(one) or _model_of(one) for one in ours}
            expected |= {"Date"} if str in ours else set()
            assert written in expected, f"{name}.{field.name}: {written}"
        if field.required:
            assert theirs.get("required", False), f"{name}.{field.name} may be left out"


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is list


def _model_of(kind: Any) -> str:
    return next(name for name, model in NESTED.items() if model is kind)

"""A city's rules as plain data, for a journal, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from queues.errors import QueuesError
from queues.policy import AcdPolicy, Announcements, Overflow, Pause, QueuePolicy
from queues.values import OverflowTo, OverflowWhen, PauseEnd, WrapUpMode


def encode_policy(policy: AcdPolicy) -> dict[str, Any]:
    """Return the rules as JSON-able data: every field by its name."""
    return {field.name: _plain(getattr(policy, field.name)) for field in fields(policy)}


def decode_policy(data: Mapping[str, Any]) -> AcdPolicy:
    """Return the rules of ``encode_policy``'s data. What is missing has its default, what is unknown is
    passed over. Raises :class:`~queues.errors.QueuesError` for data that are no rules.
    """
    try:
        values = _known(AcdPolicy, data)
        values["queues"] = {name: _queue(rules) for name, rules in data["queues"].items()}
        values["pauses"] = {code: _pause(rules) for code, rules in data.get("pauses", {}).items()}
        return AcdPolicy(**values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise QueuesError(f"no policy: {error}") from error


def _queue(data: Mapping[str, Any]) -> QueuePolicy:
    values = _known(QueuePolicy, data)
    if "relax_s" in values:
        values["relax_s"] = tuple(values["relax_s"])
    if "wrap_up_mode" in values:
        values["wrap_up_mode"] = WrapUpMode(values["wrap_up_mode"])
    if "overflow" in values:
        values["overflow"] = tuple(_overflow(one) for one in values["overflow"])
    if values.get("announcements") is not None:
        values["announcements"] = Announcements(**_known(Announcements, values["announcements"]))
    return QueuePolicy(**values)


def _overflow(data: Mapping[str, Any]) -> Overflow:
    values = _known(Overflow, data)
    return Overflow(**{**values, "when": OverflowWhen(values["when"]), "to": OverflowTo(values["to"])})


def _pause(data: Mapping[str, Any]) -> Pause:
    values = _known(Pause, data)
    if "then" in values:
        values["then"] = PauseEnd(values["then"])
    return Pause(**values)


def _known(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: data[field.name] for field in fields(kind) if field.name in data}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value

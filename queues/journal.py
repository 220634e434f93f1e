"""Events as plain data, for a journal, and a journal as commands again.

A decision that is doubted years later is replayed: the same events at the same times give the same commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, get_args

from queues.acd import Acd
from queues.errors import IllegalEvent, QueuesError
from queues.policy import AcdPolicy
from queues.policy_data import decode_policy, encode_policy
from queues.vocabulary import AcdCommand, AcdEvent, OfferEnd

_KINDS: dict[str, type[AcdEvent]] = {kind.__name__: kind for kind in get_args(AcdEvent)}


def encode_event(event: AcdEvent) -> dict[str, Any]:
    """Return an event as JSON-able data: its class under ``event``, then its fields."""
    return {"event": type(event).__name__} | {
        name: _plain(getattr(event, name)) for name in event.__struct_fields__
    }


def decode_event(data: Mapping[str, Any]) -> AcdEvent:
    """Return the event of ``encode_event``'s data; keys that are not its fields are passed over.

    Raises :class:`~queues.errors.QueuesError` for data that are no event.
    """
    kind = _KINDS.get(data.get("event", ""))
    if kind is None:
        raise QueuesError(f"{data.get('event')!r} is no event")
    values = {name: data[name] for name in kind.__struct_fields__ if name in data}
    for name in ("skills", "languages"):
        if name in values:
            values[name] = frozenset(values[name])
    for name in ("queues", "wants"):
        if name in values:
            values[name] = tuple(values[name])
    try:
        if "outcome" in values:
            values["outcome"] = OfferEnd(values["outcome"])
        if "policy" in values:
            values["policy"] = decode_policy(values["policy"])
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise QueuesError(f"{data.get('event')}: {error}") from error


def replay(policy: AcdPolicy, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[float, AcdCommand]]:
    """Yield each command with its time. A record without an event is a timer's."""
    yield from replay_into(Acd(policy), records)


def replay_into(acd: Acd, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[float, AcdCommand]]:
    """The same, and leave ``acd`` as the one was whose journal this is: its snapshot is the same."""
    for record in records:
        now = float(record["now"])
        if "event" not in record:
            commands = acd.handle_timeout(now)
        else:
            try:
                commands = acd.handle(decode_event(record), now)
            except IllegalEvent:
                continue
        for command in commands:
            yield now, command


def _plain(value: Any) -> Any:
    if isinstance(value, AcdPolicy):
        return encode_policy(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value

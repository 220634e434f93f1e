"""Asterisk's events, typed: the ones that we use, with the fields that we use.

Names and types are those of Asterisk's ``rest-api/api-docs/events.json``; a test holds them to it. Fields
that are not named here are passed over, and an event that is not named here decodes to `UnknownEvent`.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

_OLDEST_S = 60.0


class CallerId(msgspec.Struct, frozen=True):
    name: str = ""
    number: str = ""


class DialplanCEP(msgspec.Struct, frozen=True):
    context: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct, frozen=True):
    id: str
    name: str = ""
    state: str = ""
    protocol_id: str = ""
    """What its protocol calls it: of a SIP channel the Call-ID (RFC 3261, 20.8)."""
    caller: CallerId = CallerId()
    connected: CallerId = CallerId()
    creationtime: str | None = None
    language: str = ""
    dialplan: DialplanCEP = DialplanCEP()

    @property
    def is_callers(self) -> bool:
        """Whether it is a caller's, or that of one whom we called, and in our application at this moment."""
        return self.dialplan.app_name == "Stasis" and self.dialplan.app_data.startswith(
            ("suar,call", "suar,out")
        )


def endpoint_of(channel: Channel) -> str:
    """Return the endpoint of a channel, from its name ``PJSIP/op-siti-00000007``."""
    return channel.name.partition("/")[2].rpartition("-")[0]


def read_time(text: str | None) -> datetime | None:
    """Read Asterisk's way of writing a time, ``2026-11-24T08:15:00.123+0000``; None for anything else."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


class Bridge(msgspec.Struct, frozen=True):
    id: str
    bridge_type: str = ""
    channels: list[str] = msgspec.field(default_factory=list)


class Playback(msgspec.Struct, frozen=True):
    id: str
    media_uri: str
    target_uri: str
    state: str
    """``queued``, ``playing``, ``continuing``, ``done``, ``failed`` or ``cancelled``."""


class Endpoint(msgspec.Struct, frozen=True):
    technology: str
    resource: str
    state: str | None = None
    """``unknown``, ``offline`` or ``online``."""
    channel_ids: list[str] = msgspec.field(default_factory=list)


class DeviceState(msgspec.Struct, frozen=True):
    name: str
    """Such as ``PJSIP/op-siti``."""
    state: str
    """Asterisk's word, such as ``NOT_INUSE``, ``RINGING``, ``INUSE``, ``BUSY``, ``UNAVAILABLE``."""


class Event(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """Anything that Asterisk tells."""


class StasisStart(Event, frozen=True):
    channel: Channel
    args: list[str] = msgspec.field(default_factory=list)


class StasisEnd(Event, frozen=True):
    channel: Channel
    timestamp: str = ""


class ChannelDestroyed(Event, frozen=True):
    channel: Channel
    cause: int = 0
    """ITU-T Q.850."""
    cause_txt: str = ""
    timestamp: str = ""


class ChannelDtmfReceived(Event, frozen=True):
    channel: Channel
    digit: str
    duration_ms: int = 0


class ChannelTalkingStarted(Event, frozen=True):
    """Asterisk's TALK_DETECT hears somebody."""

    channel: Channel


class PlaybackFinished(Event, frozen=True):
    playback: Playback


class PlaybackContinuing(Event, frozen=True):
    """One of several sounds has ended, and the next begins."""

    playback: Playback


class DeviceStateChanged(Event, frozen=True):
    device_state: DeviceState


class ChannelUserevent(Event, frozen=True):
    eventname: str


class ApplicationReplaced(Event, frozen=True):
    application: str = ""


class RESTResponse(Event, frozen=True):
    request_id: str
    status_code: int
    reason_phrase: str = ""
    message_body: str = ""


class UnknownEvent(Event, frozen=True):
    name: str = ""


AriEvent = (
    StasisStart
    | StasisEnd
    | ChannelDestroyed
    | ChannelDtmfReceived
    | ChannelTalkingStarted
    | PlaybackContinuing
    | PlaybackFinished
    | DeviceStateChanged
    | ChannelUserevent
    | ApplicationReplaced
    | RESTResponse
    | UnknownEvent
)


def age_s(event: AriEvent, now: datetime) -> float:
    """Return how long ago an end came about: we may have stood still since, or the socket may have.

    It counts by the clock on the wall, which may have been set meanwhile: what cannot be is 0.
    """
    if not isinstance(event, StasisEnd | ChannelDestroyed):
        return 0.0
    happened_at = read_time(event.timestamp)
    found_s = 0.0 if happened_at is None else (now - happened_at).total_seconds()
    return found_s if 0.0 < found_s < _OLDEST_S else 0.0


class _Head(msgspec.Struct):
    type: str


KNOWN: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        StasisStart,
        StasisEnd,
        ChannelDestroyed,
        ChannelDtmfReceived,
        ChannelTalkingStarted,
        PlaybackContinuing,
        PlaybackFinished,
        DeviceStateChanged,
        ChannelUserevent,
        ApplicationReplaced,
        RESTResponse,
    )
}

WANTED = tuple(sorted(KNOWN))
"""What to ask for in the event filter. Without ``RESTResponse`` no request would ever be answered."""

_decode_head = msgspec.json.Decoder(_Head).decode
_decode_event = {name: msgspec.json.Decoder(kind).decode for name, kind in KNOWN.items()}


def decode(frame: str | bytes) -> AriEvent:
    """Read one frame. Raises :class:`msgspec.DecodeError` for one that is no event at all."""
    name = _decode_head(frame).type
    decoder = _decode_event.get(name)
    return UnknownEvent(name) if decoder is None else decoder(frame)  # type: ignore[return-value]

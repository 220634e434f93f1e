"""What there is in the fake: channels, bridges, playbacks. No sockets here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NORMAL_CLEARING, USER_BUSY, NO_ANSWER = 16, 17, 19


class Refusal(Exception):
    """A request that Asterisk answers with a status of 400 or more."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{status} {reason}")


def stamp(at: datetime) -> str:
    """Write a time, in UTC, as Asterisk does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


@dataclass
class FakeChannel:
    """A channel."""

    id: str
    name: str
    state: str
    number: str = ""
    args: list[str] = field(default_factory=list)
    is_ours: bool = False
    """Whether it is in our application."""
    was_dialled: bool = False
    """Whether we originated it: then its end is told with a cause."""
    rings_s: int = 0
    """How long Asterisk itself would let it ring."""
    variables: dict[str, str] = field(default_factory=dict)
    playbacks: list[str] = field(default_factory=list)
    hears_music: bool = False
    hears_ringing: bool = False
    is_muted: bool = False
    speaks_since: datetime | None = None
    """Since when packets come from it, fifty a second."""
    stream: int = 1
    is_recorded: bool = False
    digits_heard: str = ""
    sip_call_id: str = ""
    listens_to: str | None = None
    """The channel that a snoop listens to: it ends with that one."""
    spy: str = "none"
    whisper: str = "none"
    location: tuple[str, str] | None = None
    """Context and extension, once it has left for the dialplan."""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def received_json(self) -> dict[str, Any]:
        """Return what has come of RTP."""
        spoke = datetime.now(UTC) - self.speaks_since if self.speaks_since else timedelta()
        return {"rxcount": round(50 * spoke.total_seconds()), "remote_ssrc": self.stream}

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": self.sip_call_id,
            "caller": {"name": "", "number": self.number},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": "",
                "exten": "",
                "priority": 1,
                "app_name": "Stasis" if self.is_ours else "",
                "app_data": ",".join(["suar", *self.args]) if self.is_ours else "",
            },
            "creationtime": stamp(self.created),
            "language": "id",
        }


@dataclass
class World:
    """Everything that the fake has."""

    channels: dict[str, FakeChannel] = field(default_factory=dict)
    bridges: dict[str, list[str]] = field(default_factory=dict)
    closed_bridges: set[str] = field(default_factory=set)
    playbacks: dict[str, dict[str, str]] = field(default_factory=dict)
    endpoints: dict[str, str] = field(default_factory=dict)
    """``PJSIP/op-siti`` and its state."""
    devices_told: dict[str, str] = field(default_factory=dict)
    """Those of whose state somebody wants to hear, and what was told last."""

    globals: dict[str, str] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def channel(self, channel_id: str) -> FakeChannel:
        """Return a channel. Raises a 404."""
        if channel_id not in self.channels:
            raise Refusal(404, "Not Found")
        return self.channels[channel_id]

    def ours(self, channel_id: str) -> FakeChannel:
        """Return a channel that is in our application. Raises a 404, or a 409 if it is elsewhere."""
        channel = self.channel(channel_id)
        if not channel.is_ours:
            raise Refusal(409, "Conflict")
        return channel

    def endpoint_json(self, name: str) -> dict[str, Any]:
        technology, _, resource = name.partition("/")
        return {
            "technology": technology,
            "resource": resource,
            "state": self.endpoints[name],
            "channel_ids": [one.id for one in self.channels.values() if self.phone_of(one) == name],
        }

    @staticmethod
    def phone_of(channel: FakeChannel) -> str:
        """Return the endpoint that a channel belongs to."""
        return channel.name.rpartition("-")[0]

    def device_state(self, name: str) -> str:
        """Return Asterisk's word for how a phone is that takes one call (``device_state_busy_at = 1``)."""
        if any(self.phone_of(one) == name for one in self.channels.values()):
            return "BUSY"
        return "NOT_INUSE" if self.endpoints[name] == "online" else "UNAVAILABLE"

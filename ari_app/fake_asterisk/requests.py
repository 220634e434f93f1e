"""What a controller may ask of the fake, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from ari_app.fake_asterisk.world import NO_ANSWER, NORMAL_CLEARING, FakeChannel, Refusal, World

Emit = Callable[..., Awaitable[None]]
Leave = Callable[[FakeChannel, int], Awaitable[None]]
Answer = tuple[Any, Awaitable[None] | None]
"""What the request returns, and what happens right after it was answered."""

_FUNCTIONS = {"TIMEOUT(absolute)": "0"}


class Requests:
    """The REST interface."""

    def __init__(self, world: World, emit: Emit, leave: Leave) -> None:
        self._world = world
        self._emit = emit
        self._leave = leave
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Awaitable[Answer]]]] = [
            (method, re.compile(f"^{re.sub(r'{[a-z]+}', '([^/]+)', path)}$"), handler)
            for method, path, handler in (
                ("GET", "channels", self._list_channels),
                ("GET", "channels/{id}", self._get_channel),
                ("POST", "channels/{id}", self._originate),
                ("DELETE", "channels/{id}", self._hang_up),
                ("POST", "channels/{id}/answer", self._answer),
                ("POST", "channels/{id}/snoop/{id}", self._snoop),
                ("POST", "channels/{id}/play/{id}", self._play),
                ("POST", "channels/{id}/moh", self._start_moh),
                ("DELETE", "channels/{id}/moh", self._stop_moh),
                ("GET", "channels/{id}/variable", self._get_variable),
                ("POST", "channels/{id}/variable", self._set_variable),
                ("POST", "channels/{id}/continue", self._continue),
                ("GET", "bridges", self._list_bridges),
                ("POST", "bridges/{id}", self._create_bridge),
                ("DELETE", "bridges/{id}", self._destroy_bridge),
                ("POST", "bridges/{id}/addChannel", self._add_channel),
                ("POST", "bridges/{id}/removeChannel", self._remove_channel),
                ("POST", "channels/{id}/mute", self._mute),
                ("DELETE", "channels/{id}/mute", self._unmute),
                ("GET", "channels/{id}/rtp_statistics", self._count_packets),
                ("POST", "channels/{id}/ring", self._ring),
                ("DELETE", "channels/{id}/ring", self._stop_ring),
                ("POST", "channels/{id}/dtmf", self._send_digits),
                ("DELETE", "playbacks/{id}", self._stop_playback),
                ("GET", "endpoints/{tech}", self._list_endpoints),
                ("GET", "endpoints/{tech}/{name}", self._get_endpoint),
                ("POST", "applications/{app}/subscription", self._subscribe),
                ("POST", "events/user/{name}", self._tell),
                ("GET", "asterisk/info", self._get_info),
                ("POST", "asterisk/variable", self._set_global),
            )
        ]

    async def handle(self, method: str, path: str, query: str, body: Mapping[str, Any]) -> Answer:
        """Do what is asked. Raises Refusal."""
        for allowed, pattern, handler in self._routes:
            found = pattern.match(path)
            if allowed == method and found:
                given: dict[str, Any] = dict(parse_qsl(query))
                return await handler(*map(unquote, found.groups()), **given, **body)
        raise Refusal(404, "Resource not found")

    async def end_playback(self, playback_id: str, state: str) -> None:
        """A playback ends, in this state."""
        playback = self._world.playbacks.pop(playback_id)
        channel = self._world.channels[playback["target_uri"].removeprefix("channel:")]
        channel.playbacks.remove(playback_id)
        await self._emit("PlaybackFinished", playback=playback | {"state": state})

    async def end_sound(self, playback_id: str) -> None:
        """A sound of a playback ends: the next follows, or the playback ends."""
        playback = self._world.playbacks[playback_id]
        _, _, rest = playback["media_uri"].partition(",")
        if rest:
            playback["media_uri"] = rest
            await self._emit("PlaybackContinuing", playback=playback | {"state": "continuing"})
        else:
            await self.end_playback(playback_id, "done")

    async def tell_phone(self, channel: FakeChannel) -> None:
        """Tell what becomes of the phone that a channel belongs to, if that is known."""
        if (name := self._world.phone_of(channel)) in self._world.endpoints:
            await self.tell_device(name)

    async def tell_device(self, name: str) -> None:
        """Tell how a phone is, as a device."""
        state = self._world.device_state(name)
        if self._world.devices_told.get(name, state) != state:
            self._world.devices_told[name] = state
            await self._emit("DeviceStateChanged", device_state={"name": name, "state": state})

    async def _list_channels(self) -> Answer:
        return [channel.as_json() for channel in self._world.channels.values()], None

    async def _get_channel(self, channel_id: str) -> Answer:
        return self._world.channel(channel_id).as_json(), None

    async def _originate(
        self, channel_id: str, endpoint: str, variables: Mapping[str, str] | None = None, **given: str
    ) -> Answer:
        # Asterisk takes an id for another channel's whose id begins with it.
        if any(taken.startswith(channel_id) for taken in self._world.channels):
            raise Refusal(409, "Conflict")
        channel = FakeChannel(channel_id, f"{endpoint}-00000001", "Down", was_dialled=True)
        channel.args = given.get("appArgs", "").split(",")
        channel.variables = dict(variables or {})
        channel.rings_s = int(given["timeout"])
        self._world.channels[channel_id] = channel
        return channel.as_json(), self.tell_phone(channel)

    async def _hang_up(self, channel_id: str, reason: str = "normal", **_: str) -> Answer:
        cause = NO_ANSWER if reason == "no_answer" else NORMAL_CLEARING
        return None, self._leave(self._world.channel(channel_id), cause)

    async def _answer(self, channel_id: str) -> Answer:
        channel = self._world.ours(channel_id)
        channel.state = "Up"
        return None, None

    async def _snoop(
        self, channel_id: str, snoop_id: str, app: str, spy: str = "none", whisper: str = "none", **given: str
    ) -> Answer:
        listened_to = self._world.ours(channel_id)
        if spy == whisper == "none":
            raise Refusal(400, "Bad Request")
        if snoop_id in self._world.channels:
            raise Refusal(409, "Conflict")
        snoop = FakeChannel(snoop_id, f"Snoop/{listened_to.id}-00000001", "Up", is_ours=True)
        snoop.args, snoop.listens_to = given.get("appArgs", "").split(","), channel_id
        snoop.spy, snoop.whisper = spy, whisper
        self._world.channels[snoop_id] = snoop
        return snoop.as_json(), self._emit("StasisStart", channel=snoop.as_json(), args=snoop.args)

    async def _play(self, channel_id: str, playback_id: str, media: str, lang: str = "") -> Answer:
        channel = self._world.ours(channel_id)
        if playback_id in self._world.playbacks:
            raise Refusal(409, "Conflict")
        playback = {
            "id": playback_id,
            "media_uri": media,
            "target_uri": f"channel:{channel_id}",
            "language": lang,
            "state": "queued",
        }
        self._world.playbacks[playback_id] = playback
        channel.playbacks.append(playback_id)
        return playback, None

    async def _stop_playback(self, playback_id: str) -> Answer:
        if playback_id not in self._world.playbacks:
            raise Refusal(404, "Not Found")
        return None, self.end_playback(playback_id, "done")

    async def _start_moh(self, channel_id: str, **_: str) -> Answer:
        self._world.ours(channel_id).hears_music = True
        return None, None

    async def _stop_moh(self, channel_id: str) -> Answer:
        self._world.ours(channel_id).hears_music = False
        return None, None

    async def _get_variable(self, channel_id: str, variable: str) -> Answer:
        known = _FUNCTIONS | self._world.channel(channel_id).variables
        if variable in known:
            return {"value": known[variable]}, None
        if variable.endswith(")"):
            return {"value": ""}, None  # A function that has nothing to say.
        raise Refusal(404, "Not Found")

    async def _set_variable(self, channel_id: str, variable: str, value: str = "") -> Answer:
        self._world.ours(channel_id).variables[variable] = value
        return None, None

    async def _continue(self, channel_id: str, context: str = "", extension: str = "", **_: str) -> Answer:
        channel = self._world.ours(channel_id)
        channel.location, channel.is_ours = (context, extension), False
        return None, self._follow_dialplan(channel)

    async def _follow_dialplan(self, channel: FakeChannel) -> None:
        """Leave for the dialplan; from ``[party]`` a channel is back as soon as it is recorded."""
        await self._emit("StasisEnd", channel=channel.as_json())
        if channel.location is not None and channel.location[0] == "party":
            channel.is_ours, channel.is_recorded = True, True
            channel.args = [channel.location[1], "recorded", *channel.args[2:]]
            await self._emit("StasisStart", channel=channel.as_json(), args=channel.args)

    async def _list_bridges(self) -> Answer:
        found = [
            {"id": bridge_id, "bridge_type": "mixing", "channels": members}
            for bridge_id, members in self._world.bridges.items()
        ]
        return found, None

    async def _create_bridge(self, bridge_id: str, **_: str) -> Answer:
        if bridge_id in self._world.bridges or bridge_id in self._world.closed_bridges:
            raise Refusal(409, "Conflict")  # Asterisk lets go of an id only some time after its end.
        members = self._world.bridges[bridge_id] = []
        return {"id": bridge_id, "bridge_type": "mixing", "channels": members}, None

    async def _destroy_bridge(self, bridge_id: str) -> Answer:
        if self._world.bridges.pop(bridge_id, None) is None:
            raise Refusal(404, "Not Found")
        self._world.closed_bridges.add(bridge_id)
        return None, None

    async def _add_channel(self, bridge_id: str, channel: str) -> Answer:
        if bridge_id not in self._world.bridges:
            raise Refusal(404, "Not Found")
        for channel_id in channel.split(","):
            if channel_id not in self._world.channels:
                raise Refusal(400, "Bad Request")
            self._world.ours(channel_id)
        for channel_id in channel.split(","):
            # As Asterisk does: who is added to one bridge leaves the other.
            for members in self._world.bridges.values():
                if channel_id in members:
                    members.remove(channel_id)
            self._world.bridges[bridge_id].append(channel_id)
        return None, None

    async def _remove_channel(self, bridge_id: str, channel: str) -> Answer:
        if bridge_id not in self._world.bridges:
            raise Refusal(404, "Not Found")
        self._world.ours(channel)
        if channel not in self._world.bridges[bridge_id]:
            raise Refusal(422, "Unprocessable Entity")
        self._world.bridges[bridge_id].remove(channel)
        return None, None

    async def _mute(self, channel_id: str, **_: str) -> Answer:
        self._world.ours(channel_id).is_muted = True
        return None, None

    async def _unmute(self, channel_id: str, **_: str) -> Answer:
        self._world.ours(channel_id).is_muted = False
        return None, None

    async def _count_packets(self, channel_id: str) -> Answer:
        return self._world.channel(channel_id).received_json(), None

    async def _ring(self, channel_id: str) -> Answer:
        self._world.ours(channel_id).hears_ringing = True
        return None, None

    async def _stop_ring(self, channel_id: str) -> Answer:
        self._world.ours(channel_id).hears_ringing = False
        return None, None

    async def _send_digits(self, channel_id: str, dtmf: str = "") -> Answer:
        self._world.ours(channel_id).digits_heard += dtmf
        return None, None

    async def _list_endpoints(self, technology: str) -> Answer:
        names = [name for name in self._world.endpoints if name.startswith(f"{technology}/")]
        return [self._world.endpoint_json(name) for name in names], None

    async def _get_endpoint(self, technology: str, name: str) -> Answer:
        endpoint = f"{technology}/{name}"
        if endpoint not in self._world.endpoints:
            raise Refusal(404, "Not Found")
        return self._world.endpoint_json(endpoint), None

    async def _get_info(self, only: str = "") -> Answer:
        stamp = self._world.started_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        return {"status": {"startup_time": stamp, "last_reload_time": stamp}}, None

    async def _set_global(self, variable: str, value: str = "") -> Answer:
        self._world.globals[variable] = value
        return None, None

    async def _subscribe(self, _: str, **given: str) -> Answer:
        for source in given.get("eventSource", "").split(","):
            kind, _, name = source.partition(":")
            if kind == "deviceState" and name in self._world.endpoints:
                self._world.devices_told[name] = self._world.device_state(name)
        return {"name": "suar"}, None

    async def _tell(self, name: str, **_: str) -> Answer:
        return None, self._emit("ChannelUserevent", eventname=name, userevent={})

"""The verbs of ARI that we use, on the nouns that it has.

To end a thing that has ended already is no error: those verbs return whether there was anything to end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from ari_app.ari.connection import AriConnection
from ari_app.ari.errors import AriRejected, ResourceGone
from ari_app.ari.events import Bridge, Channel, Endpoint

_UNATTENDED = "tone:unattended"
"""See ``indications.conf``: it begins with silence, so that nobody hears it who is attended to."""
_NO_SUCH_CHANNEL = 400
"""What ``addChannel`` says of one that has ended; elsewhere Asterisk says 404."""


class Received(msgspec.Struct, frozen=True):
    """What has come on a channel."""

    packets: int = msgspec.field(name="rxcount")
    source: int = msgspec.field(name="remote_ssrc")
    """The stream's: another one is another stream (RFC 3550, 8.2)."""


class Channels:
    """``/channels``"""

    def __init__(self, connection: AriConnection) -> None:
        self._request, self._fetch = connection.request, connection.fetch

    async def list(self) -> list[Channel]:
        return msgspec.convert(await self._fetch("channels"), list[Channel])

    async def exists(self, channel_id: str) -> bool:
        """Whether Asterisk has the channel, in our application or elsewhere."""
        return await _was_there(self._request("GET", f"channels/{_id(channel_id)}"))

    async def answer(self, channel_id: str) -> None:
        await self._request("POST", f"channels/{_id(channel_id)}/answer")

    async def hangup(self, channel_id: str, reason: str = "normal") -> bool:
        return await _was_there(self._request("DELETE", f"channels/{_id(channel_id)}", {"reason": reason}))

    async def originate(
        self,
        *,
        endpoint: str,
        channel_id: str,
        app: str,
        app_args: str,
        caller_id: str,
        timeout_s: int,
        originator: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Channel:
        """Dial ``endpoint`` as a channel with an id of ours; it enters ``app`` when it is answered.

        ``variables`` are set before the INVITE goes: so ``PJSIP_HEADER(add,...)`` gives it headers.
        """
        query: dict[str, object] = {
            "endpoint": endpoint,
            "app": app,
            "appArgs": app_args,
            "callerId": caller_id,
            "timeout": timeout_s,
        }
        if originator:
            query["originator"] = originator
        body = {"variables": dict(variables)} if variables else None
        answer = await self._request("POST", f"channels/{_id(channel_id)}", query, body)
        return msgspec.convert(answer, Channel)

    async def snoop(
        self, channel_id: str, snoop_id: str, *, spy: str, whisper: str, app: str, app_args: str
    ) -> None:
        """Make a channel that hears another, and may speak into it; it enters ``app`` by itself.

        ``spy`` and ``whisper`` are ``none``, ``in`` (what its far end says), ``out`` (what it hears) or
        ``both``. It ends with the channel that it listens to.
        """
        query = {"spy": spy, "whisper": whisper, "app": app, "appArgs": app_args}
        await self._request("POST", f"channels/{_id(channel_id)}/snoop/{_id(snoop_id)}", query)

    async def play(
        self, channel_id: str, media: str, *, playback_id: str, language: str, is_alone: bool = True
    ) -> None:
        """Play ``media``, such as ``sound:suar/waiting``.

        To one who is alone, its end comes as `PlaybackContinuing`: the playback is to be stopped then, and
        ends as `PlaybackFinished`. Where nobody is there to stop it, she hears it ring, not silence.
        """
        query = {"media": f"{media},{_UNATTENDED}" if is_alone else media, "lang": language}
        await self._request("POST", f"channels/{_id(channel_id)}/play/{_id(playback_id)}", query)

    async def start_moh(self, channel_id: str, moh_class: str) -> None:
        await self._request("POST", f"channels/{_id(channel_id)}/moh", {"mohClass": moh_class})

    async def stop_moh(self, channel_id: str) -> None:
        await self._request("DELETE", f"channels/{_id(channel_id)}/moh")

    async def mute(self, channel_id: str) -> None:
        """Let nobody hear what comes from the channel."""
        await self._request("POST", f"channels/{_id(channel_id)}/mute", {"direction": "in"})

    async def unmute(self, channel_id: str) -> None:
        await self._request("DELETE", f"channels/{_id(channel_id)}/mute", {"direction": "in"})

    async def send_digits(self, channel_id: str, digits: str) -> None:
        """Press keys for the far end to hear, one after another; they are sent when this returns."""
        await self._request("POST", f"channels/{_id(channel_id)}/dtmf", {"dtmf": digits})

    async def received(self, channel_id: str) -> Received:
        """Return what has come of RTP on a channel. One that has none is `ResourceGone`, a 404."""
        return msgspec.convert(
            await self._request("GET", f"channels/{_id(channel_id)}/rtp_statistics"), Received
        )

    async def ring(self, channel_id: str) -> None:
        """Let the far end hear ringing: somebody else's phone, or, unanswered yet, its own call (180)."""
        await self._request("POST", f"channels/{_id(channel_id)}/ring")

    async def stop_ringing(self, channel_id: str) -> None:
        await self._request("DELETE", f"channels/{_id(channel_id)}/ring")

    async def get_variable(self, channel_id: str, name: str) -> str:
        """Return a variable or a function's value. One that is not set is `ResourceGone`, a 404."""
        found = await self._request("GET", f"channels/{_id(channel_id)}/variable", {"variable": name})
        return str(found["value"])

    async def set_variable(self, channel_id: str, name: str, value: str) -> None:
        await self._request(
            "POST", f"channels/{_id(channel_id)}/variable", {"variable": name, "value": value}
        )

    async def continue_in_dialplan(
        self, channel_id: str, *, context: str, extension: str, priority: int = 1
    ) -> None:
        await self._request(
            "POST",
            f"channels/{_id(channel_id)}/continue",
            {"context": context, "extension": extension, "priority": priority},
        )


MIXED = "mixing,video_sfu"
"""A bridge that mixes, however many are in it (Asterisk keeps a bridge of this type in softmix).

A plain ``mixing`` bridge of two hands packets through, and changes its technology with a third. Measured on
22.10.1: after such a change, or once the caller hears another phone than before, her recording may lose what
she hears, for good. docs/decisions/0009 has the figures.
"""


class Bridges:
    """``/bridges``"""

    def __init__(self, connection: AriConnection) -> None:
        self._request, self._fetch = connection.request, connection.fetch

    async def list(self) -> list[Bridge]:
        return msgspec.convert(await self._fetch("bridges"), list[Bridge])

    async def create(self, bridge_id: str, bridge_type: str = "mixing") -> None:
        await self._request("POST", f"bridges/{_id(bridge_id)}", {"type": bridge_type})

    async def add_channel(self, bridge_id: str, *channel_ids: str) -> None:
        """Put channels into a bridge; one that is in another leaves that.

        Raises :class:`~ari_app.ari.errors.ResourceGone` if one of them has ended.
        """
        query = {"channel": ",".join(channel_ids)}
        try:
            await self._request("POST", f"bridges/{_id(bridge_id)}/addChannel", query)
        except AriRejected as error:
            if error.status == _NO_SUCH_CHANNEL:
                raise ResourceGone("POST", "bridges/*/addChannel", error.status, "a channel ended") from error
            raise

    async def remove_channel(self, bridge_id: str, channel_id: str) -> None:
        await self._request("POST", f"bridges/{_id(bridge_id)}/removeChannel", {"channel": channel_id})

    async def destroy(self, bridge_id: str) -> bool:
        return await _was_there(self._request("DELETE", f"bridges/{_id(bridge_id)}"))


class Playbacks:
    """``/playbacks``"""

    def __init__(self, connection: AriConnection) -> None:
        self._request = connection.request

    async def stop(self, playback_id: str) -> bool:
        return await _was_there(self._request("DELETE", f"playbacks/{_id(playback_id)}"))


class Endpoints:
    """``/endpoints``"""

    def __init__(self, connection: AriConnection) -> None:
        self._request, self._fetch = connection.request, connection.fetch

    async def list(self, technology: str) -> list[Endpoint]:
        """Return every endpoint of a technology, such as ``PJSIP``."""
        return msgspec.convert(await self._fetch(f"endpoints/{_id(technology)}"), list[Endpoint])

    async def get(self, technology: str, resource: str) -> Endpoint | None:
        """Return an endpoint, or None if the configuration has no such one."""
        try:
            found = await self._request("GET", f"endpoints/{technology}/{_id(resource)}")
        except ResourceGone:
            return None
        return msgspec.convert(found, Endpoint)


class Applications:
    """``/applications``"""

    def __init__(self, connection: AriConnection) -> None:
        self._request = connection.request

    async def subscribe(self, application: str, event_sources: list[str]) -> None:
        """Have events about ``event_sources``, such as ``deviceState:PJSIP/op-siti``, sent to us."""
        if event_sources:
            await self._request(
                "POST",
                f"applications/{_id(application)}/subscription",
                {"eventSource": ",".join(event_sources)},
            )


class System:
    """``/asterisk``"""

    def __init__(self, connection: AriConnection) -> None:
        self._request = connection.request

    async def started_at(self) -> datetime:
        """Return when Asterisk was started."""
        found = await self._request("GET", "asterisk/info", {"only": "status"})
        return datetime.fromisoformat(str(found["status"]["startup_time"]))

    async def set_global(self, name: str, value: str) -> None:
        """Set a variable that every call's dialplan sees."""
        await self._request("POST", "asterisk/variable", {"variable": name, "value": value})


class Asterisk:
    """All that we ask of Asterisk."""

    def __init__(self, connection: AriConnection) -> None:
        self.channels = Channels(connection)
        self.bridges = Bridges(connection)
        self.playbacks = Playbacks(connection)
        self.endpoints = Endpoints(connection)
        self.applications = Applications(connection)
        self.system = System(connection)


async def _was_there(request: Awaitable[Any]) -> bool:
    try:
        await request
    except ResourceGone:
        return False
    return True


def _id(text: str) -> str:
    return quote(text, safe="")

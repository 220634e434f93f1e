"""One channel in Asterisk as a call's flow sees it: up, gone, and what is heard from it in between."""

from __future__ import annotations

import asyncio
from collections import UserDict
from dataclasses import dataclass

from ari_app.ari.events import (
    AriEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from ari_app.mailbox import Mailbox
from suar.ids import call_of

_NORMAL_CLEARING = 16


@dataclass(frozen=True, slots=True)
class Gone:
    """Why a channel ended: its hang-up cause (ITU-T Q.850)."""

    cause: int

    @property
    def was_hung_up(self) -> bool:
        """Whether somebody put the phone down, as against a phone or a network that failed."""
        return self.cause == _NORMAL_CLEARING


class Leg:
    """A channel. The switchboard feeds it; flows await it."""

    def __init__(self, channel_id: str, *, is_dialled: bool = False) -> None:
        """``is_dialled``: whether its end is always told with a cause, and its leaving means nothing."""
        loop = asyncio.get_running_loop()
        self.id = channel_id
        self.up: asyncio.Future[None] = loop.create_future()
        """Done when the channel has entered our application: answered, for a leg that we dialled."""
        self.gone: asyncio.Future[Gone] = loop.create_future()
        self.ended_ago_s: float | None = 0.0
        """How long before we heard of its end it ended, in seconds; None where nobody told us."""
        self.left: asyncio.Future[None] = loop.create_future()
        """Done when the channel has left our application: hung up, or moved elsewhere in Asterisk."""
        self.patience: asyncio.Task[None] | None = None
        """What ends its ringing in time; None where somebody else does."""
        self._is_dialled = is_dialled
        self._heard: Mailbox[AriEvent] = Mailbox()

    def feed(self, event: AriEvent, late_s: float = 0.0) -> None:
        """Take an event of this channel, ``late_s`` after it happened. Never blocks, drops nothing."""
        match event:
            case StasisStart():
                if not self.up.done():
                    self.up.set_result(None)
            case ChannelDestroyed(cause=cause):
                self.end(cause, late_s)
            case StasisEnd():
                # Of a channel that came to us from outside this is the last that we hear; of one that we
                # dialled, the end follows with its cause.
                if not self.left.done() and not self._is_dialled:
                    self.ended_ago_s = late_s
                    self.left.set_result(None)
            case ChannelDtmfReceived() | PlaybackFinished():
                self._heard.put(event)
            case _:
                pass

    def end(self, cause: int = _NORMAL_CLEARING, ago_s: float | None = 0.0) -> None:
        """The channel is gone, since so long; None where nobody knows."""
        if not self.gone.done():
            if not self.left.done():
                self.ended_ago_s = ago_s
            self.gone.set_result(Gone(cause))

    def ended_at(self, now: float) -> float:
        """Return when it ended, as far as anybody told; ``now`` for one that is just being ended."""
        return now - (self.ended_ago_s or 0.0)

    async def up_or_gone(self) -> bool:
        """Wait until the channel is up or gone; return whether it is up."""
        await asyncio.wait((self.up, self.gone), return_when=asyncio.FIRST_COMPLETED)
        return self.up.done()

    async def hear(self) -> AriEvent:
        """Return the next digit or finished playback, in order."""
        return await self._heard.get()

    def forget_heard(self) -> None:
        """Drop what was heard so far: nobody asked for it."""
        self._heard.clear()


class Legs(UserDict[str, Leg]):
    """The legs by their channels' ids, and each call's own, in the order in which they came."""

    def __init__(self) -> None:
        self._of_call: dict[str, dict[str, Leg]] = {}
        super().__init__()

    def __setitem__(self, channel_id: str, leg: Leg) -> None:
        super().__setitem__(channel_id, leg)
        self._of_call.setdefault(call_of(channel_id) or channel_id, {})[channel_id] = leg

    def __delitem__(self, channel_id: str) -> None:
        super().__delitem__(channel_id)
        call_id = call_of(channel_id) or channel_id
        of_call = self._of_call[call_id]
        del of_call[channel_id]
        if not of_call:
            del self._of_call[call_id]

    def of(self, call_id: str) -> list[Leg]:
        """Return a call's legs, its caller's own among them; the oldest first."""
        return list(self._of_call.get(call_id, {}).values())

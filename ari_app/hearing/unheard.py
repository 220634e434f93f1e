"""Finds who speaks in a talk and is not heard, and has her heard again.

A phone or a carrier may begin a new RTP stream in the midst of a call: after a hold, with another gateway,
as a caller moves. Its packets are numbered from anywhere (RFC 3550, 8.2). Debian's Asterisk takes those that
are numbered "before" the last for late ones and decodes none of them, for up to eleven minutes
(docs/decisions/0025). It tells nobody. But the recording of whoever hears her becomes silence to the last
bit, while her packets come. Who is taken out of her bridge and brought back is decoded anew.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ari_app.ari.errors import AriError
from ari_app.ari.resources import Received
from ari_app.calls.ports import Ports
from ari_app.conversation.running import Conversation
from ari_app.conversation.vocabulary import Place
from ari_app.hearing.tap import Tap
from ari_app.hearing.voice import RATE
from suar.log import get_logger

_PERIOD_S = 0.5
_NOTHING_S = 0.5
"""Who is heard is hardly ever so still that every sample is nought: a-law has no nought at all. Asterisk
writes a recording a second at a time, so it is noticed after one and a half at most."""
_PACKETS_S = 0.3
_PACKETS = 5
"""So many in that time and more are somebody's voice: she sends fifty a second."""
_LOOK_AGAIN_S = 5.0
"""One of whom nothing is heard is asked for again after so long: she may have sent nothing."""
_TRY_AGAIN_S, _LONGEST_S = 10.0, 600.0
"""And is brought back again after so long, each time twice as long, at once if it is another stream: what she
sends may truly be silence."""

log = get_logger()


@dataclass(slots=True)
class _Side:
    """One side of a recording."""

    nothing_s: float = 0.0
    """For how long there has been nothing."""
    was_sound: bool = False
    """Whether there was anything in what came last."""

    def add(self, more: array[int]) -> None:
        """Take what has come."""
        sound = more.tobytes().rstrip(b"\0")
        self.was_sound = bool(sound)
        if self.was_sound:
            self.nothing_s = 0.0
        self.nothing_s += (len(more) - (len(sound) + 1) // 2) / RATE

    def is_suspect(self) -> bool:
        """Whether somebody may speak in vain; if so, not again for a while."""
        if self.nothing_s < _NOTHING_S:
            return False
        self.nothing_s = -_LOOK_AGAIN_S
        return True


@dataclass(slots=True)
class _Watch:
    """One recording, read as Asterisk writes it: what ``leg`` says, and what she hears."""

    leg: str
    path: Path
    tap: Tap | None = None
    """From the first look on."""
    said: _Side = field(default_factory=_Side)
    heard: _Side = field(default_factory=_Side)

    def read(self) -> None:
        """Go on. A disk that takes no more tells nothing."""
        self.tap = self.tap or Tap(self.path)
        both = self.tap.read_both()
        self.said.add(both[0::2])
        self.heard.add(both[1::2])


@dataclass(frozen=True, slots=True)
class _Mended:
    """That a leg was brought back."""

    at: float
    source: int
    wait_s: float
    """After which it is done again."""


class Unheard:
    """Looks at all talks, twice a second."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._watches: dict[str, _Watch] = {}
        self._mended: dict[str, _Mended] = {}
        """By leg, until she is heard."""

    async def run(self) -> None:
        """Look for ever. A bug in here costs what it is for, and never a call."""
        while True:
            await asyncio.sleep(_PERIOD_S)
            try:
                await self.look()
            except Exception:
                log.exception("unheard_look_failed")

    async def look(self) -> None:
        """Look once, and bring back who is not heard."""
        talks = {watch.leg: talk for talk in self._talks() for watch in self._recorded(talk)}
        self._watches = {leg: watch for leg, watch in self._watches.items() if leg in talks}
        self._mended = {leg: told for leg, told in self._mended.items() if self._ports.legs.get(leg)}
        if not talks:
            return
        watches = list(self._watches.values())
        await asyncio.to_thread(_read_all, watches)
        for watch in watches:
            self._note_heard(watch, talks[watch.leg])
        suspects = {leg: talks[watch.leg] for watch in watches for leg in _suspects(watch, talks[watch.leg])}
        await asyncio.gather(*(self._mend(leg, talk) for leg, talk in suspects.items()))

    def _talks(self) -> list[Conversation]:
        """Return the talks whose recordings tell something: of one that is paused all is silence."""
        return [one for one in self._ports.conversations.values() if one.state.pause_reason is None]

    def _recorded(self, talk: Conversation) -> Iterator[_Watch]:
        """Yield a watch for each of a talk who is in a room and recorded: all but operators' phones."""
        for leg, place in talk.state.places().items():
            if place in {Place.MAIN, Place.SIDE} and leg != talk.state.operator:
                path = self._ports.recordings / f"{leg}.raw"
                yield self._watches.setdefault(leg, _Watch(leg, path))

    async def _mend(self, leg: str, talk: Conversation) -> None:
        try:
            before = await self._ports.asterisk.channels.received(leg)
            await asyncio.sleep(_PACKETS_S)
            after = await self._ports.asterisk.channels.received(leg)
        except AriError:
            return  # She has gone, or has no RTP.
        if after.packets - before.packets >= _PACKETS and self._is_worth_it(leg, after):
            talk.note_unheard(leg)

    def _note_heard(self, watch: _Watch, talk: Conversation) -> None:
        if watch.said.was_sound:
            self._mended.pop(watch.leg, None)
        if watch.heard.was_sound:
            for leg in _others(watch, talk):
                self._mended.pop(leg, None)

    def _is_worth_it(self, leg: str, received: Received) -> bool:
        """Whether bringing her back may help, unless that was tried just now and she is not heard yet."""
        now, before = self._ports.clock(), self._mended.get(leg)
        wait_s = _TRY_AGAIN_S
        if before is not None and before.source == received.source:
            if now - before.at < before.wait_s:
                return False
            wait_s = min(2 * before.wait_s, _LONGEST_S)
        self._mended[leg] = _Mended(now, received.source, wait_s)
        return True


def _suspects(watch: _Watch, talk: Conversation) -> Iterator[str]:
    """Yield who may speak unheard: the recorded one, or those whom she should hear."""
    if watch.said.is_suspect() and watch.leg not in talk.state.muted:
        yield watch.leg
    if watch.heard.is_suspect():
        yield from (leg for leg in _others(watch, talk) if leg not in talk.state.muted)


def _others(watch: _Watch, talk: Conversation) -> Iterator[str]:
    """Yield who is in a room with her."""
    places = talk.state.places()
    room = places.get(watch.leg)
    return (leg for leg, place in places.items() if place is room and leg != watch.leg)


def _read_all(watches: list[_Watch]) -> None:
    for watch in watches:
        watch.read()

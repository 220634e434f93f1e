"""The one door for claims of a caller's place: whoever learns of one adds it here, at any time of the call.

Each claim is an event of its call, ``located``, on the disk before the door says so. Where the best claim is
another than before, ``location_changed`` comes first: nobody sees a place silently replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ari_app.calls.adoption import read_past
from ari_app.calls.call import Call
from ari_app.calls.ports import Ports
from suar.errors import Blame, SuarError
from suar.location import Claim, News, Reading
from suar.log import get_logger

log = get_logger()


class CallUnknown(SuarError):
    """There is no such call here, or all of it has been told."""

    blame = Blame.INPUT


@dataclass(frozen=True, slots=True)
class Added:
    """What became of claims that were added."""

    fresh: int
    """How many were not known yet."""
    known: int
    """How many the call has now."""
    best: Claim | None
    is_changed: bool
    """Whether the best claim is another place than before."""


class Claims:
    """The claims of every call that is not over; a call is over when its operator has wrapped it up."""

    def __init__(self, ports: Ports, find: Callable[[str], Call | None]) -> None:
        self._ports = ports
        self._find = find

    async def add(self, call_id: str, reading: Reading) -> Added:
        """Add what a document says to a call; return when it is on the disk. The same twice is added once.

        Raises :class:`CallUnknown`: then its incident is the dashboards' alone.
        """
        ports = self._ports
        call = self._find(call_id)
        if call is not None:
            return await add_to(call, reading, ports)
        history = ports.outbox.history(call_id)
        if not history:
            raise CallUnknown(f"{call_id}: there is no such call here, or all of it has been told")
        news = read_past(history).claims.add(reading.claims, ports.now())
        await _publish(call_id, news, reading, ports)
        return _added(news)


async def add_to(call: Call, reading: Reading, ports: Ports) -> Added:
    """Add what a document says to a call that is alive; return when it is on the disk."""
    news = call.claims.add(reading.claims, ports.now())
    call.claims = news.book
    if news.change is not None:
        log.info("location_changed", source=news.change.new.source, is_alarm=news.change.is_alarm)
        call.place_changes += 1
    written = _publish(call.id, news, reading, ports)
    ports.on_change()
    await written
    return _added(news)


def _publish(call_id: str, news: News, reading: Reading, ports: Ports) -> asyncio.Future[list[object]]:
    """Tell the call's journal, in one go, so that nothing comes in between."""
    publish, written = ports.outbox.publish, []
    if (change := news.change) is not None:
        written.append(publish(call_id, "location_changed", change=change.as_json()))
    for claim in news.fresh:
        written.append(publish(call_id, "located", claim=claim.as_json(), best=claim is news.book.best))
    told = reading.as_json()
    rest = {name: told[name] for name in ("references", "additional_data", "errors") if told[name]}
    if reading.call:
        rest["facts"] = reading.call  # A record of the journal has a "call" of its own.
    if rest:
        written.append(publish(call_id, "caller_data", document=reading.kind, **rest))
    return asyncio.gather(*written)


def _added(news: News) -> Added:
    return Added(len(news.fresh), len(news.book.claims), news.book.best, news.change is not None)

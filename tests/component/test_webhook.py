"""News of alarms: signed, in order, through failures, and never in anybody's way."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from suar.alarms import Alarm, Alarms, News
from suar.alarms.webhook import SIGNATURE, Webhook, sign

SINCE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def verify(key: str, header: str, body: bytes, now: float) -> bool:
    """The snippet of docs/administrators.md."""
    said = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(key.encode(), said["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, said["v1"]) and abs(now - int(said["t"])) < 300


class Receiver:
    """Takes news, checks that they are signed, and can be told to refuse."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.refusals: list[int] = []

    async def post(self, request: web.Request) -> web.Response:
        if self.refusals:
            return web.Response(status=self.refusals.pop(0), headers={"Location": "/elsewhere"})
        body = await request.read()
        assert verify("key", request.headers[SIGNATURE], body, time.time())
        self.told.append(json.loads(body))
        return web.Response(status=204)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.told) < count:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def receiving(**options: Any) -> AsyncIterator[tuple[Receiver, Webhook]]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/alarms", receiver.post)
    async with TestServer(app) as server:
        hook = Webhook(str(server.make_url("/alarms")), "key", "sby1", first_pause_s=0.01, **options)
        task = asyncio.create_task(hook.run())
        yield receiver, hook
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_alarm_is_told_when_it_is_raised_and_when_it_is_cleared() -> None:
    """With its beginning both times; one that stands already is no news."""
    async with receiving() as (receiver, hook):
        alarms = Alarms(lambda: SINCE)
        alarms.on_news = hook.tell
        alarms.raise_("asterisk_lost", "Asterisk cannot be reached.")
        alarms.raise_("asterisk_lost", "Asterisk cannot be reached.")
        alarms.clear("asterisk_lost")
        alarms.clear("asterisk_lost")
        await receiver.until(2)
        said = {
            "code": "asterisk_lost",
            "text": "Asterisk cannot be reached.",
            "since": "2026-11-24T08:00:00.000Z",
            "node": "sby1",
        }
        assert receiver.told == [said | {"state": "raised"}, said | {"state": "cleared"}]
        assert hook.depth() == 0


async def test_news_stay_in_order_through_refusals_and_a_redirect() -> None:
    """What is refused is sent again before anything newer."""
    async with receiving() as (receiver, hook):
        receiver.refusals = [503, 302, 401]
        for number in range(4):
            hook.tell(Alarm(f"one:{number}", "", SINCE), News.RAISED)
        await receiver.until(4)
        assert [one["code"] for one in receiver.told] == ["one:0", "one:1", "one:2", "one:3"]


async def test_a_full_queue_drops_the_oldest() -> None:
    """With nobody at the address, the newest are kept, and what was lost is counted."""
    hook = Webhook("http://127.0.0.1:9/", "key", "sby1", limit=3)
    for number in range(5):
        hook.tell(Alarm(f"one:{number}", "", SINCE), News.RAISED)
    assert (hook.depth(), hook.dropped) == (3, 2)
    assert json.loads(hook._waiting[0])["code"] == "one:2"


async def test_without_an_address_nothing_is_kept() -> None:
    """And nothing runs."""
    hook = Webhook("", "key", "sby1")
    hook.tell(Alarm("one", "", SINCE), News.RAISED)
    await hook.run()
    assert hook.depth() == 0


def test_a_signature_covers_the_time_and_the_body() -> None:
    """Neither can be changed without the key."""
    body = '{"code":"a","text":"č"}'.encode()
    header = sign("key", 1_000, body)
    assert header.startswith("t=1000,v1=")
    assert verify("key", header, body, 1_000)
    assert not verify("other", header, body, 1_000)
    assert not verify("key", header, body + b" ", 1_000)
    assert not verify("key", header.replace("t=1000", "t=1001"), body, 1_000)
    assert not verify("key", header, body, 2_000)


def test_an_alarm_is_cleared_by_what_began_after_it_alone() -> None:
    """A recording that went well says nothing of one that failed after it had begun."""
    alarms = Alarms(lambda: SINCE)
    alarms.raise_("recording_failed", "")
    alarms.clear_if_before("recording_failed", SINCE)
    assert len(alarms.standing()) == 1
    alarms.clear_if_before("recording_failed", datetime(2026, 11, 24, 8, 1, tzinfo=UTC))
    assert alarms.standing() == []

"""Counters, ids and clocks at the edges where others broke: 2^31, 49.7 days, midnight, summer time."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from agi.stranded import find_stranded
from ari_app.calls.adoption import read_past
from ari_app.degraded.reading import read_queue_log
from ari_app.outbox import CallEvent
from queues.acd import Acd
from queues.policy import AcdPolicy, QueuePolicy
from queues.vocabulary import CallQueued, OfferCall, OperatorReady, OperatorSignedOn
from suar.ids import Kind, call_of, kind_of, mint

EDGES = [9, 10, 2**15, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**64]


@pytest.mark.parametrize("count", EDGES)
def test_ids_have_no_highest_number(count: int) -> None:
    """Neither in a call's own id nor in what belongs to it."""
    call = f"sby1-{count}.{count}"
    assert call_of(mint(call, Kind.OPERATOR_LEG, count)) == call
    assert kind_of(mint(call, Kind.OPERATOR_LEG, count)) is Kind.OPERATOR_LEG


@pytest.mark.parametrize("count", EDGES[:-1])
def test_the_order_of_arrival_is_counted_not_spelled(count: int) -> None:
    """The one after the last with one digit less comes after it."""
    ids = [f"sby1-{count}.{count + 1}", f"sby1-{count}.{count}"]
    shown = [
        {"uniqueid": one, "application": "Stasis", "applicationdata": "suar,call", "channelstate": "6"}
        for one in ids
    ]
    assert [one["uniqueid"] for one in find_stranded(shown).waiting] == [ids[1], ids[0]]


@pytest.mark.parametrize("now", [0.0, 2**31 / 1000, 2**32 / 1000 - 1, 2**32 / 1000, 2.0**31, 2.0**33])
def test_the_acd_does_not_care_how_long_the_machine_has_run(now: float) -> None:
    """The same story at any uptime: offered at once, given up after the ring, offered to the next."""
    acd = Acd(AcdPolicy({"q": QueuePolicy(ring_timeout_s=5, wrap_up_s=0, answer_target_s=10)}))
    for name in ("siti", "budi"):
        acd.handle(OperatorSignedOn(name, ("q",)), now)
        acd.handle(OperatorReady(name), now)
    first = [one for one in acd.handle(CallQueued("c", "q", 0), now) if isinstance(one, OfferCall)]
    due = acd.next_timeout()
    assert due == now + 5
    second = [one for one in acd.handle_timeout(now + 5) if isinstance(one, OfferCall)]
    assert {first[0].operator_id, second[0].operator_id} == {"siti", "budi"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # New York's summer time ends: one o'clock comes twice.
        ("2026-11-01T05:59:59.500Z", "2026-11-01T06:00:00.500Z"),
        # It begins: two o'clock never comes.
        ("2026-03-08T06:59:59.500Z", "2026-03-08T07:00:00.500Z"),
        # Midnight, and the turn of the year, in Surabaya.
        ("2026-12-31T16:59:59.500Z", "2026-12-31T17:00:00.500Z"),
        # A 32-bit count of seconds ends.
        ("2038-01-19T03:14:07.500Z", "2038-01-19T03:14:08.500Z"),
    ],
)
def test_a_wait_across_an_edge_of_the_calendar_is_as_long_as_it_was(before: str, after: str) -> None:
    """Times are UTC wherever they are counted with."""
    past = read_past(
        [
            CallEvent("c", 1, "queued", before, {}),
            CallEvent("c", 2, "connected", after, {}),
        ]
    )
    assert past.queued is not None
    assert past.connected is not None
    assert (past.connected - past.queued).total_seconds() == 1.0
    there = past.queued.astimezone(ZoneInfo("America/New_York"))
    assert there.astimezone(UTC) == past.queued


@pytest.mark.parametrize("epoch", [2**31 - 1, 2**31, 2**32, 4102444800])
def test_asterisks_journal_is_read_beyond_2038(epoch: int) -> None:
    """It counts seconds."""
    line = f"{epoch}|sby1-{epoch}.1|degraded|NONE|OFFERED|telkomsel|112|+62811|allowed\n"
    ended = f"{epoch + 7}|sby1-{epoch}.1|degraded|NONE|ENDED\n"
    (call,) = read_queue_log([line, ended]).values()
    told = call.ended()
    assert told is not None
    assert told.data["triage_s"] == 7.0

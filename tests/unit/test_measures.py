"""The figures of calls: worked out by hand, and the same however the calls are cut and ordered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queues.dispositions import Disposition, by_default
from queues.measures.calls import ACCEPTED, MeasuredCall, Outcome, Rung, Talk, fold
from queues.measures.errors import RecordUnusable
from queues.measures.figures import flat
from queues.measures.reports import By, Reporter, measure
from queues.measures.tally import Rules, Tally
from queues.measures.times import by_hours, day_of, hour_of, in_order
from queues.service_level import CallTimes
from queues.service_level import measure as board
from queues.vocabulary import OfferEnd

JAKARTA, BRUSSELS = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Brussels")
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)  # Noon in Jakarta.
DAY_MS = 86_400_000


def at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms(seconds: float) -> int:
    return round(1000 * (NOON.timestamp() + seconds))


def record(call: str, type_: str, seconds: float, **data: Any) -> dict[str, Any]:
    return {"call": call, "type": type_, "at": at(seconds), **data}


def answered_call(
    call: str, ring: float, *, wait: float, talk: float, operator: str = "siti"
) -> list[dict[str, Any]]:
    """Two tenths of a second of ringing, three seconds of triage, then ``wait`` in the queue."""
    queued, connected = ring + 3.2, ring + 3.2 + wait
    spans = {"ring_s": 0.2, "triage_s": 3.0, "wait_s": wait, "talk_s": talk}
    return [
        record(call, "offered", ring, carrier="telkomsel"),
        record(call, "answered", ring + 0.2),
        record(call, "queued", queued, queue="emergency", priority=0),
        record(call, "ringing", queued, operator=operator, offer=f"{call}-of1"),
        record(call, "connected", connected, operator=operator),
        record(call, "ended", connected + talk, by="operator", disposition="normal", **spans),
        record(call, "wrapped_up", connected + talk + 30, operator=operator, wrap_up_s=30.0),
        {"finished": call},
    ]


def given_up(call: str, ring: float, after: float) -> list[dict[str, Any]]:
    return [
        record(call, "offered", ring, carrier="indosat"),
        record(call, "answered", ring + 0.2),
        record(
            call,
            "ended",
            ring + after,
            by="caller",
            disposition="terputus",
            ring_s=0.2,
            triage_s=after - 0.2,
            wait_s=0.0,
            talk_s=0.0,
        ),
        {"finished": call},
    ]


# ------------------------------------------------------------------------------------ worked by hand


def example() -> list[dict[str, Any]]:
    """Four answered, after 5.2, 7.2, 13.2 and 23.2 s from the INVITE; two who gave up, after 4 and 12 s."""
    records = [
        *answered_call("c1", 0, wait=2, talk=60),
        *answered_call("c2", 100, wait=4, talk=120),
        *answered_call("c3", 300, wait=10, talk=90),
        *answered_call("c4", 500, wait=20, talk=30),
        *given_up("c5", 700, 4),
        *given_up("c6", 800, 12),
    ]
    missed = record("c4", "ring_ended", 515, operator="budi", offer="c4-of0", outcome="no_answer")
    rung = record("c4", "ringing", 503.2, operator="budi", offer="c4-of0")
    place = next(index for index, one in enumerate(records) if one.get("offer") == "c4-of1")
    return [{"disposed": "c3", "disposition": "ghost"}, *records[:place], rung, missed, *records[place:]]


def test_an_example_comes_out_as_worked_by_hand() -> None:
    """Six calls, every figure of them."""
    total = measure(example(), [], ms(-10), ms(2000), JAKARTA).total.all
    assert (total.calls, total.answered, total.abandoned, total.lost, total.unfinished) == (6, 4, 2, 0, 0)
    assert total.abandonment == pytest.approx(2 / 6)
    invite = total.invite
    assert invite.within_10_s == pytest.approx(2 / 6)
    assert invite.within_15_s == invite.within_20_s == pytest.approx(3 / 6)
    assert invite.asa_s == pytest.approx((5.2 + 7.2 + 13.2 + 23.2) / 4)
    assert (invite.longest_tenth_s, invite.longest_s) == (23.2, 23.2)
    assert invite.sl == pytest.approx(2 / 4)
    assert invite.sl2 == pytest.approx(3 / 6)  # Two in time, and one who gave up before ten seconds.
    assert total.answer.asa_s == pytest.approx((5 + 7 + 13 + 23) / 4)
    assert (total.triage.calls, total.triage.asa_s) == (4, 9.0)  # Two never came into a queue.
    assert total.triage.sl2 == total.triage.sl == 0.75
    assert (total.nena_90_15, total.nena_95_20) == (False, False)
    assert (total.talk_s, total.wrap_up_s, total.aht_s) == (75.0, 30.0, 105.0)
    assert (total.offers, total.rona, total.rona_share) == (5, 1, 0.2)
    assert (total.short_abandons, total.ghosts, total.pranks) == (1, 1, 0)
    assert total.false_share == pytest.approx(1 / 6)
    assert dict(total.dispositions) == {"ghost": 1, "normal": 3, "terputus": 2}


def test_the_second_total_is_without_short_abandons_tests_and_ghosts() -> None:
    """The ghost, and who hung up after four seconds; the offers of the ghost too."""
    found_to_be: dict[str, Any] = {"disposed": "c7", "disposition": "uji_coba"}
    records = [found_to_be, *example(), *answered_call("c7", 900, wait=0, talk=10)]
    total = measure(records, [], ms(-10), ms(2000), JAKARTA).total
    assert (total.all.calls, total.without.calls) == (7, 4)
    assert (total.all.tests, total.without.tests) == (1, 0)
    assert (total.all.offers, total.without.offers) == (6, 4)
    assert dict(total.without.dispositions) == {"normal": 3, "terputus": 1}
    assert total.without.invite.within_10_s == 0.5
    kept = measure(records, [], ms(-10), ms(2000), JAKARTA, rules=Rules(left_out=frozenset({"prank"})))
    assert kept.total.without == kept.total.all


def test_what_a_person_said_counts_from_the_journal_alone() -> None:
    """Said while the call was wound up; what the database says later comes before it."""
    said = record("c9", "disposed", 915, disposition="prank", by="siti")
    *told, finished = answered_call("c9", 900, wait=0, talk=10)
    records = [*told, said, finished]
    assert dict(measure(records, [], ms(800), ms(2000), JAKARTA).total.all.dispositions) == {"prank": 1}
    later: dict[str, Any] = {"disposed": "c9", "disposition": "normal"}
    total = measure([later, *records], [], ms(800), ms(2000), JAKARTA).total.all
    assert dict(total.dispositions) == {"normal": 1}


def test_who_was_put_back_is_in_the_report() -> None:
    """As the controller did it; one that was lifted in time was not."""
    *told, finished = answered_call("c9", 900, wait=0, talk=10)
    done = record("c9", "standing", 901, score=80, is_put_back=True, reasons=[], by="suar")
    lifted = record("c9", "standing", 902, score=0, is_put_back=False, reasons=[], by="sari")
    for events, count in (([done], 1), ([done, lifted], 0)):
        assert measure([*told, *events, finished], [], ms(800), ms(2000), JAKARTA).total.all.put_back == count


def test_a_machine_says_no_more_than_it_can_know() -> None:
    """Answered, broken off, or a test: never a ghost, never a prank."""
    found = {by_default(was_answered=one, is_test=two) for one in (True, False) for two in (True, False)}
    assert found == {Disposition.NORMAL, Disposition.TERPUTUS, Disposition.UJI_COBA}
    assert by_default(was_answered=True, is_test=True) is Disposition.UJI_COBA


def test_occupancy_is_handling_over_handling_and_being_free() -> None:
    """Ready for 200 s: 2 s of ringing, 60 of talk, 30 of wrap-up; then not ready, which does not count."""
    decisions: list[dict[str, Any]] = [
        {"event": "OperatorSignedOn", "operator_id": "siti", "at": at(-50), "phone_is_reachable": True},
        {"event": "OperatorReady", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorNotReady", "operator_id": "siti", "at": at(200), "reason": "break"},
    ]
    total = measure(answered_call("c1", 0, wait=2, talk=60), decisions, ms(-60), ms(900), JAKARTA).total.all
    assert (total.busy_s, total.free_s) == (92.0, 108.0)
    assert total.occupancy == pytest.approx(0.46)


@pytest.mark.parametrize(
    ("change", "free_s"),
    [
        ({"event": "OperatorUnreachable", "operator_id": "siti"}, 40.0),
        ({"event": "OperatorSignedOff", "operator_id": "siti"}, 40.0),
        ({"event": "Restarted"}, 40.0),
        ({"event": "OperatorReachable", "operator_id": "siti"}, 100.0),
        ({"event": "OperatorReady", "operator_id": "budi"}, 100.0),
    ],
)
def test_who_cannot_be_rung_is_not_free(change: dict[str, Any], free_s: float) -> None:
    """Of a hundred seconds, the change comes after forty; Budi is not signed on and never free."""
    decisions: list[dict[str, Any]] = [
        {"event": "OperatorSignedOn", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorReady", "operator_id": "siti", "at": at(0)},
        {**change, "at": at(40)},
    ]
    total = measure([], decisions, ms(0), ms(100), JAKARTA).total.all
    assert total.free_s == free_s


def test_a_phone_that_does_not_take_an_offer_makes_its_operator_not_ready() -> None:
    """Ringing from 10 s to 22 s, then nothing until she is ready again at 60 s."""
    decisions: list[dict[str, Any]] = [
        {"event": "OperatorSignedOn", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorReady", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorReady", "operator_id": "siti", "at": at(60)},
    ]
    records = [
        record("c1", "offered", 5),
        record("c1", "ringing", 10, operator="siti", offer="o1"),
        record("c1", "ring_ended", 22, operator="siti", offer="o1", outcome="no_answer"),
    ]
    total = measure(records, decisions, ms(0), ms(100), JAKARTA, By.OPERATOR)
    (siti,) = [group for group in total.groups if group.key == "siti"]
    assert (siti.all.busy_s, siti.all.free_s, siti.all.rona) == (12.0, 50.0, 1)


def test_a_call_cut_off_and_connected_again_has_both_talks_and_one_answer() -> None:
    """The first operator's answer ends the wait; each operator was busy with her own part."""
    records = [
        record("c1", "offered", 0),
        record("c1", "queued", 1, queue="emergency"),
        record("c1", "connected", 5, operator="siti"),
        record("c1", "operator_lost", 25, operator="siti", cause=41),
        record("c1", "connected", 31, operator="budi"),
        record("c1", "ended", 61, by="caller", ring_s=0.5, triage_s=0.5, wait_s=4.0, talk_s=56.0),
    ]
    (call,) = fold(records)
    assert (call.operator, call.since_invite_ms, call.talk_ms) == ("siti", 5000, 50_000)
    assert [talk.operator for talk in call.talks] == ["siti", "budi"]


def test_a_caller_who_is_handed_over_has_a_talk_with_each() -> None:
    """A transfer: Siti until 25 s, Budi from then on, and each her own wrap-up."""
    records = [
        record("c1", "offered", 0),
        record("c1", "connected", 5, operator="siti"),
        record("c1", "operator_left", 25, leg="c1-op1"),
        record("c1", "handed_over", 25, operator="budi", leg="c1-op2"),
        record("c1", "ended", 61, by="caller"),
        record("c1", "wrapped_up", 71, operator="budi", wrap_up_s=10.0),
    ]
    (call,) = fold(records)
    assert [(talk.operator, talk.ended_ms - talk.began_ms) for talk in call.talks] == [
        ("siti", 20_000),
        ("budi", 36_000),
    ]
    assert (call.talk_ms, call.wrap_up_ms) == (56_000, 10_000)


def test_an_operator_who_was_called_into_a_talk_is_busy() -> None:
    """The decisions tell of it: nobody offered it to her."""
    decisions: list[dict[str, Any]] = [
        {"event": "OperatorSignedOn", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorReady", "operator_id": "siti", "at": at(0)},
        {"event": "TalkAdopted", "operator_id": "siti", "call_id": "c1-xp1", "at": at(20)},
        {"event": "CallEnded", "call_id": "c1-xp1", "at": at(50)},
    ]
    total = measure([], decisions, ms(0), ms(100), JAKARTA).total.all
    assert (total.busy_s, total.free_s) == (30.0, 70.0)


def test_a_phone_that_rings_shows_that_its_operator_was_ready() -> None:
    """Not ready from 10 s; the pause has ended by itself when she is rung at 40 s."""
    decisions: list[dict[str, Any]] = [
        {"event": "OperatorSignedOn", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorReady", "operator_id": "siti", "at": at(0)},
        {"event": "OperatorNotReady", "operator_id": "siti", "at": at(10), "reason": "break"},
    ]
    records = [
        record("c1", "offered", 39),
        record("c1", "ringing", 40, operator="siti", offer="o1"),
        record("c1", "ended", 45, by="caller"),
    ]
    total = measure(records, decisions, ms(0), ms(100), JAKARTA).total.all
    assert (total.busy_s, total.free_s) == (5.0, 65.0)


def test_what_the_degraded_path_tells_is_measured_too() -> None:
    """No spans, no offers: the times of the events are what there is."""
    records = [
        record("c1", "offered", 0, carrier="xlsmart", path="degraded"),
        record("c1", "answered", 0),
        record("c1", "queued", 6, queue="degraded-fire-id", path="degraded"),
        record("c1", "connected", 9, operator="siti", path="degraded"),
        record("c1", "ended", 70, by="caller"),
    ]
    (call,) = fold(records)
    assert (call.since_invite_ms, call.since_triage_ms, call.talk_ms) == (9000, 3000, 61_000)


def test_a_call_that_we_lost_is_not_one_that_was_abandoned() -> None:
    """It counts against us, and nobody says that its caller gave up."""
    records = [record("c1", "offered", 0), record("c1", "lost", 8), record("c1", "ended", 9, by="system")]
    total = measure(records, [], ms(-1), ms(99), JAKARTA).total.all
    assert (total.lost, total.abandoned, total.abandonment, total.invite.within_10_s) == (1, 0, 0.0, 0.0)


def test_a_record_that_comes_twice_counts_once() -> None:
    """A journal and the database's timeline may both have it."""
    once = answered_call("c1", 0, wait=2, talk=60)
    twice = [one for one in once for _ in range(2)]
    assert list(fold(twice)) == list(fold(once))


def test_no_calls_have_no_figures_and_divide_by_nothing() -> None:
    """None, never zero: nobody was late."""
    figures = flat(measure([], [], 0, DAY_MS, JAKARTA).total.all)
    assert {name for name, value in figures.items() if value} == set()
    assert figures["invite_within_10_s"] is figures["nena_90_15"] is figures["occupancy"] is None


@pytest.mark.parametrize("stamp", ["yesterday", None, "2026-11-24T12:00:00"])
def test_a_time_that_is_none_is_named(stamp: str | None) -> None:
    """With its call and its field; a time without its offset could be anywhere on earth."""
    with pytest.raises(RecordUnusable, match="call c9: offered: at"):
        list(fold([{"call": "c9", "type": "offered", "at": stamp}]))


# ------------------------------------------------------------------------- midnight and clock changes


def test_a_call_belongs_to_the_day_of_its_invite() -> None:
    """Ringing a second before midnight in Jakarta, answered after it."""
    rings = 12 * 3600 - 1
    report = measure(answered_call("c1", rings, wait=4, talk=9), [], ms(0), ms(DAY_MS), JAKARTA, By.DAY)
    assert [(group.key, group.all.calls) for group in report.groups] == [("2026-11-24", 1)]


def test_an_hour_that_comes_twice_is_two_hours_in_the_order_of_their_coming() -> None:
    """25 October 2026, Brussels: 02:30 summer time, 02:30 winter time, and a day of 25 hours."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp() * 1000
    second = first + 3_600_000
    hours = [hour_of(int(instant), BRUSSELS) for instant in (second, first)]
    assert in_order(hours) == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    midnight = datetime(2026, 10, 25, tzinfo=BRUSSELS).timestamp() * 1000
    pieces = list(by_hours(int(midnight), int(midnight) + 25 * 3_600_000, BRUSSELS))
    assert len(pieces) == 25
    assert {day_of(began, BRUSSELS) for began, _ in pieces} == {"2026-10-25"}


def test_the_hour_that_a_clock_change_leaves_out_is_none() -> None:
    """29 March 2026: 01:59:59.999 is followed by 03:00."""
    change = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp() * 1000)
    assert hour_of(change - 1, BRUSSELS) == "2026-03-29T01:00+01:00"
    assert hour_of(change, BRUSSELS) == "2026-03-29T03:00+02:00"


@given(
    began=st.integers(1_500_000_000_000, 2_500_000_000_000),
    lasted=st.integers(0, 3 * DAY_MS),
    zone=st.sampled_from(["Asia/Jakarta", "Europe/Brussels", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
@settings(max_examples=60)
def test_the_pieces_of_a_span_are_the_span(began: int, lasted: int, zone: str) -> None:
    """None overlaps, none is missing, and each lies in one hour."""
    place = ZoneInfo(zone)
    pieces = list(by_hours(began, began + lasted, place))
    assert sum(until - since for since, until in pieces) == lasted
    assert all(before[1] == after[0] for before, after in pairwise(pieces))
    assert all(hour_of(since, place) == hour_of(until - 1, place) for since, until in pieces)


# ----------------------------------------------------------------------------------- whatever happens


def instants() -> st.SearchStrategy[int]:
    return st.integers(ms(0), ms(0) + 3 * DAY_MS)


@st.composite
def calls(draw: st.DrawFn) -> MeasuredCall:
    ring_ms, outcome = draw(instants()), draw(st.sampled_from(Outcome))
    since = sorted(draw(st.lists(st.integers(0, 60_000), min_size=3, max_size=3)), reverse=True)
    answer, triage = draw(st.sampled_from([(since[1], since[2]), (since[1], None), (None, None)]))
    talk_ms, operator = draw(st.integers(0, 600_000)), draw(st.sampled_from(["siti", "budi"]))
    connected_ms = ring_ms + since[0]
    talks = (Talk(operator, connected_ms, connected_ms + talk_ms),) if outcome is Outcome.ANSWERED else ()
    ended = draw(st.sampled_from([ACCEPTED, *(str(end.value) for end in OfferEnd)]))
    return MeasuredCall(
        "c",
        ring_ms,
        outcome,
        since[0],
        answer,
        triage,
        talk_ms=talk_ms,
        queue=draw(st.sampled_from([None, "emergency"])),
        carrier=draw(st.sampled_from([None, "telkom", "indosat"])),
        operator=operator if talks else None,
        disposition=draw(st.sampled_from([None, "normal", "ghost", "prank", "uji_coba"])),
        rings=(Rung(operator, ring_ms, ring_ms + since[0], ended),),
        talks=talks,
    )


def report_of(some: Iterable[MeasuredCall], by: By | None) -> Any:
    reporter = Reporter(ms(0), ms(0) + 4 * DAY_MS, JAKARTA, by)
    for name in ("siti", "budi"):
        reporter.take_decision({"event": "OperatorSignedOn", "operator_id": name, "at": at(0)})
        reporter.take_decision({"event": "OperatorReady", "operator_id": name, "at": at(0)})
    for call in some:
        reporter.take_call(call)
    return reporter.report()


@given(st.lists(calls(), max_size=30))
@settings(max_examples=40)
def test_groups_add_up_to_the_total(some: list[MeasuredCall]) -> None:
    """By queue, operator, carrier, hour or day: every count, and the operators' time."""
    for by in By:
        report = report_of(some, by)
        for name in (
            "calls",
            "answered",
            "abandoned",
            "lost",
            "unfinished",
            "offers",
            "rona",
            "ghosts",
            "tests",
        ):
            assert sum(getattr(group.all, name) for group in report.groups) == getattr(report.total.all, name)
        if by in {By.OPERATOR, By.HOUR, By.DAY}:
            worked = [group.all.free_s for group in report.groups if group.all.free_s is not None]
            assert sum(worked) == pytest.approx(report.total.all.free_s or 0.0)


@given(st.lists(calls(), max_size=30), st.randoms(use_true_random=False), st.integers(0, 30))
@settings(max_examples=40)
def test_neither_order_nor_batches_change_a_figure(some: list[MeasuredCall], random: Any, cut: int) -> None:
    """To the last digit: one by one, shuffled, or as two tallies joined."""
    shuffled = list(some)
    random.shuffle(shuffled)
    assert report_of(shuffled, By.HOUR) == report_of(some, By.HOUR)
    whole, first, second = Tally(), Tally(), Tally()
    for index, call in enumerate(some):
        whole.take_call(call)
        (first if index < cut else second).take_call(call)
    first.join(second)
    assert first.figures() == whole.figures()


@given(st.lists(calls(), max_size=30), st.floats(1, 60))
@settings(max_examples=40)
def test_shares_are_between_none_and_all_and_grow_with_the_time(
    some: list[MeasuredCall], target_s: float
) -> None:
    """And the board's service level is the report's."""
    tally = Tally(Rules(target_s=target_s))
    for call in some:
        tally.take_call(call)
    figures = tally.figures()
    for answering in (figures.invite, figures.answer, figures.triage):
        steps = [answering.within_10_s, answering.within_15_s, answering.within_20_s]
        assert steps == [None] * 3 or 0 <= steps[0] <= steps[1] <= steps[2] <= 1  # type: ignore[operator]
    times = [
        CallTimes(call.since_invite_ms / 1000, call.outcome is Outcome.ANSWERED)
        for call in some
        if call.outcome not in {Outcome.UNFINISHED, Outcome.TESTED}
    ]
    level = board(times, target_s)
    assert level.answered_in_target == figures.invite.within_target
    assert level.mean_of_longest_tenth_s == pytest.approx(figures.invite.longest_tenth_s)


@pytest.mark.parametrize("by", ["caller", "system"])
def test_a_test_that_a_machine_answered_is_in_no_figure_but_its_own(by: str) -> None:
    """There is one every minute: they would drown the calls."""
    real = given_up("sby1-1.1", 0, 30)
    tested = [
        record("sby1-1.2", "offered", 1, is_test=True),
        record("sby1-1.2", "answered", 1.1),
        record("sby1-1.2", "ended", 12, by=by, disposition="uji_coba", ring_s=0.1, triage_s=10.9),
        {"finished": "sby1-1.2"},
    ]
    calls = list(fold([*real, *tested]))
    assert [call.outcome for call in calls] == [Outcome.ABANDONED, Outcome.TESTED]
    both, alone = Tally(), Tally()
    for call in calls:
        both.take_call(call)
    alone.take_call(calls[0])
    told = flat(both.figures())
    assert told.pop("tests") == 1
    without = flat(alone.figures())
    assert without.pop("tests") == 0
    assert told == without

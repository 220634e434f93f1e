"""What came of a simulation, measured as a day's calls are: by `queues.measures`, in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from math import inf

from queues.measures.calls import ACCEPTED, MeasuredCall, Outcome, Rung, Talk
from queues.measures.figures import Figures
from queues.measures.reports import Reporter
from queues.measures.tally import Rules
from queues.policy import AcdPolicy
from queues.vocabulary import OfferEnd, OperatorSignedOn
from suar.record import stamp
from suar.simulation.engine import Shift, Story
from suar.simulation.history import before_queue_ms


def measure(
    calls: Iterable[MeasuredCall],
    stories: Mapping[str, Story],
    staff: Sequence[OperatorSignedOn],
    policy: AcdPolicy,
    period: tuple[int, int],
    zone: tzinfo,
    rules: Rules,
    away_s: float,
    shifts: Sequence[Shift] = (),
) -> Figures:
    """Return the figures of ``calls`` as they went in the simulation; who has no story is as she was."""
    reporter = Reporter(*period, zone, rules=rules)
    began_ms, ended_ms = period
    for one in staff:
        for event in ("OperatorSignedOn", "OperatorReady"):
            reporter.take_decision(_decision(event, one.operator_id, began_ms))
    for shift in shifts:
        event = "OperatorReady" if shift.begins else "OperatorNotReady"
        reporter.take_decision(_decision(event, shift.operator, round(1000 * shift.at_s)))
    queues = {one.operator_id: one.queues for one in staff}
    for call in calls:
        story = stories.get(call.call_id)
        if story is None:
            reporter.take_call(replace(call, rings=(), talks=()))
            continue
        reporter.take_call(retell(call, story, policy, queues, ended_ms))
        for ring in story.rings:
            if ring.outcome == OfferEnd.NO_ANSWER:
                back_s = ring.ended_s + away_s
                if not _is_here(ring.operator, back_s, shifts):
                    continue  # Her shift is over by then.
                back_ms = round(1000 * back_s)
                reporter.take_decision(_decision("OperatorReady", ring.operator, back_ms))
    return reporter.report().total.all


def retell(
    call: MeasuredCall,
    story: Story,
    policy: AcdPolicy,
    queues: Mapping[str, tuple[str, ...]],
    ended_ms: int,
) -> MeasuredCall:
    """Return a call with the wait, the operator and the talk that the simulation gave it."""
    caller, before_ms = story.caller, before_queue_ms(call)
    # Who waits for nobody does so to the end of the period, and we have lost her.
    wait_s = story.wait_s if story.wait_s < inf else max(0.0, ended_ms / 1000 - caller.at_s)
    wait_ms = round(1000 * wait_s)
    was_answered = story.operator is not None
    lost = Outcome.ABANDONED if story.wait_s < inf else Outcome.LOST
    rule_s = max(
        (policy.queues[name].wrap_up_s for name in queues.get(story.operator or "", ())), default=0.0
    )
    wrap_up_ms = round(1000 * (rule_s if caller.wrap_up_s is None else min(rule_s, caller.wrap_up_s)))
    answered_ms = round(1000 * story.answered_s) if was_answered else 0
    talk_ms = round(1000 * caller.talk_s) if was_answered else 0
    talks = (
        (Talk(story.operator, answered_ms, answered_ms + talk_ms, wrap_up_ms),)
        if story.operator is not None
        else ()
    )
    since_answer = None
    if call.since_answer_ms is not None:
        since_answer = call.since_answer_ms - (call.since_triage_ms or 0) + wait_ms
    # A call that was cut off then has no word of its own here.
    kept = call.disposition if (call.outcome is Outcome.ANSWERED) == was_answered else None
    return replace(
        call,
        outcome=Outcome.ANSWERED if was_answered else lost,
        since_invite_ms=before_ms + wait_ms,
        since_answer_ms=since_answer,
        since_triage_ms=wait_ms,
        talk_ms=talk_ms,
        wrap_up_ms=wrap_up_ms if was_answered else 0,
        operator=story.operator,
        disposition=kept or ("normal" if was_answered else "terputus"),
        rings=tuple(
            Rung(
                ring.operator,
                round(1000 * ring.began_s),
                round(1000 * min(ring.ended_s, ended_ms / 1000)),
                ACCEPTED if ring.took else ring.outcome,
            )
            for ring in story.rings
        ),
        talks=talks,
        talks_since=None,
    )


def drawn(story: Story, began_ms: int) -> MeasuredCall:
    """Return a call that no journal has, whose INVITE, answer and end of triage are one moment."""
    at_ms = began_ms + round(1000 * story.caller.at_s)
    return MeasuredCall(story.caller.call_id, at_ms, Outcome.UNFINISHED, 0, 0, 0, queue=story.caller.queue)


def _is_here(operator: str, at_s: float, shifts: Sequence[Shift]) -> bool:
    hers = [one.begins for one in shifts if one.operator == operator and one.at_s <= at_s]
    return hers[-1] if hers else True


def _decision(event: str, operator: str, at_ms: int) -> dict[str, str]:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return {"event": event, "operator_id": operator, "at": stamp(at)}

"""What must hold in an ACD at every moment, each computed the slow way from the books of its world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from queues.floor import must_wrap_up
from queues.matching import Need, fit_to
from queues.operators import Operator
from queues.policy import Overflow
from queues.vocabulary import (
    AcdEvent,
    AnnounceWait,
    CallAbandoned,
    CallDiverted,
    CallEnded,
    CallMovedToHead,
    CallPriorityChanged,
    CallQueued,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorState,
    OverflowTo,
    OverflowWhen,
    PolicyChanged,
)

if TYPE_CHECKING:
    from tests.unit.acd_world import Caller, World


def must_be_taken(world: World, event: AcdEvent) -> bool:
    """Whether the ACD may not refuse an event: nothing that happens to a caller is ever an error."""
    match event:
        case CallQueued(call_id=name, queue=queue):
            return name not in world.waiting and name not in world.talking and queue in world.policy.queues
        case CallAbandoned() | CallDiverted() | CallMovedToHead() | CallPriorityChanged():
            return event.call_id in world.waiting
        case CallEnded(call_id=name):
            return name in world.talking
        case OfferAccepted() | OfferFailed() | PolicyChanged():
            return True
        case _:
            return False


def check_all(world: World) -> None:
    """Raise AssertionError for a rule that is broken at this moment."""
    _check_picture(world)
    _check_operators(world)
    _check_matches(world)
    for name, caller in world.waiting.items():
        _check_alarms(world, name, caller)
        _check_overflow(world, caller)


def check_turn(world: World, offer: OfferCall, could: set[str]) -> None:
    """The one who was offered fits, and nobody whose turn was before hers was passed over.

    ``could`` are those who might have been offered in her place.
    """
    chosen, operator = world.waiting.get(offer.call_id), world.operators[offer.operator_id]
    if chosen is None:
        return
    assert may(world, chosen, operator), "offered to somebody whom she should not be offered to yet"
    if operator.id in chosen.refused:
        others = (one for one in world.operators.values() if one.id not in chosen.refused)
        could_too = any(one.is_available and may(world, chosen, one) for one in others)
        assert not could_too, "rung again while another is free"
    place = chosen.place(world.policy)
    for name in could & world.waiting.keys():
        caller = world.waiting[name]
        if not caller.offers and caller.place(world.policy) < place:
            assert not may(world, caller, operator), "somebody was served before her turn"


def check_position(world: World, told: AnnounceWait) -> None:
    """A caller who is told her position is told the right one."""
    caller = world.waiting[told.call_id]
    assert not caller.offers, "she is spoken to while a phone rings for her"
    rules = world.rules[caller.event.queue].announcements
    assert rules is not None
    before = sum(
        one.event.queue == caller.event.queue
        and not one.offers
        and one.place(world.policy) < caller.place(world.policy)
        for one in world.waiting.values()
    )
    assert told.position == (before + 1 if before < rules.position_up_to else None)


def may(world: World, caller: Caller, operator: Operator) -> bool:
    """Whether the rules let this caller be offered to this operator now."""
    event = caller.event
    need = Need(tuple(caller.queues), event.skills, event.wants, event.language)
    how_well = fit_to(need, need.expressions(), operator)
    if how_well is None:
        return False
    steps = world.rules[event.queue].relax_s or (world.policy.relax_after_s,)
    if how_well == 0 or caller.rank < 0 or world.now >= caller.since + steps[-1]:
        return True
    if not any(
        one.is_at_work and fit_to(need, need.expressions(), one) == 0 for one in world.operators.values()
    ):
        return True
    return how_well <= sum(world.now >= caller.since + step for step in steps)


def _check_picture(world: World) -> None:
    """Nobody is lost, each has one operator at most, and who is busy is so with a call that lives."""
    snapshot = world.acd.snapshot(world.now)
    assert {one.call_id for one in snapshot.waiting} == set(world.waiting), "a caller is lost"
    assert dict(snapshot.talking) == world.talking
    assert [one.call_id for one in snapshot.waiting] == world.in_order()
    busy = {offer.operator_id: offer.call_id for offer in world.offers()}
    busy |= {operator: call for call, operator in world.talking.items()}
    for view in snapshot.operators:
        has_call = view.state in {OperatorState.RINGING, OperatorState.TALKING}
        assert busy.get(view.operator_id) == (view.call_id if has_call else None)
    assert len(busy) == len(world.offers()) + len(world.talking), "an operator has two calls"
    overdue = {who for code, who in world.alarms if code == "pause_overdue"}
    assert {who for _, who in world.alarms} <= set(world.waiting) | overdue, "an alarm outlives its call"


def _check_operators(world: World) -> None:
    """Whatever she presses, and whoever calls her in vain, what she is in lasts to its end and no longer."""
    for offer in world.offers():
        assert world.now < world.rings_until[offer.offer_id], "a phone rings longer than it may"
    phones = []
    for one in world.operators.values():
        if one.state is OperatorState.SIGNED_OFF:
            continue
        phones += [one.phone] if one.phone else []
        assert world.acd.phone_of(one.id) == one.phone
        assert one.id not in world.forced or not one.is_at_work, "she has ended a supervisor's pause"
        if one.ends_at is not None and one.ends_at <= world.now:
            assert ("pause_overdue", one.id) in world.alarms, "what has an end goes on after it"
        if one.ends_at is not None and must_wrap_up(world.acd._floor, one):
            world.owed[one.id] = one.ends_at
        elif world.owed.get(one.id, world.now) > world.now:
            assert one.state is OperatorState.TALKING, "she has evaded her wrap-up"
    assert len(phones) == len(set(phones)), "two sit at one phone"


def _check_matches(world: World) -> None:
    """Nobody who fits is idle while a caller waits for whom no phone rings, or not all that may."""
    free = [one for one in world.operators.values() if one.is_available]
    for caller in world.waiting.values():
        if not caller.offers:
            assert not any(may(world, caller, one) for one in free), "idle while a caller waits"
        elif caller.is_picked:
            assert len(caller.offers) == 1, "another phone rings for a caller whom somebody has picked"
        elif free and len(caller.offers) < world.phones_at_once(caller):
            waiting = world.acd._line.get(caller.event.call_id)
            assert waiting is not None
            for one in free:
                how_well = fit_to(waiting.need, waiting.need.expressions(), one)
                rings = how_well is None or how_well > waiting.ring_fit or one.id in caller.refused
                assert rings, "idle while more phones may ring for a caller"


def _check_alarms(world: World, name: str, caller: Caller) -> None:
    """Who waits beyond the target, or for nobody, is an alarm."""
    if world.now >= caller.since + world.rules[caller.event.queue].answer_target_s:
        assert ("waiting_too_long", name) in world.alarms, "nobody is told that she waits too long"
    assert (("no_operator", name) in world.alarms) is not _is_staffed(world, caller)


def _check_overflow(world: World, caller: Caller) -> None:
    """Who has waited so long has overflowed."""
    for rule in world.rules[caller.event.queue].overflow:
        if rule.when is OverflowWhen.LENGTH or world.now < caller.since + rule.at:
            continue
        if rule.when is OverflowWhen.WAIT or not _is_staffed(world, caller):
            assert rule in caller.ways or _is_there(caller, rule), "she has not overflowed in time"


def _is_there(caller: Caller, rule: Overflow) -> bool:
    return rule.to is OverflowTo.QUEUE and rule.target in caller.queues


def _is_staffed(world: World, caller: Caller) -> bool:
    return any(one.is_at_work and set(one.queues) & set(caller.queues) for one in world.operators.values())

"""Leases: a caller is an operator's for as long as her phone may ring, and each lease ends in one way."""

from __future__ import annotations

from queues.commands import OfferCall, RescindOffer
from queues.floor import Floor
from queues.offers import Offer
from queues.operators import Move, Operator
from queues.pausing import begin_pause, begin_wished_pause
from queues.values import OfferEnd, OperatorState
from queues.waiting_line import Waiting


def offer(floor: Floor, waiting: Waiting, operator: Operator, now: float, *, is_pick: bool = False) -> None:
    """Lease a caller to an operator."""
    move = Move.PICK if is_pick else Move.BE_OFFERED
    waiting.offers += 1
    lease = Offer(f"{waiting.id}-of{waiting.offers}", waiting, operator, is_pick)
    waiting.live += (lease,)
    operator.offer = lease
    ring_timeout_s = floor.policy.queues[waiting.call.queue].ring_timeout_s
    floor.timers.set(("ring", lease.id), now + ring_timeout_s)
    floor.move(operator, move, call_id=waiting.id)
    floor.out.append(OfferCall(lease.id, waiting.id, operator.id, ring_timeout_s, is_pick))


def end(floor: Floor, lease: Offer, outcome: OfferEnd) -> None:
    """End a lease and stop its phone. What becomes of the two is for the caller of this to say."""
    lease.waiting.end_lease(lease)
    lease.operator.offer = None
    floor.timers.cancel(("ring", lease.id))
    floor.out.append(RescindOffer(lease.id, lease.waiting.id, lease.operator.id, outcome))


def lose(floor: Floor, lease: Offer, outcome: OfferEnd, now: float) -> None:
    """A phone did not take a caller: she waits on in her place, the operator is not ready."""
    waiting, operator = lease.waiting, lease.operator
    end(floor, lease, outcome)
    waiting.refused_by |= {operator.id}
    wait_on(floor, waiting)
    forced_by = operator.next_forced_by
    operator.forget_wishes()
    begin_pause(floor, operator, outcome.value, now, forced_by=forced_by)


def wait_on(floor: Floor, waiting: Waiting) -> None:
    """One of a caller's phones rings no more: she stands where she belongs now."""
    floor.line.step_out(waiting)
    floor.stand(waiting)


def take_back(floor: Floor, lease: Offer, outcome: OfferEnd, now: float) -> None:
    """A caller is not for this operator any more: she is where she was before the phone rang."""
    end(floor, lease, outcome)
    operator = lease.operator
    if operator.next_state is OperatorState.READY:
        floor.move(operator, Move.LOSE_OFFER)
    else:
        begin_wished_pause(floor, operator, now)

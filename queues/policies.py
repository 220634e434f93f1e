"""New rules, while people wait and talk."""

from __future__ import annotations

from dataclasses import replace

from queues import announcing, overflowing
from queues.events import PolicyChanged
from queues.floor import Floor
from queues.policy import AcdPolicy, QueuePolicy


def change(floor: Floor, event: PolicyChanged, now: float) -> None:
    """Go on by other rules. Nobody loses her place, her call or her state.

    A queue that the new rules do not name keeps its old ones while somebody waits in it or serves it. What
    has begun goes on as it began: phones that ring, wrap-ups, pauses.
    """
    old = floor.policy
    policy = replace(event.policy, queues={**_still_used(floor, old), **event.policy.queues})
    floor.policy = policy
    for waiting in floor.line:
        before, after = old.queues[waiting.call.queue], policy.queues[waiting.call.queue]
        if before.answer_target_s != after.answer_target_s:
            at = waiting.since + after.answer_target_s
            floor.timers.set(("late", waiting.id), at)
        floor.timers.cancel(("overflow", waiting.id))
        if before.overflow != after.overflow:
            waiting.used = 0
        if before.announcements != after.announcements:
            floor.announcements.cancel(("announce", waiting.id))
            announcing.begin(floor, waiting, now)
    for number in list(floor.relaxing):
        floor.timers.cancel(("relax", number))
    floor.relaxing.clear()
    floor.news.clear()
    floor.line.change_policy(policy)
    floor.staff.reorder()
    floor.link_anew()
    for waiting in floor.line:
        floor.stand(waiting)
    for waiting in floor.line:
        if policy.queues[waiting.call.queue].overflow:
            overflowing.review(floor, waiting, now)


def _still_used(floor: Floor, old: AcdPolicy) -> dict[str, QueuePolicy]:
    used = {queue for waiting in floor.line for queue in waiting.need.queues}
    used.update(queue for crew in floor.staff.crews.values() for queue in crew.queues)
    return {queue: rules for queue, rules in old.queues.items() if queue in used}

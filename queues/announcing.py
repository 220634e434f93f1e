"""What waiting callers are told while they wait.

Decided last and a few at a time, so that however many are due, no match waits for them.
"""

from __future__ import annotations

from queues.commands import AnnounceWait
from queues.floor import Floor
from queues.waiting_line import Waiting

_AT_ONCE = 32


def begin(floor: Floor, waiting: Waiting, now: float) -> None:
    """Have a caller told for the first time."""
    rules = floor.policy.queues[waiting.call.queue].announcements
    if rules is not None:
        floor.announcements.set(("announce", waiting.id), now + rules.first_after_s)


def speak(floor: Floor, now: float) -> None:
    """Tell those whose time has come. Whose phone rings for her is told next time, if she still waits."""
    for _ in range(_AT_ONCE):
        name = floor.announcements.take_due(now)
        if name is None:
            return
        waiting = floor.waiting(name[1])
        rules = floor.policy.queues[waiting.call.queue].announcements
        if rules is None:
            continue
        floor.announcements.set(name, now + rules.every_s)
        if not waiting.live:
            up_to = rules.position_up_to
            position = floor.line.position(waiting, up_to) if up_to else None
            floor.out.append(AnnounceWait(waiting.id, waiting.call.language, position))

"""Alarms for those who wait: nobody could take her, or she has waited beyond the target."""

from __future__ import annotations

from queues import overflowing
from queues.commands import ClearAlarm, RaiseAlarm
from queues.floor import Floor
from queues.values import AlarmCode
from queues.waiting_line import Waiting


def check(floor: Floor, waiting: Waiting) -> None:
    """Raise the alarm for a caller whom nobody at work could serve; clear it for one whom somebody could."""
    if floor.staff.is_staffed(waiting.need.queues):
        lower(floor, waiting, AlarmCode.NO_OPERATOR)
    else:
        raise_alarm(floor, waiting, AlarmCode.NO_OPERATOR)


def watch_staff(floor: Floor, now: float) -> None:
    """See to those whose queue somebody has come to, or left for good."""
    staff = floor.staff
    for queue in sorted(staff.staffing_changed):
        is_staffed = staff.at_work[queue] > 0
        if is_staffed is (queue in floor.staffed):
            continue
        (floor.staffed.add if is_staffed else floor.staffed.discard)(queue)
        for waiting in floor.line.of_queue(queue):
            check(floor, waiting)
            if not is_staffed:
                overflowing.review(floor, waiting, now)
    staff.staffing_changed.clear()


def raise_alarm(floor: Floor, waiting: Waiting, code: AlarmCode) -> None:
    """Raise an alarm once."""
    if code not in waiting.alarms:
        waiting.alarms |= {code}
        floor.out.append(RaiseAlarm(code, waiting.id, waiting.call.queue))


def lower(floor: Floor, waiting: Waiting, code: AlarmCode) -> None:
    """Clear an alarm if it stands."""
    if code in waiting.alarms:
        waiting.alarms -= {code}
        floor.out.append(ClearAlarm(code, waiting.id, waiting.call.queue))


def clear_all(floor: Floor, waiting: Waiting) -> None:
    """Clear whatever stands."""
    for code in sorted(waiting.alarms):
        lower(floor, waiting, code)

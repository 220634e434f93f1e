"""Matching: who of those who wait is offered to whom, now.

Before an event nobody who waits can be served by anybody who is free; so after it only those have to be
looked at whom the event has touched: an operator who became free, a line with another caller at its head.
"""

from __future__ import annotations

from queues.floor import Floor, phones_at_once
from queues.leases import offer
from queues.operators import Operator
from queues.staff import Crew
from queues.waiting_line import Line, Waiting

_NOBODY: frozenset[str] = frozenset()


def match(floor: Floor, now: float) -> None:
    """Offer callers to operators until nobody who waits can be served."""
    staff, news = floor.staff, floor.news
    if staff.gone_crews:
        # Whom they would have fitted best need not be kept for them any longer.
        for crew in staff.gone_crews.values():
            news.update(
                (line.number, line) for line, how_well in crew.lines if not how_well and line.standing
            )
        staff.gone_crews.clear()
    if len(staff.freed) == 1 and not news:
        for operator in list(staff.freed.values()):
            _serve(floor, operator, now)
    while staff.freed or news:
        lines = dict(news)
        for operator in staff.freed.values():
            if operator.crew is not None:
                lines.update((line.number, line) for line, _ in operator.crew.lines if line.standing)
                lines.update((line.number, line) for line, _ in operator.crew.ringing_lines if line.standing)
        news.clear()
        staff.freed.clear()
        _serve_lines(floor, lines, now)


def _serve(floor: Floor, operator: Operator, now: float) -> None:
    """One operator has become free, and nothing else has happened: offer her whoever comes first."""
    del floor.staff.freed[operator.id]
    crew = operator.crew
    if crew is None:
        return
    best: Waiting | None = None
    best_fit = 0
    for line, how_well in crew.lines:
        first = line.first
        if first is None or (best is not None and best.place < first.place):
            continue
        if how_well:
            worst = line.worst_fit(first, now)
            if worst is not None and how_well > worst:
                _look_again(floor, line, first, now)
                continue
        best, best_fit = first, how_well
    if best is None:
        for line, how_well in crew.ringing_lines:
            for one in line.candidates():
                if _may_ring_too(one, how_well, operator):
                    if best is None or one.place < best.place:
                        best, best_fit = one, how_well
                    break
    if best is not None:
        _ring(floor, best, [operator], best_fit, now)


def _serve_lines(floor: Floor, lines: dict[str, Line], now: float) -> None:
    """Serve several lines, always the first of all their firsts, as far as operators are free."""
    open_lines = {number: line for number, line in lines.items() if _has_free(floor, line)}
    while open_lines:
        firsts = []
        for number, line in list(open_lines.items()):
            first = line.first
            if first is None:
                del open_lines[number]
            else:
                # Whom nobody rings for comes before another phone for somebody else.
                firsts.append((line.is_ringing, first.place, number))
        for _, _, number in sorted(firsts):
            line = open_lines[number]
            if any(_offer_to_best(floor, line, waiting, now) for waiting in line.candidates()):
                break
            del open_lines[number]


def _has_free(floor: Floor, line: Line) -> bool:
    free = floor.staff.free
    return any(free[queue] > 0 for queue in line.need.queues)


def _offer_to_best(floor: Floor, line: Line, waiting: Waiting, now: float) -> bool:
    """Offer a caller of a line to the best operators who are free; return whether there was any."""
    worst = waiting.ring_fit if line.is_ringing else line.worst_fit(waiting, now)
    crews = [pair for pair in line.crews if pair[1].free and (worst is None or pair[0] <= worst)]
    if (
        not line.is_ringing
        and worst is not None
        and len(crews) < sum(bool(crew.free) for _, crew in line.crews)
    ):
        _look_again(floor, line, waiting, now)
    wanted = phones_at_once(line.rules) - len(waiting.live)
    chosen, how_well = _choose(crews, line.rules.strategy, waiting.refused_by, wanted)
    if not chosen and not line.is_ringing and waiting.refused_by:
        # Nobody else: who did not take her before is better than nobody.
        chosen, how_well = _choose(crews, line.rules.strategy, _NOBODY, wanted)
    if chosen:
        _ring(floor, waiting, chosen, how_well, now)
    return bool(chosen)


def _choose(
    crews: list[tuple[int, Crew]], strategy: str, without: frozenset[str], wanted: int
) -> tuple[list[Operator], int]:
    """Return those of the best fitting crews who stand first, at most ``wanted``, and how well they fit."""
    chosen: list[Operator] = []
    place = 0
    while place < len(crews) and not chosen:
        how_well = crews[place][0]
        equals = []
        while place < len(crews) and crews[place][0] == how_well:
            equals.append(crews[place][1])
            place += 1
        while len(chosen) < wanted:
            without_chosen = without.union(one.id for one in chosen) if chosen else without
            entries = [entry for crew in equals if (entry := crew.first(strategy, without_chosen))]
            if not entries:
                break
            chosen.append(min(entries)[3])
        if chosen:
            return chosen, how_well
    return [], 0


def _may_ring_too(first: Waiting, how_well: int, operator: Operator) -> bool:
    return how_well <= first.ring_fit and operator.id not in first.refused_by


def _look_again(floor: Floor, line: Line, first: Waiting, now: float) -> None:
    """Somebody is free who does not fit well enough yet: have the line looked at when she will."""
    at = line.next_step(first, now)
    if at is not None and (line.relax_at is None or at < line.relax_at):
        line.relax_at = at
        floor.relaxing[line.number] = line
        floor.timers.set(("relax", line.number), at)


def relax(floor: Floor, number: str) -> None:
    """A line's first takes a worse fit from now on."""
    line = floor.relaxing.pop(number)
    line.relax_at = None
    floor.news[number] = line


def _ring(floor: Floor, waiting: Waiting, operators: list[Operator], how_well: int, now: float) -> None:
    """Let phones ring for a caller; if more may, she stands where more are found."""
    floor.line.step_out(waiting)
    waiting.ring_fit = how_well
    for operator in operators:
        offer(floor, waiting, operator, now)
    floor.stand(waiting)

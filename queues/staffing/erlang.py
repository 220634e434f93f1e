"""Erlang B and Erlang C, as recursions that stay between 0 and 1 whatever the load.

``load`` is in erlangs: calls a second times seconds each. Calls come at random (Poisson); service times are
exponential, which Erlang B does not even need. Sources: A. K. Erlang, 1917; ITU-T E.501 and E.521.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log

from queues.staffing.errors import StaffingInvalid


@dataclass(frozen=True, slots=True)
class Queue:
    """What a load meets at so many operators. Times in seconds; shares between 0 and 1."""

    operators: int
    load: float
    waits: float
    """The share of calls that wait at all."""
    answered_in_time: float
    """Of all calls, those answered within the time that was asked for."""
    asa_s: float
    """The mean wait; without end where calls come faster than they are served."""
    waiting: float
    """How many wait, on average."""
    occupancy: float
    abandons: float
    """The share of callers who give up: none where nobody does."""


def erlang_b(load: float, servers: int) -> float:
    """Return the share of calls that find all ``servers`` busy and are lost.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    check_load(load)
    check_count("servers", servers)
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def channels_needed(load: float, blocking: float) -> int:
    """Return how many channels of a trunk keep the share of refused calls at or below ``blocking``.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    check_load(load)
    if not 0 < blocking < 1:
        raise StaffingInvalid("blocking", f"{blocking}: a share between 0 and 1, such as 0.001")
    blocked, count = 1.0, 0
    while blocked > blocking:
        count += 1
        blocked = load * blocked / (count + load * blocked)
    return count


def erlang_c(load: float, operators: int) -> float:
    """Return the share of calls that wait, where nobody gives up; 1 where there are too few operators.

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    check_count("operators", operators)
    if operators <= load:
        check_load(load)
        return 1.0
    blocked = erlang_b(load, operators)
    return operators * blocked / (operators - load * (1 - blocked))


def queue(calls_per_s: float, aht_s: float, operators: int, within_s: float) -> Queue:
    """Return what calls meet where nobody gives up (Erlang C, the M/M/N queue).

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    load = load_of(calls_per_s, aht_s)
    check_time("within_s", within_s)
    waits = erlang_c(load, operators)
    spare = operators - load
    if spare <= 0:
        return Queue(operators, load, 1.0, 0.0, inf, inf, 1.0, 0.0)
    return Queue(
        operators,
        load,
        waits,
        answered_in_time=1 - waits * exp(-spare * within_s / aht_s),
        asa_s=waits * aht_s / spare,
        waiting=waits * load / spare,
        occupancy=load / operators,
        abandons=0.0,
    )


def wait_quantile_s(load: float, aht_s: float, operators: int, share: float) -> float:
    """Return the wait that ``share`` of the calls do not exceed (Erlang C).

    Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    check_time("aht_s", aht_s)
    if not 0 <= share < 1:
        raise StaffingInvalid("share", f"{share}: at least 0 and below 1")
    waits = erlang_c(load, operators)
    if operators <= load:
        return inf
    return max(0.0, aht_s / (operators - load) * log(waits / (1 - share))) if waits > 0 else 0.0


def load_of(calls_per_s: float, aht_s: float) -> float:
    """Return the load in erlangs. Raises :class:`~queues.staffing.errors.StaffingInvalid`."""
    if not 0 <= calls_per_s < inf:
        raise StaffingInvalid("calls", f"{calls_per_s}: a number, not below 0")
    check_time("aht_s", aht_s)
    if aht_s == 0:
        raise StaffingInvalid("aht_s", "0: a call takes an operator some time; give seconds above 0")
    return calls_per_s * aht_s


def check_load(load: float) -> None:
    """Raise :class:`~queues.staffing.errors.StaffingInvalid` for what is no load."""
    if not 0 <= load < inf:
        raise StaffingInvalid("load", f"{load}: erlangs, not below 0")


def check_count(field: str, count: int) -> None:
    """Raise :class:`~queues.staffing.errors.StaffingInvalid` for what is no number of operators."""
    if count < 0:
        raise StaffingInvalid(field, f"{count}: a whole number, not below 0")


def check_time(field: str, seconds: float) -> None:
    """Raise :class:`~queues.staffing.errors.StaffingInvalid` for what is no length of time."""
    if not 0 <= seconds < inf:
        raise StaffingInvalid(field, f"{seconds}: seconds, not below 0")

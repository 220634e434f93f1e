"""Erlang A: callers give up, each after a patience of her own (the M/M/N+M queue).

After Mandelbaum and Zeltyn, "The Palm/Erlang-A queue, with applications to call centers" (2005). A caller who
would never give up would be *offered* a wait V, which has the density

    v(x) = λ · exp(λ/θ·(1 − e^(−θx)) − Nμx) / (ε + λJ),   x > 0,

with J the integral of that exponential and ε the reciprocal of Erlang B of one operator less. What is wanted
is integrals of v. They are taken numerically (Gauss and Legendre, in pieces), with every exponential relative
to the greatest, so that no load is too large; and nothing is a small difference of large numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import cos, exp, expm1, log, pi

from queues.staffing.erlang import Queue, check_count, check_time, erlang_b, load_of
from queues.staffing.errors import StaffingInvalid

_NEGLIGIBLE = 50.0
"""An exponential so far below the greatest adds nothing: e^-50 is 2e-22."""
_POINTS = 24


def queue(calls_per_s: float, aht_s: float, patience_s: float, operators: int, within_s: float) -> Queue:
    """Return what calls meet where callers give up after ``patience_s`` on average.

    ``answered_in_time`` is of all calls: who gives up counts against us. ``asa_s`` is the mean wait of all,
    of those who give up too. Raises :class:`~queues.staffing.errors.StaffingInvalid`.
    """
    load = load_of(calls_per_s, aht_s)
    check_count("operators", operators)
    check_time("within_s", within_s)
    check_time("patience_s", patience_s)
    if patience_s == 0:
        raise StaffingInvalid("patience_s", "0: the mean time until a caller gives up; give seconds above 0")
    if load == 0:
        return Queue(operators, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    if operators == 0:
        return Queue(0, load, 1.0, 0.0, patience_s, calls_per_s * patience_s, 0.0, 1.0)
    blocked = erlang_b(load, operators - 1)
    if blocked == 0:  # Too small for a float: so many operators that nobody ever waits.
        return Queue(operators, load, 0.0, 1.0, 0.0, 0.0, load / operators, 0.0)
    theta, work = 1 / patience_s, operators / aht_s
    height = _Height(calls_per_s, work, theta)
    far = height.end()
    # Relative to the greatest exponential, as the integrals are.
    nobody = exp(-height.greatest) / blocked
    all_waits = height.integral(0.0, far, lambda _: 1.0)
    weight = calls_per_s / (nobody + calls_per_s * all_waits)
    waits = weight * all_waits
    abandons = weight * height.integral(0.0, far, lambda x: -expm1(-theta * x))
    served = weight * height.integral(0.0, min(within_s, far), lambda x: exp(-theta * x))
    return Queue(
        operators,
        load,
        waits,
        answered_in_time=min(1.0, 1 - waits + served),
        asa_s=abandons * patience_s,
        waiting=calls_per_s * abandons * patience_s,
        occupancy=min(1.0, load * (1 - abandons) / operators),
        abandons=abandons,
    )


class _Height:
    """The exponential of v, which rises to one greatest value and falls from there."""

    def __init__(self, calls_per_s: float, work: float, theta: float) -> None:
        self._calls, self._work, self._theta = calls_per_s, work, theta
        self._peak = max(0.0, log(calls_per_s / work) / theta) if calls_per_s > 0 else 0.0
        self.greatest = self._exponent(self._peak)

    def _exponent(self, x: float) -> float:
        return -self._calls / self._theta * expm1(-self._theta * x) - self._work * x

    def _negligible(self, x: float) -> bool:
        return self._exponent(x) < self.greatest - _NEGLIGIBLE

    def end(self) -> float:
        """Return where it has become negligible."""
        return _boundary(self._peak, self._peak + 1 / self._work, self._negligible)

    def begin(self) -> float:
        """Return where it begins to be anything, 0 where it is from the start."""
        if not self._negligible(0.0):
            return 0.0
        near, far = self._peak, 0.0
        for _ in range(60):
            middle = (near + far) / 2
            near, far = (near, middle) if self._negligible(middle) else (middle, far)
        return far

    def integral(self, since: float, until: float, weight: Callable[[float], float]) -> float:
        """Return the integral of ``weight`` times this, over e to the greatest exponent."""
        since = max(since, self.begin())
        total = 0.0
        for left, right in self._pieces(since, until):
            middle, half = (left + right) / 2, (right - left) / 2
            for node, share in _GAUSS:
                x = middle + node * half
                total += half * share * weight(x) * exp(self._exponent(x) - self.greatest)
        return total

    def _pieces(self, since: float, until: float) -> Iterator[tuple[float, float]]:
        """Cut at the peak, finely beside it and ever more coarsely away from it."""
        step = min(1 / self._theta, 1 / self._work)
        right = [self._peak]
        while right[-1] < until:
            right.append(right[-1] + step * 2 ** len(right) / 4)
        left = [self._peak]
        while left[-1] > since:
            left.append(left[-1] - step * 2 ** len(left) / 4)
        cuts = [*reversed(left[1:]), *right]
        for before, after in pairwise(cuts):
            if before < until and after > since:
                yield max(before, since), min(after, until)


def _boundary(near: float, far: float, is_beyond: Callable[[float], bool]) -> float:
    """Return a point, not far off the first, at which ``is_beyond``."""
    while not is_beyond(far):
        near, far = far, far + 2 * (far - near)
    for _ in range(30):
        middle = (near + far) / 2
        near, far = (near, middle) if is_beyond(middle) else (middle, far)
    return far


def _gauss(points: int) -> list[tuple[float, float]]:
    """Return the nodes and weights of Gauss and Legendre on [-1, 1], by Newton's method."""
    found = []
    for index in range(points):
        x = cos(pi * (index + 0.75) / (points + 0.5))
        for _ in range(100):
            value, before = 1.0, 0.0
            for degree in range(points):
                value, before = ((2 * degree + 1) * x * value - degree * before) / (degree + 1), value
            slope = points * (x * value - before) / (x * x - 1)
            step = value / slope
            x -= step
            if abs(step) < 1e-15:
                break
        found.append((x, 2 / ((1 - x * x) * slope * slope)))
    return found


_GAUSS = _gauss(_POINTS)

"""When a location server is asked again while a call lasts. Pure.

A network's first answer is quick and coarse; the better ones come over the first minute. After that the
caller may move.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

FIRST_AT_S = (1.0, 6.0, 11.0, 21.0, 45.0)
THEN_EVERY_S = 30.0
QUICK_UNTIL_S = 6.0
"""Before this the quick answer is asked for, and after it the exact one."""


def ask_times() -> Iterator[float]:
    """Yield the seconds after the call began at which to ask, without end: 1, 6, 11, 21, 45, 75, 105 ..."""
    return itertools.chain(FIRST_AT_S, itertools.count(FIRST_AT_S[-1] + THEN_EVERY_S, THEN_EVERY_S))


def response_time(at_s: float) -> str:
    """Return HELD's ``responseTime`` for a question then (RFC 5985, section 6.1)."""
    return "emergencyRouting" if at_s < QUICK_UNTIL_S else "emergencyDispatch"

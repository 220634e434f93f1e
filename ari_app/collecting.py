"""Python's look for rings of objects that nobody needs any more, when it holds up nobody.

What is not in a ring is freed at once. For rings Python looks through all that is there, as it likes: with
two thousand callers for a third of a second, in which no operator is connected. So it looks by itself only
among what is new, and among all of it when few calls are alive.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

_PERIOD_S = 1.0
_FEW = 50
_WORTH_IT = 10
"""So many looks at what is new, as Python does by itself."""
_AT_LAST = 1000
"""What some twenty thousand callers leave: then it has to be, however many are there."""
_NEVER = 1_000_000_000


def begin() -> None:
    """Leave the look at everything to :func:`run`; what is there by now stays for good, and is left out."""
    gc.freeze()
    new, young, _ = gc.get_threshold()
    gc.set_threshold(new, young, _NEVER)


def is_due(looks: int, alive: int) -> bool:
    """Whether to look through it all after so many looks at what is new, while so many calls are alive."""
    return looks >= (_WORTH_IT if alive <= _FEW else _AT_LAST)


async def run(alive: Callable[[], int]) -> None:
    """Look, once a second, whether it is time. Until cancelled."""
    while True:
        if is_due(gc.get_count()[2], alive()):
            gc.collect()
        await asyncio.sleep(_PERIOD_S)

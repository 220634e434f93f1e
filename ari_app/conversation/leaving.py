"""Why a leg has ended, from its hang-up cause (ITU-T Q.850)."""

from __future__ import annotations

from ari_app.calls.legs import Leg
from ari_app.conversation.vocabulary import Left

_BUSY = {17, 21}
_NO_ANSWER = {16, 18, 19, 26, 127}
"""A leg that rang and was stopped ends as one that was cleared."""


def reason_of(leg: Leg) -> Left:
    """Say why a leg ended; of one that is only known to have left, that it hung up."""
    if not leg.gone.done():
        return Left.HUNG_UP
    gone = leg.gone.result()
    if leg.up.done():
        return Left.HUNG_UP if gone.was_hung_up else Left.FAILED
    if gone.cause in _BUSY:
        return Left.BUSY
    return Left.NO_ANSWER if gone.cause in _NO_ANSWER else Left.UNREACHABLE

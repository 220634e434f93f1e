"""Operators who are in a conversation without the ACD having offered it: it must offer them nothing else.

To the ACD, what occupies an operator is a call. It is the caller's own id where the ACD connected her, and
her leg's id where somebody called her in: so each operator's work begins and ends by itself.
"""

from __future__ import annotations

from ari_app.calls.ports import Ports
from ari_app.conversation.errors import TargetUnreachable
from ari_app.conversation.vocabulary import Left
from queues.errors import QueuesError
from queues.vocabulary import CallEnded, OfferEnd, OperatorNotReady, OperatorState, TalkAdopted
from suar.ids import Kind, call_of, kind_of

_FREE = {OperatorState.READY, OperatorState.NOT_READY, OperatorState.WRAP_UP}
_AWAY = {Left.NO_ANSWER: OfferEnd.NO_ANSWER, Left.UNREACHABLE: OfferEnd.UNREACHABLE}


def occupation_of(leg: str) -> str:
    """Return what the ACD knows an operator's leg by."""
    return (call_of(leg) or leg) if kind_of(leg) is Kind.OPERATOR_LEG else leg


def occupy(operator_id: str, leg: str, ports: Ports) -> None:
    """Have the ACD offer an operator nothing else. Raises ``TargetUnreachable`` if she is not free."""
    desk = ports.desk(operator_id)
    if desk is None or desk.state not in _FREE or not desk.phone_is_online:
        raise TargetUnreachable(f"operator {operator_id} is not free")
    try:
        ports.distribution.tell(TalkAdopted(occupation_of(leg), operator_id))
    except QueuesError as error:
        raise TargetUnreachable(f"operator {operator_id} is not free") from error


def release(leg: str, ports: Ports) -> None:
    """An operator's part is over: she has wrap-up, and then the next caller."""
    ports.distribution.tell_late(CallEnded(occupation_of(leg)))


def release_unanswered(operator_id: str, leg: str, left: Left | None, ports: Ports) -> None:
    """An operator who was called has not spoken: she has nothing to wrap up.

    Who did not answer is not ready, as for an offer; who declined, or was stopped ringing, is as before.
    """
    ports.distribution.tell_late(CallEnded(occupation_of(leg), has_spoken=False))
    ports.wrap_ups.forget(operator_id)  # What is left of an earlier one is not of this call.
    if left in _AWAY:
        ports.distribution.tell_late(OperatorNotReady(operator_id, _AWAY[left].value))

"""A caller whose number made many calls for nothing is asked to press a key, while she waits.

She waits in her place meanwhile, so that being asked costs her nothing. A key, any key, gives her back the
step of urgency that her number's past took; who cannot press one goes on waiting where she is.
"""

from __future__ import annotations

from ari_app.calls.call import Call, Phase
from ari_app.calls.comfort import Comfort
from ari_app.calls.ports import Ports
from queues.vocabulary import CallPriorityChanged

PROMPT = "press-if-needed"

_LEAST_URGENT = 9


def priority_of(call: Call) -> int:
    """Return how urgent a call is now, its number's past included: 0 to 9."""
    return min(call.priority + call.is_put_back, _LEAST_URGENT)


def challenge(call: Call, comfort: Comfort, ports: Ports) -> None:
    """Ask a caller who is put back, if the city wants it so; no other hears anything of it."""
    if not call.is_put_back or not ports.city.nuisance.challenge:
        return
    ports.outbox.publish(call.id, "challenged")

    def pass_() -> None:
        ports.outbox.publish(call.id, "challenge_passed")
        call.has_pressed = True
        give_back(call, ports)

    comfort.ask(PROMPT, pass_, ports.city.nuisance.challenge_s)


def give_back(call: Call, ports: Ports) -> None:
    """Take a call's step back away from it, also where it waits already."""
    call.is_put_back = False
    if call.phase in (Phase.WAITING, Phase.RINGING):
        ports.distribution.tell_late(CallPriorityChanged(call.id, priority_of(call)))

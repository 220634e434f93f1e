"""What an operator asks of her conversation, and calls that she makes, passed on to the call controller.

An incident travels with a call: the agency that is called in has it on its desk, and whoever is called
outside has its identifier with the call.
"""

from __future__ import annotations

from typing import Any

from dashboards.errors import BodyInvalid, Conflict, NotFound
from dashboards.incidents import service
from dashboards.incidents.callbacks import find_callback
from dashboards.state import Services

COMMANDS = (
    "hold", "resume", "mute", "unmute", "call-in", "consult", "join", "transfer", "remove", "put-back",
    "digits", "pause-recording", "resume-recording",
)  # fmt: skip
"""The controller's, by its names."""


QUESTIONS = (
    "silent-ask", "yesno-hear", "yesno-danger", "yesno-hurt", "yesno-attacker", "yesno-fire", "yesno-home",
)  # fmt: skip
"""What a caller who cannot speak can be asked, by the controller's names."""


async def command(services: Services, operator: str, name: str, wishes: dict[str, Any]) -> dict[str, Any]:
    """Have the operator's conversation do something; return it as it is then.

    Raises NotFound, Conflict, BodyInvalid or ControllerDown.
    """
    if name not in COMMANDS:
        raise NotFound(f"{name} is no command")
    call = services.controller.call_of(operator)
    if call is None:
        raise Conflict("you are in no call")
    call_id = str(call["call_id"])
    wishes = {key: value for key, value in wishes.items() if value is not None}
    if name == "call-in":
        incident_id = await services.db.read(lambda session: service.find_by_call(session, call_id))
        wishes["incident"] = incident_id
        answer = await services.controller.command(call_id, name, operator, wishes)
        if wishes.get("kind") == "agency" and incident_id is not None:
            await _send(services, incident_id, operator, str(wishes.get("target")))
        return answer
    return await services.controller.command(call_id, name, operator, wishes)


async def ask(services: Services, operator: str, question: str) -> None:
    """Have a question spoken to the operator's caller, who cannot speak.

    Raises NotFound, Conflict or ControllerDown.
    """
    call = services.controller.call_of(operator)
    if call is None:
        raise Conflict("you are in no call")
    await services.controller.command(str(call["call_id"]), f"questions/{question}", operator, {})


async def call_back(services: Services, operator: str, incident_id: str) -> str:
    """Ring the operator's phone and then the caller's who is on the callback list; return the call's id."""
    who = await services.db.read(lambda session: find_callback(session, incident_id))
    if who.number is None:
        raise Conflict("no number came with that call")
    kind = await services.db.read(lambda session: service.kind_of(session, incident_id))
    wishes = {
        "number": who.number,
        "carrier": who.carrier,
        "follows": who.call_id,
        "incident": incident_id,
        "is_callback": True,
        "kind": kind,
    }
    return await services.controller.call_out(operator, wishes)


async def call_number(services: Services, operator: str, incident_id: str, number: str) -> str:
    """Ring the operator's phone and then a number, inside an incident; return the call's id."""
    if not number.strip():
        raise BodyInvalid("a number: 2 to 15 digits, perhaps with a plus", "number")
    kind = await services.db.read(lambda session: service.kind_of(session, incident_id))
    wishes = {"number": number.strip(), "incident": incident_id, "kind": kind}
    return await services.controller.call_out(operator, wishes)


async def _send(services: Services, incident_id: str, who: str, agency: str) -> None:
    """Let the agency have the incident on its desk when its telephone rings."""
    now = services.now()
    await services.db.write(
        lambda session: service.send(session, services.city, incident_id, who, now, [agency])
    )
    services.hub.publish("incidents", f"incident:{incident_id}")

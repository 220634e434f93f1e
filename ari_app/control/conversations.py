"""What an operator asks of her conversation, over the control interface.

``POST /v1/calls/{call}/{command}`` with ``{"by": operator, ...}``; the answer is the conversation as the live
picture shows it. Only the operator whose conversation it is commands it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec
from aiohttp import web

from ari_app.calls.call import Call
from ari_app.calls.calling_out import Order
from ari_app.control.answers import error
from ari_app.conversation.errors import CommandRefused, ConversationError
from ari_app.conversation.running import Conversation
from ari_app.conversation.views import describe
from ari_app.conversation.vocabulary import (
    Command,
    Consult,
    Hold,
    Join,
    Mute,
    PauseRecording,
    Purpose,
    PutBack,
    Remove,
    Resume,
    ResumeRecording,
    SendDigits,
    State,
    Target,
    TargetKind,
    Transfer,
    Unmute,
)
from suar.log import get_logger

_KEYS = re.compile(r"[0-9A-D*#]{1,32}")
_LONGEST = 200

log = get_logger()


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a command; each command reads what it needs."""

    by: str
    emergency: bool = False
    leg: str = "operator"
    """``operator``, ``caller`` or a party's id."""
    party: str = ""
    kind: TargetKind | None = None
    target: str = ""
    purpose: Purpose = Purpose.CONSULT
    incident: str | None = None
    digits: str = ""
    reason: str = ""


class CallWish(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /v1/calls``: a call to be made."""

    by: str
    number: str
    carrier: str | None = None
    follows: str | None = None
    incident: str | None = None
    is_callback: bool = False
    kind: str | None = None


class FieldInvalid(CommandRefused):
    """A field of the body is not what is needed."""

    code = "body_invalid"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.name = field


def _keys(wish: Wish, state: State) -> Command:
    if not _KEYS.fullmatch(wish.digits):
        raise FieldInvalid("1 to 32 of the keys 0 to 9, *, # and A to D", "digits")
    return SendDigits(_leg(wish, state), wish.digits)


def _pause(wish: Wish, _: State) -> Command:
    if not wish.reason.strip() or len(wish.reason) > _LONGEST:
        raise FieldInvalid(f"why it is paused, in at most {_LONGEST} characters", "reason")
    return PauseRecording(wish.reason.strip())


def _leg(wish: Wish, state: State) -> str:
    return {"operator": state.operator or "", "caller": state.caller}.get(wish.leg, wish.leg)


COMMANDS: Mapping[str, Callable[[Wish, State], Command]] = {
    "hold": lambda wish, _: Hold(wish.emergency),
    "resume": lambda *_: Resume(),
    "mute": lambda wish, state: Mute(_leg(wish, state)),
    "unmute": lambda wish, state: Unmute(_leg(wish, state)),
    "consult": lambda wish, _: Consult(wish.party),
    "join": lambda wish, _: Join(wish.party),
    "transfer": lambda wish, _: Transfer(wish.party),
    "remove": lambda wish, _: Remove(wish.party),
    "put-back": lambda *_: PutBack(),
    "digits": _keys,
    "pause-recording": _pause,
    "resume-recording": lambda *_: ResumeRecording(),
}
"""Each command and what it means; calling somebody in is a command of its own."""


def add_to(
    app: web.Application,
    find: Callable[[str], Call | None],
    conversations: Mapping[str, Conversation],
    make: Callable[[Order], str],
) -> None:
    """Add the conversations' commands, and the making of calls, to the control interface."""

    async def call_out(request: web.Request) -> web.Response:
        """``POST /v1/calls``: ring the operator's phone, then the number; 201 with the call's id."""
        try:
            wish = msgspec.json.decode(await request.read() or b"{}", type=CallWish)
        except msgspec.DecodeError as problem:
            return _body_invalid(problem)
        order = Order(
            wish.number, wish.by, wish.carrier, wish.follows, wish.incident, wish.is_callback, wish.kind
        )
        try:
            call_id = make(order)
        except ConversationError as problem:
            return error(409, problem.code, str(problem), "number" if problem.field else None)
        log.info("call_asked", call_id=call_id, by=wish.by, is_callback=wish.is_callback)
        return web.json_response({"call_id": call_id}, status=201)

    async def command(request: web.Request) -> web.Response:
        """``POST /v1/calls/{call}/{command}``"""
        call_id, name = request.match_info["call"], request.match_info["command"]
        call = find(call_id)
        conversation = conversations.get(call_id)
        if call is None or conversation is None:
            return error(404, "call_unknown", f"nobody speaks in a call {call_id} now")
        try:
            wish = msgspec.json.decode(await request.read() or b"{}", type=Wish)
        except msgspec.DecodeError as problem:
            return _body_invalid(problem)
        if wish.by != call.operator:
            return error(403, "not_yours", "this is another operator's conversation")
        try:
            if name == "call-in":
                target = _target(wish)
                await conversation.call_in(target, wish.purpose, wish.by, wish.incident)
            else:
                await conversation.do(COMMANDS[name](wish, conversation.state), wish.by)
        except FieldInvalid as problem:
            return error(422, problem.code, str(problem), problem.name)
        except ConversationError as problem:
            status = 503 if problem.retryable else 409
            return error(status, problem.code, str(problem), problem.field)
        log.info("conversation_asked", call_id=call_id, command=name, by=wish.by)
        return web.json_response({"call_id": call_id, "conversation": describe(conversation.state)})

    app.router.add_post("/v1/calls", call_out)
    names = "|".join([*COMMANDS, "call-in"])
    app.router.add_post(f"/v1/calls/{{call}}/{{command:{names}}}", command)


def _body_invalid(problem: msgspec.DecodeError) -> web.Response:
    field = re.search(r"\$\.(\w+)|field `(\w+)`", str(problem))
    return error(422, "body_invalid", str(problem), field and (field[1] or field[2]))


def _target(wish: Wish) -> Target:
    if wish.kind is None:
        raise FieldInvalid("operator, agency, neighbour or number", "kind")
    if not wish.target:
        raise FieldInvalid("who is to be called", "target")
    return Target(wish.kind, wish.target)

"""What operators and supervisors ask of the ACD, over the control interface.

========================================== ===============================================================
``POST /v1/operators/{id}/{wish}``         ``sign-on`` (with ``queues``, and ``phone``: at whose she sits),
                                           ``ready``, ``not-ready`` (with ``reason`` and ``for_s``),
                                           ``sign-off``, ``queues`` (with ``queues``: which she serves from
                                           now on), ``extend-wrap-up`` (with ``by_s``), ``pick`` (with
                                           ``call_id``: she takes this caller)
``POST /v1/calls/{id}/head``               the caller is served next
========================================== ===============================================================

``by`` says who asks. What anybody but the operator herself asks is a supervisor's order: a pause of hers ends
only when a supervisor says so. 409 with ``taken`` is the answer to who comes second for a caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from aiohttp import web

from ari_app.control.answers import error
from ari_app.distribution import Distribution
from ari_app.operators import Desk, Operators
from queues.errors import CallTaken, IllegalEvent, QueuesError, UnknownCall, UnknownPause
from queues.vocabulary import (
    AcdEvent,
    CallMovedToHead,
    CallPicked,
    OperatorNotReady,
    OperatorQueuesChanged,
    OperatorReady,
    OperatorSignedOff,
    OperatorState,
    WrapUpExtended,
)
from suar.log import get_logger

_LONGEST_S = 86_400.0

log = get_logger()


class Wish(msgspec.Struct):
    """The body of a wish; each wish reads what it needs."""

    by: str = ""
    reason: str | None = None
    for_s: float | None = None
    queues: list[str] | None = None
    by_s: float = 60.0
    call_id: str = ""
    phone: str | None = None


class FieldInvalid(Exception):
    """A field of the body is not what is needed."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.name = field


def _sign_on(desk: Desk, wish: Wish, operators: Operators) -> Iterator[AcdEvent]:
    if desk.state is OperatorState.SIGNED_OFF:
        queues = _queues(desk, wish)
        own = desk.operator.id
        at = "" if wish.phone in {None, own} else str(wish.phone)
        phone = operators.phone_of(at or own)
        if phone is None:
            raise FieldInvalid("whose phone it is: an operator's id, or null for her own", "phone")
        if (holder := operators.holder_of(at or own)) is not None:
            raise IllegalEvent(f"this phone is in use: {holder.operator.id} is signed on there")
        yield desk.sign_on(queues, at, phone)


def _ready(desk: Desk, wish: Wish, operators: Operators) -> Iterator[AcdEvent]:
    yield from _sign_on(desk, wish, operators)
    yield OperatorReady(desk.operator.id, _ordered_by(desk, wish))


def _not_ready(desk: Desk, wish: Wish, operators: Operators) -> Iterator[AcdEvent]:
    if wish.for_s is not None and not 0 < wish.for_s <= _LONGEST_S:
        raise FieldInvalid(f"more than 0 seconds and at most {_LONGEST_S:g}, or null", "for_s")
    yield from _sign_on(desk, wish, operators)
    yield OperatorNotReady(desk.operator.id, wish.reason or "pause", _ordered_by(desk, wish), wish.for_s)


def _sign_off(desk: Desk, _: Wish, __: Operators) -> Iterator[AcdEvent]:
    if desk.state is not OperatorState.SIGNED_OFF:
        yield OperatorSignedOff(desk.operator.id)


def _change_queues(desk: Desk, wish: Wish, operators: Operators) -> Iterator[AcdEvent]:
    queues = _queues(desk, wish)
    if queues is None:
        raise FieldInvalid("the queues that she serves from now on", "queues")
    if desk.state is OperatorState.SIGNED_OFF:
        yield from _sign_on(desk, wish, operators)
    else:
        yield OperatorQueuesChanged(desk.operator.id, queues)


def _extend(desk: Desk, wish: Wish, _: Operators) -> Iterator[AcdEvent]:
    if not 0 < wish.by_s <= _LONGEST_S:
        raise FieldInvalid(f"more than 0 seconds and at most {_LONGEST_S:g}", "by_s")
    yield WrapUpExtended(desk.operator.id, wish.by_s)


def _pick(desk: Desk, wish: Wish, _: Operators) -> Iterator[AcdEvent]:
    if not wish.call_id:
        raise FieldInvalid("the id of the call that she takes", "call_id")
    yield CallPicked(wish.call_id, desk.operator.id)


WISHES: dict[str, Callable[[Desk, Wish, Operators], Iterator[AcdEvent]]] = {
    "sign-on": _sign_on,
    "ready": _ready,
    "not-ready": _not_ready,
    "sign-off": _sign_off,
    "queues": _change_queues,
    "extend-wrap-up": _extend,
    "pick": _pick,
}


def add_to(app: web.Application, operators: Operators, distribution: Distribution) -> None:
    """Add the doors."""

    async def set_operator(request: web.Request) -> web.Response:
        operator_id, asked = request.match_info["operator"], request.match_info["wish"]
        desk = operators.desk(operator_id)
        if desk is None:
            return error(404, "operator_unknown", f"{operator_id}: the city file has no such operator")
        try:
            wish = await _read(request)
            for event in WISHES[asked](desk, wish, operators):
                distribution.tell(event)
        except FieldInvalid as problem:
            return error(422, "body_invalid", str(problem), problem.name)
        except QueuesError as problem:
            return _refusal(problem)
        log.info("operator_asked", operator=operator_id, wish=asked, reason=wish.reason, by=wish.by or None)
        return web.json_response({"id": operator_id, "state": desk.state.value, "reason": desk.reason})

    async def move_to_head(request: web.Request) -> web.Response:
        call_id = request.match_info["call"]
        try:
            by = (await _read(request)).by
            distribution.tell(CallMovedToHead(call_id, by))
        except FieldInvalid as problem:
            return error(422, "body_invalid", str(problem), problem.name)
        except QueuesError as problem:
            return _refusal(problem)
        log.info("moved_to_head", call_id=call_id, by=by)
        return web.json_response({"call_id": call_id, "position": distribution.positions().get(call_id)})

    app.router.add_post(f"/v1/operators/{{operator}}/{{wish:{'|'.join(WISHES)}}}", set_operator)
    app.router.add_post("/v1/calls/{call}/head", move_to_head)


async def _read(request: web.Request) -> Wish:
    raw = await request.read()
    if not raw:
        return Wish()
    try:
        wish = msgspec.json.decode(raw, type=Wish)
    except msgspec.DecodeError as problem:
        raise FieldInvalid(f'a JSON object, such as {{"reason": null}}: {problem}', "body") from problem
    if wish.reason is not None and len(wish.reason) > 100:
        raise FieldInvalid("a text of at most 100 characters, or null", "reason")
    return wish


def _queues(desk: Desk, wish: Wish) -> tuple[str, ...] | None:
    """Return the queues that were asked for, in the order of her own."""
    if wish.queues is None:
        return None
    own = desk.operator.queues
    if not wish.queues or not set(wish.queues) <= set(own):
        raise FieldInvalid(f"one or more of {', '.join(own)}", "queues")
    return tuple(queue for queue in own if queue in wish.queues)


def _ordered_by(desk: Desk, wish: Wish) -> str:
    return "" if wish.by == desk.operator.id else wish.by


def _refusal(problem: QueuesError) -> web.Response:
    match problem:
        case CallTaken():
            return error(409, "taken", str(problem))
        case UnknownPause():
            return error(422, "body_invalid", str(problem), "reason")
        case UnknownCall():
            return error(409, "not_waiting", str(problem))
        case _:
            return error(409, "operator_cannot", str(problem))

"""A supervisor's acts, from a page or over the API: done, and written down with her name."""

from __future__ import annotations

from typing import Any

from dashboards.errors import BodyInvalid, NotFound
from dashboards.state import Services
from dashboards.supervision import audit, broadcasts

ASKS = ("listen", "whisper", "barge", "take-over", "finish")
FORCED = ("ready", "not-ready", "sign-off")
FORCED_REASON = "supervisor"


async def supervise(services: Services, who: str, call_id: str, ask: str) -> dict[str, Any]:
    """Have her take part in a talk, change how, or end it. Raises NotFound, Conflict or ControllerDown.

    Every ask is written down before it is passed on: an ear that nobody knew of cannot be.
    """
    if ask not in ASKS:
        raise NotFound
    now = services.now()
    await services.db.write(lambda session: audit.note(session, who, f"supervision_{ask}", call_id, now))
    services.hub.publish("audit")
    return await services.controller.supervise(call_id, who, ask)


async def set_operator(
    services: Services, who: str, operator: str, wish: str, reason: str | None
) -> dict[str, Any]:
    """Set an operator's state for her. Raises NotFound, Conflict or ControllerDown."""
    if wish not in FORCED:
        raise NotFound
    if reason is not None and len(reason) > 100:
        raise BodyInvalid("at most 100 characters", "reason")
    reason = (reason or FORCED_REASON) if wish == "not-ready" else None
    done = await services.controller.set_operator(operator, wish, who, {"reason": reason})
    now = services.now()
    await services.db.write(
        lambda session: audit.note(session, who, f"operator_{wish}", operator, now, reason=reason)
    )
    services.hub.publish("audit")
    return done


async def move_to_head(services: Services, who: str, call_id: str) -> dict[str, Any]:
    """Have a waiting caller served next. Raises Conflict or ControllerDown."""
    done = await services.controller.move_to_head(call_id, who)
    now = services.now()
    await services.db.write(lambda session: audit.note(session, who, "moved_to_head", call_id, now))
    services.hub.publish("audit")
    return done


async def take(services: Services, who: str, call_id: str) -> dict[str, Any]:
    """Ring her own phone for a caller who waits. Raises NotFound, Conflict or ControllerDown."""
    done = await services.controller.take(call_id, who)
    now = services.now()
    await services.db.write(lambda session: audit.note(session, who, "took_waiting", call_id, now))
    services.hub.publish("audit")
    return done


async def broadcast(services: Services, who: str, text: str) -> None:
    """Tell every operator something. Raises BodyInvalid."""
    now = services.now()
    await services.db.write(lambda session: broadcasts.send(session, who, text, now))
    services.hub.publish("board", "audit")

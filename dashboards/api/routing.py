"""A route of the REST interface: what it is called, who may use it, what it takes and gives."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from dashboards.errors import BodyInvalid, Forbidden, NotSignedIn
from dashboards.state import SERVICES, SIGNED_IN
from dashboards.users.service import Role
from dashboards.users.sessions import SignedIn

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = TypeVar("Body", bound=BaseModel)

STAFF = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN})
EVERYBODY = STAFF | {Role.AGENCY}
CONTROLLER = "controller"
"""Not a person: the call controller, with its token."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route. Its handler is reached only by those it is for."""

    method: str
    path: str
    handler: Handler
    summary: str
    allowed: frozenset[Role] | str
    """Roles, or ``CONTROLLER``."""
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    query: dict[str, str] = field(default_factory=dict)
    """Query parameters and what they mean."""

    def guarded(self) -> Handler:
        """Return the handler behind its guard."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self._admit(request)
            return await self.handler(request)

        return handle

    def _admit(self, request: web.Request) -> None:
        if isinstance(self.allowed, str):
            expected = f"Bearer {request.app[SERVICES].ingest_token}"
            given = request.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), expected.encode()):
                raise NotSignedIn("send the controller's token: Authorization: Bearer ...")
        elif signed_in(request).role not in self.allowed:
            raise Forbidden


def signed_in(request: web.Request) -> SignedIn:
    """Return who sends the request. Raises NotSignedIn."""
    who: SignedIn | None = request.get(SIGNED_IN)
    if who is None:
        raise NotSignedIn
    return who


async def body(request: web.Request, kind: type[Body]) -> Body:
    """Read the body as ``kind``. Raises BodyInvalid, naming the field; no body is an empty object."""
    raw = await request.read()
    try:
        return kind.model_validate_json(raw or b"{}")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or None
        raise BodyInvalid(first["msg"], where) from error


def answer(model: BaseModel, status: int = 200) -> web.Response:
    """Return a model as JSON."""
    return web.json_response(text=model.model_dump_json(), status=status)

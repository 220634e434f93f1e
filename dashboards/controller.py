"""The link to the call controller: its live picture comes in, the operators' wishes go out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp

from dashboards.errors import BodyInvalid, Conflict, ControllerDown, Forbidden, NotFound, Taken, WebError
from suar.log import get_logger

_ASK_S = 5.0
_CONVERSE_S = 6.0
"""Keys that are pressed for somebody to hear take their time."""
_SILENT_S = 12.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0

log = get_logger()

Picture = dict[str, Any]


class ControllerLink:
    """Keeps the last picture that the controller sent, and knows since when it is stale."""

    def __init__(self, base_url: str, token: str, now: Callable[[], datetime]) -> None:
        self._url = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._pause_s = _FIRST_PAUSE_S
        self.picture: Picture | None = None
        self.stale_since: datetime | None = now()
        """None while pictures come in."""
        self.on_change: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Watch the controller until cancelled."""
        patience = aiohttp.ClientTimeout(total=None, sock_read=_SILENT_S, connect=_ASK_S)
        async with aiohttp.ClientSession(headers=self._headers) as session:
            self._session = session
            try:
                while True:
                    try:
                        await self._watch(session, patience)
                    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                        self._note_lost(type(error).__name__)
                    await asyncio.sleep(self._pause_s)
                    self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
            finally:
                self._session = None

    async def _watch(self, session: aiohttp.ClientSession, patience: aiohttp.ClientTimeout) -> None:
        async with session.get(f"{self._url}/v1/live", timeout=patience) as response:
            response.raise_for_status()
            async for line in response.content:
                if line.startswith(b"data:"):
                    self.picture = json.loads(line[5:])
                    if self.stale_since is not None:
                        log.info("controller_heard")
                        self.stale_since, self._pause_s = None, _FIRST_PAUSE_S
                    self.on_change()
        self._note_lost("stream ended")

    def _note_lost(self, reason: str) -> None:
        if self.stale_since is None:
            log.warning("controller_lost", reason=reason)
            self.stale_since = self._now()
            self.on_change()

    async def set_operator(
        self, operator: str, wish: str, by: str, wishes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Pass on an operator's wish, or a supervisor's for her: ``dashboards.shifts`` has their names.

        Raises NotFound, Conflict, BodyInvalid or ControllerDown.
        """
        path = f"/v1/operators/{quote(operator, safe='')}/{wish}"
        return await self._post(path, {"reason": None, **wishes, "by": by})

    async def move_to_head(self, call_id: str, by: str) -> dict[str, Any]:
        """Have a waiting caller served next. Raises Conflict or ControllerDown."""
        return await self._post(f"/v1/calls/{quote(call_id, safe='')}/head", {"by": by})

    async def dispose(self, call_id: str, disposition: str, by: str) -> None:
        """Have the controller journal what a person said of a call; one that is wound up needs no journal.

        Nobody waits for it and nothing fails without it: the database has it already.
        """
        try:
            await self._post(
                f"/v1/calls/{quote(call_id, safe='')}/disposition", {"disposition": disposition, "by": by}
            )
        except WebError as error:
            log.info("disposition_not_journalled", reason=type(error).__name__)

    async def take(self, call_id: str, supervisor: str) -> dict[str, Any]:
        """Ring a supervisor's phone for a caller who waits. Raises NotFound, Conflict or ControllerDown."""
        path = f"/v1/calls/{quote(call_id, safe='')}/supervisors/{quote(supervisor, safe='')}/take"
        return await self._post(path, {})

    async def supervise(self, call_id: str, supervisor: str, ask: str) -> dict[str, Any]:
        """Pass on what a supervisor asks for; ``mode`` in the answer is null while her phone rings.

        Raises NotFound, Conflict or ControllerDown.
        """
        path = f"/v1/calls/{quote(call_id, safe='')}/supervisors/{quote(supervisor, safe='')}/{ask}"
        return await self._post(path, {})

    async def command(self, call_id: str, name: str, by: str, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """Have a conversation do something; return the call's id and the conversation as it is then.

        Raises NotFound, Forbidden, Conflict, BodyInvalid or ControllerDown.
        """
        path = f"/v1/calls/{quote(call_id, safe='')}/{name}"
        return await self._post(path, {**wishes, "by": by}, _CONVERSE_S)

    async def call_out(self, by: str, wishes: Mapping[str, Any]) -> str:
        """Make a call; return its id. Raises Conflict, BodyInvalid or ControllerDown."""
        return str((await self._post("/v1/calls", {**wishes, "by": by}))["call_id"])

    async def add_claims(self, call_id: str, reading: dict[str, Any]) -> dict[str, Any]:
        """Add what a document says of a caller's place to a call that is not over.

        Raises NotFound, Conflict or ControllerDown.
        """
        return await self._post(f"/v1/calls/{quote(call_id, safe='')}/claims", reading)

    async def _post(self, path: str, body: Mapping[str, Any], patience_s: float = _ASK_S) -> dict[str, Any]:
        if self._session is None:
            raise ControllerDown
        try:
            async with self._session.post(
                self._url + path, json=dict(body), timeout=aiohttp.ClientTimeout(total=patience_s)
            ) as response:
                answer: dict[str, Any] = await response.json()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ControllerDown from error
        if response.status in {200, 201, 202}:
            return answer
        refusal = answer.get("error", {})
        if refusal.get("code") == Taken.code:
            raise Taken(refusal.get("message"))
        kinds: dict[int, type[WebError]] = {403: Forbidden, 404: NotFound, 409: Conflict, 422: BodyInvalid}
        raise kinds.get(response.status, ControllerDown)(refusal.get("message"), refusal.get("field"))

    def call_of(self, operator_id: str) -> dict[str, Any] | None:
        """Return the call that an operator is in, as the picture has it."""
        me = self.operator(operator_id)
        calls = self.picture["calls"] if self.picture and me else []
        return next((one for one in calls if me and one["call_id"] == me["call_id"]), None)

    def operator(self, operator_id: str) -> dict[str, Any] | None:
        """Return what the picture says of an operator."""
        operators = self.picture["operators"] if self.picture else []
        return next((one for one in operators if one["id"] == operator_id), None)

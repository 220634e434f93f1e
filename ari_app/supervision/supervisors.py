"""Which supervisor is on which call, and what each may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from ari_app.calls.call import Call, Phase
from ari_app.calls.ports import Ports
from ari_app.supervision.errors import NobodyThere, NotNow
from ari_app.supervision.media import Mode
from ari_app.supervision.session import Session, Wish
from ari_app.tasks import Tasks
from suar.city import Supervisor
from suar.log import get_logger
from suar.record import stamp

_STOP_S = 5.0
_LEAVE_S = 3.0

log = get_logger()


class Ask(StrEnum):
    """What a supervisor may ask for."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take-over"
    FINISH = "finish"


_WISHES = {
    Ask.LISTEN: Wish(Mode.LISTEN),
    Ask.WHISPER: Wish(Mode.WHISPER),
    Ask.BARGE: Wish(Mode.BARGE),
    Ask.TAKE_OVER: Wish(Mode.BARGE, takes_over=True),
}


class Supervisors:
    """Every supervision that goes on."""

    def __init__(self, ports: Ports, calls: Callable[[], list[Call]], tasks: Tasks) -> None:
        self._ports = ports
        self._calls = calls
        self._tasks = tasks
        self._sessions: dict[str, Session] = {}
        """By supervisor: she has one phone."""
        self._running: set[asyncio.Task[None]] = set()
        self._numbers: dict[str, int] = {}

    def on(self, call_id: str) -> list[dict[str, Any]]:
        """Return who takes part in a call, as the live picture shows it; mode null while her phone rings."""
        return [
            {
                "id": session.supervisor.id,
                "name": session.supervisor.name,
                "mode": session.mode and session.mode.value,
                "since": stamp(session.since),
            }
            for session in self._sessions.values()
            if session.call.id == call_id
        ]

    async def ask(self, call_id: str, supervisor_id: str, ask: Ask) -> Mode | None:
        """Do what a supervisor asks for; return how she takes part now, None while her phone rings.

        Who supervises another call leaves that one. Raises `NobodyThere`, `NotNow` or an `AriError`.
        """
        supervisor = self._ports.city.supervisor(supervisor_id)
        if supervisor is None:
            raise NobodyThere(f"{supervisor_id}: the city file has no such supervisor; add her there")
        session = self._sessions.get(supervisor_id)
        if ask is Ask.FINISH:
            if session is not None and session.call.id == call_id:
                await self._leave(session)
            return None
        call = next((one for one in self._calls() if one.id == call_id), None)
        if call is None:
            raise NobodyThere(f"{call_id}: there is no such call now")
        if call.operator == supervisor_id:
            raise NotNow("you are this call's operator")
        if session is not None and session.call.id == call_id and not session.is_ending:
            await session.switch(_WISHES[ask])
            return session.mode
        if call.phase is not Phase.TALKING:
            raise NotNow("nobody talks with the caller yet")
        if any(one.operator == supervisor_id for one in self._calls()):
            raise NotNow("you talk with another caller, whose call you have taken over")
        if session is not None:
            await self._leave(session)
        await self._check_phone(supervisor)
        self._begin(call, supervisor, _WISHES[ask])
        return None

    async def _check_phone(self, supervisor: Supervisor) -> None:
        endpoint = await self._ports.asterisk.endpoints.get("PJSIP", supervisor.endpoint)
        if endpoint is None or endpoint.state != "online":
            raise NotNow(f"your phone ({supervisor.endpoint}) is not registered")

    def _begin(self, call: Call, supervisor: Supervisor, wish: Wish) -> None:
        if supervisor.id in self._sessions:
            raise NotNow("your phone rings already")
        caller = self._ports.legs.get(call.id)
        if caller is None:
            raise NobodyThere(f"{call.id}: the caller has just hung up")
        session = Session(call, caller, supervisor, self._next_number(call.id), wish, self._ports)
        self._sessions[supervisor.id] = session
        task = self._tasks.create_task(self._run(session), name=f"supervision-{call.id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._ports.on_change()

    async def _run(self, session: Session) -> None:
        try:
            await session.run()
        finally:
            self._forget(session)

    def _forget(self, session: Session) -> None:
        if self._sessions.get(session.supervisor.id) is session:
            del self._sessions[session.supervisor.id]
            self._ports.on_change()

    def _next_number(self, call_id: str) -> int:
        """Return a number that no supervisor on this call has had, from an earlier controller neither."""
        if call_id not in self._numbers:
            alive = {call.id for call in self._calls()}
            self._numbers = {name: count for name, count in self._numbers.items() if name in alive}
            told = [event.type for event in self._ports.outbox.history(call_id)]
            self._numbers[call_id] = told.count("supervision_started") + told.count("supervision_failed")
        self._numbers[call_id] += 1
        return self._numbers[call_id]

    async def _leave(self, session: Session) -> None:
        session.leave()
        async with asyncio.timeout(_LEAVE_S):
            await session.over.wait()
        # Her phone is free: the session's task has only to notice.
        self._forget(session)

    def close_what_was_left_open(self) -> None:
        """After an adoption: supervisions that ended with an earlier controller are told as ended.

        Their channels are orphans, and removed as such. Who had taken a call over is its operator and stays.
        """
        for call in self._calls():
            open_: dict[str, str | None] = {}
            for event in self._ports.outbox.history(call.id):
                supervisor = str(event.data.get("supervisor"))
                if event.type in {"supervision_started", "supervision_changed"}:
                    open_[supervisor] = event.data.get("mode")
                elif event.type == "supervision_ended":
                    open_.pop(supervisor, None)
            for supervisor, mode in open_.items():
                if supervisor not in self._sessions:
                    self._ports.outbox.publish(
                        call.id, "supervision_ended", supervisor=supervisor, mode=mode, why="restarted"
                    )

    async def close(self) -> None:
        """End every supervision; those who talk go on talking."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_STOP_S)

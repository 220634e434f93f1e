"""Which supervisor is on which call, and what each may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import StrEnum
from typing import Any

from ari_app.ari.errors import AriError
from ari_app.ari.events import endpoint_of
from ari_app.calls.adoption import Supervising, Supervision, own_bridge, read_past
from ari_app.calls.call import Call, Phase
from ari_app.calls.ports import Ports
from ari_app.supervision.errors import NobodyThere, NotNow
from ari_app.supervision.media import Mode
from ari_app.supervision.session import Session, TakenUp, Wish
from ari_app.tasks import Tasks
from suar.city import Supervisor
from suar.ids import count_of
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
        self._start(Session(call, caller, supervisor, self._next_number(call.id), wish, self._ports))

    def _start(self, session: Session) -> None:
        self._sessions[session.supervisor.id] = session
        task = self._tasks.create_task(self._run(session), name=f"supervision-{session.call.id}")
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

    async def take_up(self, left: Iterable[Supervising]) -> None:
        """After an adoption: who took part takes part again, in the way that was last written of her.

        Whose phone has gone meanwhile has left; a phone of which nothing is written is put down.
        """
        phones = {(one.call_id, endpoint_of(one.channel)): one for one in left}
        for call in self._calls():
            for name, told in read_past(self._ports.outbox.history(call.id)).supervisions.items():
                supervisor = self._ports.city.supervisor(name)
                phone = phones.get((call.id, supervisor.endpoint)) if supervisor else None
                if name in self._sessions:
                    continue
                if phone is None or supervisor is None:
                    self._close(call.id, name, told.mode, "restarted")
                elif self._carries_the_talk(phone):
                    self._close(call.id, name, told.mode, "took over")
                else:
                    del phones[call.id, supervisor.endpoint]
                    self._take_up(call, supervisor, told, phone)
        for phone in phones.values():
            await self._clear_away(phone)

    def _carries_the_talk(self, phone: Supervising) -> bool:
        return phone.channel.id in self._ports.succession.carriers(phone.call_id)

    async def _clear_away(self, phone: Supervising) -> None:
        asterisk = self._ports.asterisk
        with suppress(AriError):
            if phone.has_bridge:
                await asterisk.bridges.destroy(own_bridge(phone.channel.id))
            if not self._carries_the_talk(phone):
                await asterisk.channels.hangup(phone.channel.id)

    def _take_up(self, call: Call, supervisor: Supervisor, told: Supervision, phone: Supervising) -> None:
        mode = Mode(told.mode)
        if mode is Mode.BARGE and not phone.is_in_talk:
            mode = Mode.LISTEN  # She had left it already, untold: nobody must hear her unawares.
        ago_s = (self._ports.now() - told.began).total_seconds()
        taken_up = TakenUp(mode, self._ports.clock() - ago_s, told.since, phone.has_bridge, phone.snoops)
        number = count_of(phone.channel.id)
        caller = self._ports.legs[call.id]
        self._start(Session(call, caller, supervisor, number, Wish(mode), self._ports, taken_up))

    def _close(self, call_id: str, supervisor: str, mode: str, why: str) -> None:
        self._ports.outbox.publish(call_id, "supervision_ended", supervisor=supervisor, mode=mode, why=why)

    async def close(self) -> None:
        """Let go of every supervision: phones that ring are put down, and who takes part stays as she is."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_STOP_S)

"""The shell around the ACD: the one place where its decisions meet the clock and the calls.

It owns the only `Acd`, arms one timer, and hands each command to the call that it names. Nothing here
awaits, so no two decisions can overlap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec

from ari_app.mailbox import Mailbox
from queues.acd import Acd
from queues.errors import QueuesError
from queues.journal import encode_event
from queues.policy import AcdPolicy
from queues.snapshot import AcdSnapshot, WaitingCall
from queues.vocabulary import (
    AcdCommand,
    AcdEvent,
    AnnounceWait,
    CallAbandoned,
    CallEnded,
    CallOverflowed,
    ClearAlarm,
    ConnectCall,
    OfferCall,
    OperatorStateChanged,
    RaiseAlarm,
    ReleaseOperatorLeg,
    RescindOffer,
)
from suar.log import get_logger

log = get_logger()


@dataclass(frozen=True, slots=True)
class RingElsewhere:
    """Somebody who is no operator of ours may take a waiting caller: ring her phone too."""

    to: str
    """Her id in the city file."""
    endpoint: str
    caller_id: str
    ring_s: int
    variables: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AnsweredElsewhere:
    """She has answered, before any operator did."""

    to: str
    leg_id: str


CallCommand = (
    OfferCall
    | RescindOffer
    | ConnectCall
    | ReleaseOperatorLeg
    | RaiseAlarm
    | CallOverflowed
    | AnnounceWait
    | RingElsewhere
    | AnsweredElsewhere
)


Inbox = Mailbox[CallCommand]
"""The commands for one call, in the order in which the ACD gave them."""


class DecisionJournal:
    """Every event that the ACD was told, with its time: why somebody waited can be replayed."""

    def __init__(self, directory: Path) -> None:
        name = datetime.now(UTC).strftime("decisions-%Y%m%dT%H%M%S.log")
        self._file: TextIO = (directory / name).open("a", buffering=1)
        self.failures = 0

    def write(self, event: AcdEvent | None, now: float) -> None:
        """Write an event, or, without one, that a timer was due."""
        line = {"now": now, "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        if event is not None:
            line |= encode_event(event)
        try:
            self._file.write(msgspec.json.encode(line).decode() + "\n")
        except OSError as error:
            self.failures += 1
            log.error("decision_not_journalled", reason=error.strerror)

    def close(self) -> None:
        self._file.close()


class Distribution:
    """Runs the ACD in real time."""

    def __init__(self, policy: AcdPolicy, journal: DecisionJournal) -> None:
        self._acd = Acd(policy)
        self._journal = journal
        self._inboxes: dict[str, Inbox] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.on_operator: Callable[[OperatorStateChanged], None] = lambda _: None
        self.on_alarm: Callable[[RaiseAlarm | ClearAlarm], None] = lambda _: None
        self.on_change: Callable[[], None] = lambda: None

    def open_inbox(self, call_id: str) -> Inbox:
        """Return where a call's commands will come in."""
        return self._inboxes.setdefault(call_id, Inbox())

    def ask(self, ask: RingElsewhere, call_id: str) -> bool:
        """Have somebody else's phone ring for a caller; False if she does not wait."""
        inbox = self._inboxes.get(call_id)
        if inbox is None or not self.waits(call_id):
            return False
        inbox.put(ask)
        return True

    def close_inbox(self, call_id: str) -> None:
        """Commands for this call are no longer awaited."""
        self._inboxes.pop(call_id, None)

    def tell(self, event: AcdEvent) -> None:
        """Tell the ACD what happened, and hand out what it decides.

        Raises :class:`queues.errors.QueuesError` for an event that cannot be; nothing has changed then.
        """
        now = asyncio.get_running_loop().time()
        self._journal.write(event, now)
        self._carry_out(self._acd.handle(event, now))

    def tell_late(self, event: AcdEvent) -> None:
        """Tell the ACD something that it may have overtaken already: then it is only logged."""
        try:
            self.tell(event)
        except QueuesError as error:
            log.info("acd_event_overtaken", acd_event=type(event).__name__, reason=str(error))

    def release(self, call_id: str) -> None:
        """A call is over, however far it had come: waiting, ringing or talking."""
        for event in (CallAbandoned(call_id), CallEnded(call_id)):
            try:
                self.tell(event)
            except QueuesError:
                continue
            return

    def snapshot(self) -> AcdSnapshot:
        return self._acd.snapshot(asyncio.get_running_loop().time())

    def queues_of(self, operator_id: str) -> tuple[str, ...]:
        """Return the queues that an operator serves today; none if she is not at work."""
        return self._acd.queues_of(operator_id)

    def phone_of(self, operator_id: str) -> str:
        """Return whose phone an operator sits at; "" for her own."""
        return self._acd.phone_of(operator_id)

    def waiting(self) -> dict[str, WaitingCall]:
        """Return everybody who waits, by call."""
        return {one.call_id: one for one in self.snapshot().waiting}

    def positions(self) -> dict[str, int]:
        """Return each waiting call's position in its queue, from 1."""
        return {waiting.call_id: waiting.position for waiting in self.snapshot().waiting}

    def waits(self, call_id: str) -> bool:
        """Whether a caller waits for an operator."""
        return self._acd.waits(call_id)

    def close(self) -> None:
        """Stop the timer and close the journal."""
        if self._timer:
            self._timer.cancel()
        self._journal.close()

    def _on_timer(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        self._journal.write(None, now)
        self._carry_out(self._acd.handle_timeout(now))

    def _carry_out(self, commands: list[AcdCommand]) -> None:
        for command in commands:
            match command:
                case OperatorStateChanged():
                    self.on_operator(command)
                case ClearAlarm():
                    self.on_alarm(command)
                case RaiseAlarm():
                    self.on_alarm(command)
                    if command.call_id:
                        self._hand(command.call_id, command)
                case (
                    OfferCall()
                    | RescindOffer()
                    | ConnectCall()
                    | ReleaseOperatorLeg()
                    | CallOverflowed()
                    | AnnounceWait()
                ):
                    self._hand(command.call_id, command)
        self._arm()
        self.on_change()

    def _hand(self, call_id: str, command: CallCommand) -> None:
        if inbox := self._inboxes.get(call_id):
            inbox.put(command)
        else:
            log.warning("acd_command_unclaimed", command=type(command).__name__, call_id=call_id)

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        due = self._acd.next_timeout()
        self._timer = None if due is None else asyncio.get_running_loop().call_at(due, self._on_timer)

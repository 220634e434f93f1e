"""The call controller, put together: what it is made of and what depends on what."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web

from ari_app import collecting
from ari_app.admission import Admission
from ari_app.alarms import Alarms
from ari_app.ari.connection import AriConnection, AriSettings, Replaced
from ari_app.ari.events import AriEvent
from ari_app.ari.resources import Asterisk
from ari_app.calls.claims import Claims
from ari_app.calls.invites import Invites
from ari_app.calls.legs import Legs
from ari_app.calls.location_servers import LocationServers
from ari_app.calls.ports import APPLICATION, Ports
from ari_app.calls.switchboard import Switchboard
from ari_app.calls.wrap_ups import WrapUps
from ari_app.control import (
    application,
    claiming,
    conversations,
    disposing,
    questioning,
    ruling,
    standing,
    supervising,
    taking,
    watching,
)
from ari_app.conversation.recorder import Recorder
from ari_app.degraded.importer import Importer
from ari_app.disks import Reserve, watch
from ari_app.distribution import DecisionJournal, Distribution
from ari_app.draining import Drain
from ari_app.hearing.listening import Listeners
from ari_app.hearing.questions import Questions
from ari_app.hearing.unheard import Unheard
from ari_app.housekeeping import Housekeeping
from ari_app.leadership import Leadership
from ari_app.live import Live
from ari_app.metrics import Metrics
from ari_app.operators import Operators
from ari_app.outbox import CallEvent, Journal, Outbox, Sender
from ari_app.reloading import Reloading, describe_rules
from ari_app.ringing_tones import RingingTones
from ari_app.roster import Roster
from ari_app.supervision.supervisors import Supervisors
from ari_app.tasks import Tasks
from queues.triage import parse_plan
from queues.vocabulary import ClearAlarm, OperatorStateChanged, RaiseAlarm
from suar import notify
from suar.alarms import Alarm, History, News
from suar.alarms.webhook import Webhook
from suar.city import City, CityFileInvalid, policy_of
from suar.city.reloading import take_up
from suar.log import get_logger
from suar.paths import StateDir
from suar.secret import Secrets

_SETTLE_S = 5.0
_CLOSE_S = 1.0
_SHUTDOWN_S = 2.0

log = get_logger()


class Controller:
    """Everything that one call controller has."""

    def __init__(
        self,
        city: City,
        state: StateDir,
        secrets: Secrets,
        tasks: Tasks,
        leading: Leadership | None = None,
        read: Callable[[], City] | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.city = city
        self.alarms = Alarms()
        self.history = History(state.alarms / "controller.log")
        self.reserve = Reserve(state.journal)
        self.outbox = Outbox(
            Journal(state.journal, reserve=self.reserve),
            on_unwritable=lambda error: self.alarms.raise_(
                "journal_unusable", f"{error}. Calls go on; make room on the disk."
            ),
        )
        self.sender = Sender(
            self.outbox, f"http://{city.network.web_bind}", secrets.ingest_token, on_stalled=self._note_stall
        )
        decisions = DecisionJournal(state.journal)
        self.distribution = Distribution(policy_of(city), decisions)
        self.operators = Operators(city, self.distribution, _now)
        self.roster = Roster(state.operators_file, self.operators.desks)
        self.connection = AriConnection(
            AriSettings(
                f"http://{city.network.asterisk_http_bind}", APPLICATION, "suar", secrets.ari_password
            ),
            on_event=lambda event: self.switchboard.route(event),
            on_connected=self._on_connected,
            on_lost=self._on_lost,
        )
        self.asterisk = Asterisk(self.connection)
        self.tones = RingingTones(self.asterisk, [carrier.id for carrier in city.carriers], tasks)
        self.admission = Admission(city, self.alarms, self.operators.at_work, on_flood=self.tones.note)
        self.wrap_ups = WrapUps()
        self.invites = Invites(
            loop.time, secrets.hep_key, {carrier.cell_header.name for carrier in city.carriers}
        )
        self.ports = Ports(
            invites=self.invites,
            location_servers=LocationServers(_now, city.carriers),
            city=city,
            plan=parse_plan(city.triage.model_dump(), {kind.id for kind in city.kinds}),
            asterisk=self.asterisk,
            outbox=self.outbox,
            distribution=self.distribution,
            alarms=self.alarms,
            admission=self.admission,
            recordings=state.recordings,
            queue_log=state.queue_log,
            legs=Legs(),
            clock=loop.time,
            now=_now,
            wrap_ups=self.wrap_ups,
            desk=self.operators.desk,
            recorder=Recorder(*city.network.ami_bind, "suar-controller", secrets.ami_password),
            on_change=lambda: self.live.touch(),
        )
        self.switchboard = Switchboard(self.ports, tasks)
        self.questions = Questions(self.ports)
        self.listeners = Listeners(self.ports, self.switchboard.find, self.questions, tasks)
        self.unheard = Unheard(self.ports)
        self.supervisors = Supervisors(self.ports, self.switchboard.calls, tasks)
        self.importer = Importer(
            self.ports,
            state.queue_log,
            state.degraded,
            self.switchboard.held,
            sitter=self.operators.sitter_at,
        )
        self.live = Live(
            city.node, self.switchboard.calls, self.distribution.waiting, self.operators, self.alarms, _now
        )
        self.drain = Drain(self.asterisk, self.switchboard.calls, self.alarms)
        self.api = application(
            self.live, self.operators, self.distribution, self.drain, secrets.control_token
        )
        self.webhook = Webhook(city.alarms.webhook_url, secrets.webhook_key, city.node)
        self.metrics = Metrics(
            self.ports, self.switchboard, self.operators, self.live, self.webhook, decisions
        )
        conversations.add_to(
            self.api, self.switchboard.find, self.ports.conversations, self.switchboard.call_out
        )
        self.claims = Claims(self.ports, self.switchboard.find)
        supervising.add_to(self.api, self.supervisors)
        disposing.add_to(self.api, self.outbox)
        standing.add_to(self.api, self.switchboard.find, self.ports)
        questioning.add_to(self.api, self.switchboard.find, self.questions)
        self.reloading = Reloading(self.ports, self.operators, read or (lambda: self.ports.city))
        ruling.add_to(self.api, self.reloading)
        claiming.add_to(self.api, self.claims)
        taking.add_to(self.api, self.ports)
        watching.add_to(self.api, self.metrics, self.live, self.outbox, secrets.metrics_token)
        self.housekeeping = Housekeeping(
            self.alarms,
            self.live,
            self.outbox,
            now=_now,
            clock=loop.time,
            has_heir=leading.has_heir if leading else lambda: False,
            is_one_of_two=leading.is_standby if leading else False,
        )
        self._wire()

    def _wire(self) -> None:
        """Say who is told what."""
        self.live.rules = lambda: describe_rules(self.ports.city)
        self.live.supervisors_on = self.supervisors.on
        self.live.heard_ago_s = lambda: self.connection.heard_ago_s
        self.switchboard.on_other = self._on_other
        self.switchboard.on_key = self.listeners.take_key
        self.switchboard.on_rejoined = self.listeners.begin
        self.distribution.on_operator = self._on_operator
        self.distribution.on_alarm = self._on_alarm
        self.distribution.on_change = self.live.touch
        self.operators.on_change = self.live.touch
        self.alarms.on_change = self.live.touch
        self.alarms.on_news = self._on_news
        self.live.house = self.housekeeping.picture
        self.outbox.on_writable = lambda: self.alarms.clear("journal_unusable")
        self.outbox.on_event = self._on_event

    def _on_other(self, event: AriEvent) -> None:
        self.operators.feed(event)
        self.listeners.feed(event)

    def _on_event(self, event: CallEvent) -> None:
        self.metrics.note(event)
        self.listeners.note(event)

    def restore_alarms(self) -> None:
        """Take up what stood when an earlier controller stopped, or died."""
        self.alarms.restore(self.history.open())
        self.alarms.clear("draining")

    def restore_operators(self) -> None:
        """Bring back to work who was there when an earlier controller stopped."""
        for event in self.roster.restore(self.city):
            self.distribution.tell_late(event)

    async def _on_connected(self) -> None:
        await self.asterisk.applications.subscribe(APPLICATION, self.operators.event_sources())
        await self.operators.look(self.asterisk)
        self.ports.line.started_at = await self.asterisk.system.started_at()
        await self.switchboard.reconcile()
        await self.supervisors.take_up(self.switchboard.take_supervising())
        await self.drain.tell_asterisk()
        await self.tones.tell_asterisk()
        self.ports.line.is_up.set()
        self.alarms.clear("asterisk_lost")
        self.live.note_asterisk(True)

    def _on_lost(self) -> None:
        self.alarms.raise_("asterisk_lost", "Asterisk cannot be reached. Its dialplan looks after new calls.")
        self.ports.line.is_up.clear()
        self.live.note_asterisk(False)

    def _on_news(self, alarm: Alarm, news: News) -> None:
        self.history.note(alarm, news, _now())
        self.webhook.tell(alarm, news)

    def _on_operator(self, change: OperatorStateChanged) -> None:
        self.operators.note(change)
        self.admission.note_operators()
        if (desk := self.operators.desk(change.operator_id)) is not None:
            self.roster.note(desk)
        self.wrap_ups.note(change, asyncio.get_running_loop().time())

    def _on_alarm(self, alarm: RaiseAlarm | ClearAlarm) -> None:
        code = f"{alarm.code.value}:{alarm.operator_id or alarm.call_id}"
        if isinstance(alarm, RaiseAlarm):
            self.alarms.raise_(code, _ALARM_TEXTS[alarm.code.value])
        else:
            self.alarms.clear(code)

    def _note_stall(self, reason: str | None) -> None:
        if reason is None:
            self.alarms.clear("outbox_stalled")
        else:
            text = f"The dashboards take no events ({reason}). Nothing is lost: they wait on the disk."
            self.alarms.raise_("outbox_stalled", text)


_ALARM_TEXTS = {
    "no_operator": "A caller waits and no operator is at work who could take the call.",
    "waiting_too_long": "A caller has waited longer than the target.",
    "pause_overdue": "An operator's pause lasts longer than its reason allows.",
}


@asynccontextmanager
async def running(
    city: City,
    state: StateDir,
    secrets: Secrets,
    leading: Leadership | None = None,
    read: Callable[[], City] | None = None,
) -> AsyncIterator[Controller]:
    """Run a controller for as long as the context lasts; ``read`` reads the city file anew.

    It ends within seconds of being asked to, whatever its calls wait for.
    """
    async with AsyncExitStack() as stack:
        tasks = Tasks()
        controller = Controller(city, state, secrets, tasks, leading, read)
        stack.callback(controller.history.close)
        stack.push_async_callback(controller.outbox.close)
        stack.callback(controller.distribution.close)
        stack.callback(controller.admission.close)
        stack.push_async_callback(controller.roster.close)
        controller.outbox.open()
        controller.restore_alarms()
        controller.restore_operators()
        runner = web.AppRunner(controller.api, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        stack.push_async_callback(runner.cleanup)
        stack.callback(controller.invites.close)
        if controller.ports.location_servers is not None:
            stack.push_async_callback(controller.ports.location_servers.close)
        # Before anything closes that a call may use.
        stack.push_async_callback(tasks.close, _CLOSE_S)
        await controller.invites.listen(city.network.hep_bind)
        await runner.setup()
        bind = city.network.control_bind
        await web.TCPSite(runner, bind.host, bind.port).start()
        async with asyncio.TaskGroup() as services:
            running_services = [
                services.create_task(controller.connection.run(), name="ari"),
                services.create_task(controller.sender.run(), name="sender"),
                services.create_task(controller.operators.mind(controller.asterisk), name="phones"),
                services.create_task(controller.importer.run(), name="importer"),
                services.create_task(
                    watch(
                        {"journal": state.journal, "recordings": state.recordings},
                        controller.reserve,
                        controller.alarms,
                    ),
                    name="disks",
                ),
                services.create_task(controller.webhook.run(), name="webhook"),
                services.create_task(controller.housekeeping.run(), name="housekeeping"),
                services.create_task(controller.metrics.watch_loop(), name="loop-lag"),
                services.create_task(controller.unheard.run(), name="unheard"),
                services.create_task(collecting.run(controller.switchboard.count), name="collecting"),
            ]
            try:
                yield controller
            finally:
                # Calls first, while Asterisk and the disk can still be told.
                if not controller.ports.has_heir:
                    await controller.drain.shut_the_door()
                controller.listeners.close()
                await controller.supervisors.close()
                await controller.switchboard.settle(_SETTLE_S)
                for service in running_services:
                    service.cancel()


async def serve(
    city: City, state: StateDir, secrets: Secrets, read: Callable[[], City], *, standby: bool = False
) -> None:
    """Run a controller until SIGTERM or SIGINT, or until it has been drained; at SIGHUP it reads the city
    file anew.

    A standby first waits until it is needed, and acts by what the file says then. Raises
    :class:`~ari_app.leadership.AnotherLeads`.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    hangup = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hangup.set)
    leading = Leadership(state.journal, f"http://{city.network.control_bind}/healthz", standby=standby)
    entering = asyncio.create_task(leading.__aenter__())
    stopping = asyncio.create_task(stop.wait())
    if standby:
        notify.ready("stands by, or acts")
    await asyncio.wait({entering, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not entering.done():
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
        return
    entering.result()
    try:
        city = _as_the_file_says(city, read) if standby else city
        async with running(city, state, secrets, leading, read) as controller:
            log.info("controller_started", node=city.node, control=str(city.network.control_bind))
            notify.ready("takes calls")
            drained = asyncio.create_task(controller.drain.done.wait())
            obeying = asyncio.create_task(_reload_at(hangup, controller.reloading))
            await asyncio.wait({stopping, drained}, return_when=asyncio.FIRST_COMPLETED)
            drained.cancel()
            obeying.cancel()
            notify.stopping()
            controller.ports.has_heir = leading.has_heir()
            log.info("controller_stopping", has_heir=controller.ports.has_heir)
    except* Replaced:
        # Somebody else acts under our name from here on; whoever started us decides what then.
        log.error("controller_replaced")
    finally:
        stopping.cancel()
        await leading.__aexit__(None, None, None)


async def _reload_at(hangup: asyncio.Event, reloading: Reloading) -> None:
    while True:
        await hangup.wait()
        hangup.clear()
        await reloading.try_to_reload()


def _as_the_file_says(city: City, read: Callable[[], City]) -> City:
    """Return the city by the rules of now: a standby has read the file long ago."""
    try:
        return take_up(city, read()).city
    except CityFileInvalid as error:
        log.error("rules_not_reloaded", reason=str(error))
        return city


def _now() -> datetime:
    return datetime.now(UTC)

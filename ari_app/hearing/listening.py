"""Listens to callers once an operator talks with them, until they are heard; tells who is not.

Told of events as the figures are, it can be missing altogether without harm to a call.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from typing import Protocol

from ari_app.ari.errors import AriError
from ari_app.ari.events import AriEvent, ChannelTalkingStarted
from ari_app.calls.call import Call
from ari_app.calls.ports import Ports
from ari_app.hearing.errors import NotTalking
from ari_app.hearing.questions import ANY_KEY, Questions
from ari_app.hearing.tap import Tap
from ari_app.hearing.voice import FRAME, RATE, Silero, VoiceActivityMissing
from ari_app.outbox import CallEvent
from ari_app.tasks import Tasks
from queues.hearing import Hearing
from suar.log import get_logger

_PERIOD_S = 0.5
_ALONG = 16
"""Callers who are listened to with a model at once; Asterisk listens to the rest, for next to nothing."""
_TALK_DETECT = "TALK_DETECT(set)"

log = get_logger()


class Detector(Protocol):
    """What says how likely speech is: `ari_app.hearing.voice.Silero`."""

    def likelihoods(self, samples: array[int]) -> list[float]: ...

    def close(self) -> None: ...


class Listeners:
    """One task for each caller who is listened to."""

    def __init__(
        self,
        ports: Ports,
        find: Callable[[str], Call | None],
        questions: Questions,
        tasks: Tasks,
        detector: Callable[[], Detector] = Silero,
    ) -> None:
        self._ports = ports
        self._find = find
        self._questions = questions
        self._tasks = tasks
        self._detector = detector
        self._listening: dict[str, asyncio.Task[None]] = {}
        self._along = asyncio.Semaphore(_ALONG)

    def note(self, event: CallEvent) -> None:
        """Take an event of a call: its first talk begins to be listened to, its end ends that."""
        if event.type == "connected":
            call = self._find(event.call_id)
            if call is not None and call.hearing is None:
                self.begin(call)
        elif event.type == "ended":
            self._questions.forget(event.call_id)
            listening = self._listening.get(event.call_id)
            if listening is not None:
                listening.cancel()

    def begin(self, call: Call) -> None:
        """Listen from this moment on, however long the model takes to load, until she is heard.

        To a talk that an earlier controller led, too: whether she was heard there is not known.
        """
        if (
            self._ports.city.silence.detector == "off"
            or call.id in self._listening
            or call.hearing == "heard"
        ):
            return
        tap = Tap(self._ports.recordings / f"{call.id}.raw")
        task = self._tasks.create_task(self._listen(call, tap), name=f"listen-{call.id}")
        self._listening[call.id] = task
        task.add_done_callback(lambda _: self._listening.pop(call.id, None))

    def feed(self, event: AriEvent) -> None:
        """Take an event of Asterisk's own detector."""
        if isinstance(event, ChannelTalkingStarted) and event.channel.id in self._listening:
            call = self._find(event.channel.id)
            if call is not None:
                self._tell_heard(call, "talk_detect")

    def take_key(self, call_id: str, digit: str) -> None:
        """A channel has sent a key."""
        if call := self._find(call_id):
            self._questions.take_key(call, digit)

    def close(self) -> None:
        """Stop listening to everybody."""
        for task in list(self._listening.values()):
            task.cancel()

    async def _listen(self, call: Call, tap: Tap) -> None:
        """A bug in here costs what is known of her silence, and never the call."""
        try:
            async with asyncio.timeout(self._ports.city.silence.listen_s):
                if self._ports.city.silence.detector == "silero" and not self._along.locked():
                    async with self._along:
                        if await self._listen_along(call, tap):
                            return
                await self._have_asterisk_listen(call)
        except TimeoutError:
            pass
        except AriError as error:
            log.info("talk_detect_not_set", call_id=call.id, reason=type(error).__name__)
        except Exception:
            log.exception("listening_failed", call_id=call.id)

    async def _listen_along(self, call: Call, tap: Tap) -> bool:
        """Read along with the recording until she is heard; return False without a detector."""
        try:
            detector = await asyncio.to_thread(self._detector)
        except VoiceActivityMissing as error:
            log.warning("voice_activity_missing", reason=str(error))
            return False
        hearing = Hearing()
        judging = None
        try:
            while True:
                await asyncio.sleep(_PERIOD_S)
                judging = asyncio.ensure_future(asyncio.to_thread(_judge, tap, detector))
                if hearing.take(await asyncio.shield(judging)):
                    self._tell_heard(call, "silero")
                    return True
                # Only what was listened to is silence: a disk that is full says nothing of her.
                if hearing.frames * FRAME / RATE >= self._ports.city.silence.silent_after_s:
                    await self._tell_silent(call, "silero")
        finally:
            # A thread cannot be cancelled: the next caller's voice must not come to a model at work.
            if judging is not None:
                judging.add_done_callback(lambda _: detector.close())

    async def _have_asterisk_listen(self, call: Call) -> None:
        await self._ports.asterisk.channels.set_variable(call.id, _TALK_DETECT, "")
        await asyncio.sleep(self._ports.city.silence.silent_after_s)
        await self._tell_silent(call, "talk_detect")
        await asyncio.Event().wait()  # What comes is told to `feed`; the end cancels this.

    async def _tell_silent(self, call: Call, by: str) -> None:
        if call.hearing is not None:
            return
        call.hearing = "silent"
        self._ports.outbox.publish(call.id, "not_heard", detector=by)
        self._ports.on_change()
        if self._ports.city.silence.ask_by_itself:
            try:
                await self._questions.ask(call, ANY_KEY, "suar")
            except (NotTalking, AriError) as error:
                log.info("silent_caller_not_asked", call_id=call.id, reason=type(error).__name__)

    def _tell_heard(self, call: Call, by: str) -> None:
        if call.hearing == "heard":
            return
        was_silent, call.hearing = call.hearing is not None, "heard"
        if was_silent:
            self._ports.outbox.publish(call.id, "heard", detector=by)
        self._ports.on_change()


def _judge(tap: Tap, detector: Detector) -> list[float]:
    return detector.likelihoods(tap.read())

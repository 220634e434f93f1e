"""Speaks a triage plan to the caller. What to say and when to stop is decided in `queues.triage`."""

from __future__ import annotations

import asyncio

from ari_app.ari.errors import AriRejected
from ari_app.ari.events import AriEvent, ChannelDtmfReceived, PlaybackFinished
from ari_app.calls.call import Call, Phase
from ari_app.calls.legs import Leg
from ari_app.calls.music import start_music, stop_music
from ari_app.calls.ports import Ports
from queues.triage import (
    Classified,
    Digit,
    PlayPrompt,
    PromptFailed,
    PromptFinished,
    StopPrompt,
    TriageCommand,
    TriageDialogue,
)
from suar.log import get_logger

log = get_logger()


async def ask(call: Call, caller: Leg, ports: Ports) -> Classified:
    """Lead the caller through the plan. Returns within the plan's limit, whatever she does.

    Raises :class:`~ari_app.ari.errors.ResourceGone` if she has hung up.
    """
    dialogue = TriageDialogue(ports.plan)
    ports.enter(call, Phase.TRIAGE)
    playing: str | None = None
    commands = dialogue.start(ports.clock())
    while True:
        for command in commands:
            match command:
                case PlayPrompt(prompt=prompt, language=language):
                    playing = await _play(call, ports, prompt, language)
                    if playing is None:
                        commands = dialogue.handle(PromptFailed(), ports.clock())
                        break
                case StopPrompt():
                    if playing:
                        await ports.asterisk.playbacks.stop(playing)
                        playing = None
                case Classified():
                    await ports.outbox.publish(
                        call.id,
                        "triaged",
                        kind=command.kind,
                        language=command.language,
                        digits=command.digits,
                        outcome=str(command.outcome),
                    )
                    return command
        else:
            commands = await _next(dialogue, call, caller, playing, ports)


async def _play(call: Call, ports: Ports, prompt: str, language: str) -> str | None:
    """Start a prompt; return its playback's id, or None if Asterisk will not play it."""
    await stop_music(call, ports)
    playback_id = call.next_playback()
    try:
        await ports.asterisk.channels.play(
            call.id, f"sound:suar/{prompt}", playback_id=playback_id, language=language
        )
    except AriRejected as error:
        log.error("prompt_not_played", prompt=prompt, status=error.status)
        return None
    return playback_id


async def _next(
    dialogue: TriageDialogue, call: Call, caller: Leg, playing: str | None, ports: Ports
) -> list[TriageCommand]:
    """Wait for the caller, the prompt or the clock, and return what the dialogue wants then."""
    due = dialogue.next_timeout()
    try:
        async with asyncio.timeout(None if due is None else max(due - ports.clock(), 0.0)):
            while (event := _translate(await caller.hear(), playing)) is None:
                pass
    except TimeoutError:
        return dialogue.handle_timeout(ports.clock())
    if isinstance(event, PromptFinished):
        await start_music(call, ports)  # She thinks; it must not be silent meanwhile.
    return dialogue.handle(event, ports.clock())


def _translate(event: AriEvent, playing: str | None) -> Digit | PromptFinished | PromptFailed | None:
    match event:
        case ChannelDtmfReceived(digit=digit):
            return Digit(digit)
        case PlaybackFinished(playback=playback) if playback.id == playing:
            return PromptFinished() if playback.state == "done" else PromptFailed()
        case _:
            return None

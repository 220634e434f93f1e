"""The triage plan on the degraded path: Asterisk starts this for a caller, with nothing else of ours running.

    python -m agi.triage TRIAGE.JSON JOURNAL-FOLDER      (over AGI's standard streams)

It may only ever help. The dialplan has armed the dead man's switch, and music plays: a script that does not
start, hangs or dies costs the caller seconds, not her place. What takes time, prompts and her thinking, is
the dialplan's own (`play` and `wait` in `[degraded]`), which arms the switch anew before it answers.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from agi.call_journal import CallJournal
from agi.channel import Channel
from agi.errors import AgiRefused, CallerGone
from queues.triage import (
    Classified,
    Digit,
    PlayPrompt,
    PromptFailed,
    PromptFinished,
    StopPrompt,
    TriageCommand,
    TriageDialogue,
    parse_plan,
)

_GIVE_UP_S = 120


class DegradedTriage:
    """Leads one caller through the plan and leaves the answer in the channel's variables."""

    def __init__(self, channel: Channel, journal: CallJournal | None, config: Mapping[str, Any]) -> None:
        self._channel = channel
        self._journal = journal
        self._config = config
        self._plan = parse_plan(config["triage"], config["kinds"])

    def run(self) -> Classified:
        """Ask the caller. Raises :class:`~agi.errors.CallerGone`."""
        self._write_offered()
        dialogue = TriageDialogue(self._plan)
        commands = dialogue.start(time.monotonic())
        while True:
            event = None
            for command in commands:
                match command:
                    case PlayPrompt(prompt=prompt, language=language):
                        event = self._play(prompt, language)
                    case StopPrompt():
                        pass  # The key has stopped it.
                    case Classified():
                        self._tell(command)
                        return command
            commands = self._next(dialogue, event)

    def _next(
        self, dialogue: TriageDialogue, event: Digit | PromptFinished | PromptFailed | None
    ) -> list[TriageCommand]:
        if event is not None:
            return dialogue.handle(event, time.monotonic())
        due = dialogue.next_timeout()
        patience_s = 0.0 if due is None else max(due - time.monotonic(), 0.0)
        key = self._channel.wait_for_key(patience_s)
        now = time.monotonic()
        return (
            dialogue.handle_timeout(max(now, due or now)) if key is None else dialogue.handle(Digit(key), now)
        )

    def _play(self, prompt: str, language: str) -> Digit | PromptFinished | PromptFailed:
        if not (Path(self._config["sounds"]) / language / "suar" / f"{prompt}.wav").is_file():
            return PromptFailed()
        self._channel.set("CHANNEL(language)", language)
        try:
            key = self._channel.play(f"suar/{prompt}")
        except AgiRefused:
            return PromptFailed()
        return PromptFinished() if key is None else Digit(key)

    def _tell(self, found: Classified) -> None:
        """Leave the answer where the dialplan finds it: the queue that serves this need."""
        queue = self._config["queues"].get(f"{found.kind}:{found.language}", "degraded")
        self._channel.set("SUAR_QUEUE", queue)
        self._channel.set("CHANNEL(language)", found.language)
        self._write(
            "triaged",
            kind=found.kind,
            language=found.language,
            digits=found.digits,
            outcome=str(found.outcome),
        )

    def _write_offered(self) -> None:
        env = self._channel.env
        number = env.get("agi_callerid", "")
        self._write(
            "offered",
            carrier=self._channel.get("SUAR_CARRIER") or None,
            dialled=self._channel.get("SUAR_DIALLED"),
            number=None if number in {"", "unknown"} else number,
            presentation=self._channel.get("CALLERID(num-pres)"),
            sip_call_id=self._channel.get("CHANNEL(pjsip,call-id)"),
        )

    def _write(self, type_: str, **data: Any) -> None:
        """A disk that is full must not cost the caller her triage: Asterisk writes the call down, too."""
        if self._journal is not None:
            with suppress(OSError):
                self._journal.write(type_, **data)


def main(arguments: list[str]) -> int:
    """Serve the caller of the standard streams. Always returns 0: the dialplan goes on whatever happened."""
    # A process that outlives its caller by this much ends itself.
    signal.alarm(_GIVE_UP_S)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    config_file, journal_folder = arguments
    journal: CallJournal | None = None
    try:
        channel = Channel(sys.stdin.buffer, sys.stdout.buffer)
        with suppress(OSError):
            journal = CallJournal(Path(journal_folder), channel.call_id)
        DegradedTriage(channel, journal, json.loads(Path(config_file).read_text())).run()
    except CallerGone:
        pass
    finally:
        if journal is not None:
            journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

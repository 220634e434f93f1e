"""Questions for a caller who cannot speak: spoken to her alone, answered with a key.

The first asks, in Indonesian, Javanese and English, to press any key or to tap; the others are answered with
1 for yes and 2 for no. Nothing ends her call, and nothing is concluded from no answer.
"""

from __future__ import annotations

from ari_app.calls.call import Call, Phase
from ari_app.calls.ports import Ports
from ari_app.hearing.errors import NoSuchQuestion, NotTalking
from suar.log import get_logger

ANY_KEY = "silent-ask"
QUESTIONS = (
    ANY_KEY,
    "yesno-hear",
    "yesno-danger",
    "yesno-hurt",
    "yesno-attacker",
    "yesno-fire",
    "yesno-home",
)
_REPLIES = {"1": "yes", "2": "no"}

log = get_logger()


class Questions:
    """What callers were asked, and what they pressed."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._until: dict[str, float] = {}

    async def ask(self, call: Call, question: str, by: str) -> None:
        """Speak a question to a caller who is connected.

        Raises :class:`NoSuchQuestion`, :class:`NotTalking`, :class:`~ari_app.ari.errors.AriError`.
        """
        if question not in QUESTIONS:
            raise NoSuchQuestion(f"{question}: one of {', '.join(QUESTIONS)}")
        if call.phase is not Phase.TALKING:
            raise NotTalking(f"{call.id}: nobody talks with her now")
        ports = self._ports
        call.question, call.reply = question, None
        self._until[call.id] = ports.clock() + ports.city.silence.reply_s
        for prompt, language in _spoken(question, call.language):
            playback_id = call.next_question()
            await ports.asterisk.channels.play(
                call.id,
                f"sound:suar/{prompt}",
                playback_id=playback_id,
                language=language,
                is_alone=False,
            )
        ports.outbox.publish(call.id, "asked", question=question, by=by)
        ports.on_change()

    def take_key(self, call: Call, digit: str) -> None:
        """A caller has pressed a key: an answer if she was asked, and in any case a sign of her."""
        ports = self._ports
        if call.phase is not Phase.TALKING:
            return
        until = self._until.pop(call.id, None)
        if until is not None and ports.clock() <= until and call.question is not None:
            call.reply = _REPLIES.get(digit, "key") if call.question != ANY_KEY else "key"
            ports.outbox.publish(call.id, "replied", question=call.question, reply=call.reply)
        if call.hearing != "heard":
            call.hearing = "key"
        ports.on_change()

    def forget(self, call_id: str) -> None:
        """A call is over."""
        self._until.pop(call_id, None)


def _spoken(question: str, language: str) -> list[tuple[str, str]]:
    """Return what is spoken for a question: prompts, each with its language."""
    if question != ANY_KEY:
        return [(question, language)]
    return [(ANY_KEY, "id"), (f"{ANY_KEY}-javanese", "id"), (ANY_KEY, "en")]

"""A caller's channel over AGI: pyst2's class with its faults met in one place.

What pyst2 0.5.1 does and we must not: it installs a signal handler wherever it is made, which raises off the
main thread; it takes binary streams and cannot write to them; it sends a quotation mark or a line feed inside
a value as it is, which is a command of its own to Asterisk; it answers a hang-up with ``ValueError``, or with
an error that is none of its own; and it writes every variable of the caller to the standard error.
"""

from __future__ import annotations

import io
import re
from typing import IO, Any

from asterisk.agi import AGI, AGIError, AGIHangup

from agi.errors import AgiRefused, CallerGone

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_SHORTEST_S = 0.001
"""To Asterisk, 0 is for ever."""
_DEAD = ("511", "HANGUP")
_ON_ITS_WAY = "100"


class Channel(AGI):  # type: ignore[misc]  # pyst2 has no types.
    """One caller, for a script that Asterisk has started for her.

    Every method raises :class:`~agi.errors.CallerGone` once she has left, and
    :class:`~agi.errors.AgiRefused` for what Asterisk refuses.
    """

    def __init__(self, stdin: IO[Any], stdout: IO[Any]) -> None:
        """Take the two streams, text or binary, and read the variables that Asterisk sends first."""
        self.stdin = _text(stdin)
        self.stdout = _text(stdout)
        self.stderr = _Silence()
        self.env: dict[str, str] = {}
        self._got_sighup = False
        try:
            self._get_agi_env()
        except (ValueError, OSError) as error:
            raise AgiRefused(f"Asterisk's greeting cannot be read: {error}") from error
        if "agi_uniqueid" not in self.env:
            raise CallerGone

    @property
    def call_id(self) -> str:
        return self.env["agi_uniqueid"]

    def play(self, sound: str) -> str | None:
        """Play ``sound``, such as ``suar/waiting``, to its end or to the first key; return the key."""
        return self._have_asked("play", sound)

    def wait_for_key(self, patience_s: float) -> str | None:
        """Return the key that the caller presses, or None; what she hears goes on."""
        return self._have_asked("wait", f"{max(patience_s, _SHORTEST_S):.3f}")

    def _have_asked(self, how: str, argument: str) -> str | None:
        """Have the dialplan do it: it has music and the dead man's switch ready before it answers."""
        self._ask("GOSUB", "degraded", how, "1", _quoted(argument))
        return self.get("GOSUB_RETVAL") or None

    def set(self, name: str, value: str) -> None:
        """Set a channel variable or a function, such as ``TIMEOUT(absolute)``."""
        self._ask("SET VARIABLE", _quoted(name), _quoted(value))

    def get(self, name: str) -> str:
        """Return a channel variable's or a function's value; the empty string if it is not set."""
        answer = self._ask("GET FULL VARIABLE", _quoted(f"${{{name}}}"))
        found = answer.get("result", ("0", ""))
        return str(found[1]) if found[0] == "1" else ""

    def _ask(self, command: str, *arguments: str) -> dict[str, tuple[str, str]]:
        try:
            self.send_command(command, *arguments)
            answer: dict[str, tuple[str, str]] = self.get_result()
        except AGIHangup as error:
            raise CallerGone from error
        except AGIError as error:
            raise AgiRefused(f"{command}: {error}") from error
        except (OSError, ValueError) as error:
            raise CallerGone from error
        return answer

    def get_result(self, stdin: IO[str] | None = None) -> dict[str, tuple[str, str]]:
        """Read one answer. Overrides pyst2's, which knows neither the end nor a dead channel."""
        line = self.stdin.readline()
        while line.startswith(_ON_ITS_WAY):
            line = self.stdin.readline()
        if not line or line.startswith(_DEAD):
            raise CallerGone
        code, _, rest = line.strip().partition(" ")
        if not code.startswith("200"):
            raise AgiRefused(_CONTROL.sub(" ", line).strip() or "an empty answer")
        found = re.match(r"result=(-?\d+)(?:\s*\((.*)\))?", rest)
        if found is None:
            raise AgiRefused(f"not understood: {rest}")
        value, data = found[1], found[2] or ""
        if value == "-1" or data == "hangup":
            raise CallerGone
        return {"result": (value, data)}


class _Silence(io.StringIO):
    """Where pyst2 may say what it likes: the caller's variables are nobody's business."""

    def write(self, text: str, /) -> int:
        return len(text)


def _text(stream: IO[Any]) -> IO[str]:
    """Return a text stream for a text or binary one; what is no UTF-8 is replaced, never an error."""
    if isinstance(stream, io.TextIOBase):
        return stream
    return io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="\n", write_through=True)


def _quoted(text: str) -> str:
    """Return one argument, whatever it holds: a value can never become a command."""
    plain = _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'

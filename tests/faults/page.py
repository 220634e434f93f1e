"""``docs/faults.md``: the table, how it came about, and what misses its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.faults.row import HEADINGS, Row

_LONGEST = 400


@dataclass
class Result:
    """What became of one fault."""

    row: Row
    missed: list[str]
    """What misses its figure."""
    missed_at_first: list[str] = field(default_factory=list)
    """Times that were missed beside other faults, and are not when it comes alone."""


@dataclass(frozen=True)
class Circumstances:
    """Under which the suite was run."""

    times: int
    lanes: int
    operators: int
    took_s: float
    busy: float
    """The share of the time in which somebody on the machine waited for a processor."""


def render(results: Sequence[Result], under: Circumstances) -> str:
    """Return the page."""
    often = "once" if under.times == 1 else f"{under.times} times"
    lines = [
        "| " + " | ".join(HEADINGS) + " |",
        "|" + " --- |" * len(HEADINGS),
        *(result.row.as_line() for result in results),
    ]
    missed = [f"* {one.row.fault}: {what.strip()[-_LONGEST:]}" for one in results for what in one.missed]
    again = [f"* {one.row.fault}: {'; '.join(one.missed_at_first)}" for one in results if one.missed_at_first]
    at_once = "one fault at a time" if under.lanes == 1 else f"{under.lanes} faults at once"
    parts = [
        f"""# What happens when a part fails

Written by `make faults` on {datetime.now(UTC):%Y-%m-%d}, in {under.took_s / 60:.0f} minutes, {at_once};
during {under.busy:.0%} of that time somebody on the machine waited for a processor. Real Asterisk, SIPp
callers with voices, {under.operators} operators. Each fault comes {often} at a random moment, with callers
in the menu, waiting, ringing, talking, on hold, and operators in their wrap-up; more call meanwhile. Who is
cut off or never hears a human is lost. Silence is measured in what she received: *waiting* from the answer
until she first hears a human, *talking* from then until she hangs up, with an operator's line that is dead
in it until Asterisk notices, and what she waits again after that. The first audio is the first sound that a
new caller hears, from the network's first word. *Next human* is from the fault until somebody who waits
reaches an operator, what is left of operators' talks included: for so long nobody is served. Counts are of
all times together, times are the worst.
Of the recordings that are missing, *marked* says how many incidents say so, *alarmed* whether an alarm did.
Asterisk writes a second of sound at a time: of who called within three seconds before its death, a
recording that is marked as missing is not counted.
""",
        "\n".join(lines),
        "\n## What misses its figure\n",
        "\n".join(missed or ["Nothing."]),
    ]
    if again:
        parts += [
            "\n## What took too long beside other faults, and not alone\n",
            "\n".join(again),
        ]
    return "\n".join(parts) + "\n"

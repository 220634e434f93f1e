"""One row of the table: a crowd, a fault at a random moment, and what the callers and the city say of it."""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from dataclasses import asdict, dataclass, field

import aiohttp

from suar.asterisk.errors import NotRunning
from suar.demo.web import DemoFailed
from tests.bench.bed import percentile
from tests.faults.bed import Bed
from tests.faults.crowd import Crowd, Person
from tests.faults.fault import Fault

_TALKERS_S = 14.0
_HURRIED_S = (3.0, 8.0)
_SERVED_S = 75.0
_BUFFERED_S = 3.0
"""To be answered, and a second of both voices."""
_LISTED_WITHIN_S = 20.0
_SETTLED_S = 3.0
_SILENCE_S = 2.0


@dataclass
class Row:
    """What is printed."""

    fault: str
    times: int = 1
    in_flight: int = 0
    lost: int = 0
    on_callback_list: int = 0
    listed_after_s: float = 0.0
    """Until the last of the lost was on the callback list, from Asterisk's return."""
    silence_waiting_s: float = 0.0
    """The longest that anybody heard before she had a human at the other end."""
    silence_talking_s: float = 0.0
    """The longest after that: her operator's line may be what is broken."""
    to_human_p99_s: float = 0.0
    next_human_s: float = 0.0
    """From the fault until somebody reached a human again: what is left of operators' talks is in it."""
    first_audio_s: float = 0.0
    """Of those who called during the fault, from the network's first word to the first sound."""
    incidents_missing: int = 0
    incidents_doubled: int = 0
    recordings_missing: int = 0
    marked: int = 0
    """Those of them of which the incident says that they are missing."""
    alarmed: bool = False
    """Whether an alarm was raised of a recording."""
    orphans: int = 0
    normal_after_s: float = 0.0
    silent_to: list[str] = field(default_factory=list)
    """Who heard nothing for too long, when, and for how long."""
    why_lost: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    whose_missing: list[str] = field(default_factory=list)
    """Callers whose incident or recording is missing, with what the database has of them."""
    seen_lost: int = 0
    """Those of the lost whom Asterisk had answered: of the others it cannot know."""

    def as_line(self) -> str:
        values = asdict(self)
        title = values.pop("fault")
        for name in ("why_lost", "silent_to", "seen_lost", "left_behind", "whose_missing"):
            del values[name]
        values["alarmed"] = ("yes" if self.alarmed else "no") if self.recordings_missing else ""
        shown = (f"{value:.1f}" if isinstance(value, float) else str(value) for value in values.values())
        return f"| {title} | {' | '.join(shown)} |"

    def complaints(self, fault: Fault) -> list[str]:
        """Return what misses its figure."""
        return [*self.counted(fault), *self.timed(fault)]

    def counted(self, fault: Fault) -> list[str]:
        """Return what is lost, missing or left behind, however busy the machine was."""
        found = []
        if self.lost and not fault.kills_calls:
            found.append(f"{self.lost} callers lost: {'; '.join(self.why_lost)}")
        if fault.kills_calls and self.on_callback_list < self.seen_lost:
            found.append(f"{self.seen_lost} lost, {self.on_callback_list} on the callback list")
        if self.left_behind:
            found.append(f"left behind: {'; '.join(self.left_behind)}")
        for name in ("incidents_missing", "incidents_doubled"):
            if getattr(self, name):
                found.append(f"{getattr(self, name)} {name}")
        if self.recordings_missing and not fault.recordings_may_fail:
            found.append(f"{self.recordings_missing} recordings missing")
        if self.marked < self.recordings_missing:
            found.append(f"{self.recordings_missing - self.marked} recordings missing without a word")
        if self.recordings_missing and not self.alarmed:
            found.append("recordings missing without an alarm")
        if found and self.whose_missing:
            found.append(f"missing of {'; '.join(self.whose_missing)}")
        return found

    def timed(self, fault: Fault) -> list[str]:
        """Return what took too long: on a busy machine, this says as much of the machine."""
        found = []
        if self.listed_after_s > 10.0:
            found.append(f"{self.listed_after_s:.1f} s until they were on the callback list")
        if self.silence_waiting_s > _SILENCE_S:
            found.append(f"{self.silence_waiting_s:.1f} s of silence while waiting")
        if self.silence_talking_s > _SILENCE_S and not fault.falls_silent:
            found.append(f"{self.silence_talking_s:.1f} s of silence while talking")
        if found and self.silent_to:
            found.append(f"silence for {'; '.join(self.silent_to)}")
        if self.first_audio_s > 1.0:
            found.append(f"{self.first_audio_s:.1f} s until a new caller heard anything")
        return found

    def merged(self, other: Row) -> Row:
        """Return what both times were together: the sum of what went wrong, the worst of the times."""
        both = Row(self.fault, self.times + other.times, min(self.in_flight, other.in_flight))
        for name in ("lost", "seen_lost", "on_callback_list", "incidents_missing", "incidents_doubled",
                     "recordings_missing", "marked", "orphans", "why_lost", "silent_to",
                     "left_behind", "whose_missing"):  # fmt: skip
            setattr(both, name, getattr(self, name) + getattr(other, name))
        for name in ("listed_after_s", "silence_waiting_s", "silence_talking_s", "to_human_p99_s",
                     "next_human_s", "first_audio_s", "normal_after_s", "alarmed"):  # fmt: skip
            setattr(both, name, max(getattr(self, name), getattr(other, name)))
        return both


HEADINGS = (
    "fault", "times", "calls in flight", "lost", "on the callback list", "after (s)",
    "longest silence waiting (s)", "talking (s)", "to a human, p99 (s)", "next human (s)", "first audio (s)",
    "incidents missing", "doubled", "recordings missing", "marked", "alarmed", "orphans", "normal after (s)",
)  # fmt: skip


async def run(bed: Bed, fault: Fault, series: int, size: int) -> Row:
    """Run one fault against a crowd of ``size``; some more call while it lasts."""
    row = Row(fault.name)
    crowd = Crowd(bed, series, silence_is_an_end=not fault.falls_silent)
    async with bed.staffed():
        await _everybody_ready(bed)
        operators = len(bed.operators)
        # Some operators are free again when the fault comes: they wrap up, and are rung.
        hurried = operators // 3
        crowd.call(operators - hurried, talks_s=_TALKERS_S)
        for _ in range(hurried):
            crowd.call(1, talks_s=random.uniform(*_HURRIED_S))
        await asyncio.sleep(4.0)
        await bed.hold_somebody()
        crowd.call((size - operators) // 2)
        await asyncio.sleep(2.0 + random.random())
        crowd.call((size - operators) // 4, presses_after_s=None)
        crowd.call((size - operators) // 4, presses_after_s=2.5)
        await asyncio.sleep(1.0 + random.random())
        row.in_flight = crowd.in_flight()
        before, began = list(crowd.people), time.monotonic()
        listed = asyncio.create_task(_watch_callback_list(bed)) if fault.kills_calls else None
        doing = asyncio.create_task(fault.do(bed))
        for _ in range(max(1, size // 9)):
            await asyncio.sleep(0.7)
            crowd.call(1)
        row.normal_after_s = await _normal_after(bed, began)
        await doing
        await _everybody_ready(bed)
        await crowd.all_served(_SERVED_S)
    _judge_callers(row, crowd, before, began)
    unbuffered = _unbuffered(before, began) if fault.kills_calls else set()
    await _judge_city(bed, row, crowd, unbuffered, fault.recordings_may_fail)
    if listed is not None:
        row.listed_after_s = await listed
    return row


async def _watch_callback_list(bed: Bed) -> float:
    """Return how long after Asterisk's return the last caller was put on the callback list, within 20 s."""
    died = time.monotonic()
    while await _up_for_s(bed) > time.monotonic() - died:
        await asyncio.sleep(0.1)
    returned, last, known = time.monotonic(), 0.0, 0
    while time.monotonic() < returned + _LISTED_WITHIN_S:
        count = sum(bool(one["lost"]) for one in await asyncio.to_thread(bed.rows))
        if count > known:
            known, last = count, time.monotonic() - returned
        await asyncio.sleep(0.25)
    return last


async def _up_for_s(bed: Bed) -> float:
    """Return how long Asterisk has been there; infinity while it is not, or is still starting."""
    try:
        said = await bed.cli("core show uptime seconds")
        uptime = re.search(r"System uptime: (\d+)", said)
        if uptime is None or "fully booted" not in await bed.cli("core waitfullybooted"):
            return math.inf
    except NotRunning:
        return math.inf
    return float(uptime[1])


async def _everybody_ready(bed: Bed) -> None:
    """Whoever a fault has made not ready comes back, as a person would."""
    for name in bed.operators:
        for _ in range(20):
            try:
                await bed.web.set_operator(name, "ready")
                break
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.5)


async def _normal_after(bed: Bed, began: float) -> float:
    """Return when the controller and the dashboards both say that all is well."""
    for _ in range(200):
        try:
            async with asyncio.timeout(2):
                await bed.web.wait_until_up()
                break
        except (DemoFailed, aiohttp.ClientError, OSError):
            await asyncio.sleep(0.2)
    return time.monotonic() - began


def _judge_callers(row: Row, crowd: Crowd, before: list[Person], began: float) -> None:
    waits, met = [], []
    for person in crowd.people:
        if person.was_lost:
            row.lost += 1
            row.seen_lost += person.report is not None and person.report.was_answered
            row.why_lost.append(person.why_lost())
        report = person.report
        if report is None:
            continue
        if not person.was_cut_off:
            # Who was cut off hears nothing for as long as she stays: she is counted as lost.
            waiting_s, talking_s = person.silences_s()
            row.silence_waiting_s = max(row.silence_waiting_s, waiting_s)
            row.silence_talking_s = max(row.silence_talking_s, talking_s)
            if max(waiting_s, talking_s) > _SILENCE_S:
                times = f"waiting {waiting_s:.1f} s, talking {talking_s:.1f} s"
                row.silent_to.append(f"{person.number} {times}, called {person.began - began:+.1f} s")
        if person not in before and report.first_sound_after_s is not None:
            row.first_audio_s = max(row.first_audio_s, report.first_sound_after_s)
        if person.human_at is not None and person.human_at > began:
            waits.append(person.human_at - max(began, person.began))
            met.append(person.human_at - began)
    if waits:
        row.next_human_s = min(met)
        row.to_human_p99_s = percentile(waits, 0.99)


def _unbuffered(before: list[Person], began: float) -> set[str]:
    """Return the numbers of those who had just called: Asterisk's buffer, a second of sound, dies with it."""
    return {one.number for one in before if one.began > began - _BUFFERED_S}


async def _judge_city(
    bed: Bed, row: Row, crowd: Crowd, unbuffered: set[str], recordings_may_fail: bool
) -> None:
    """Judge what is left of the calls; of the ``unbuffered`` it is enough that the recording is marked."""
    for _ in range(20):
        row.left_behind = await bed.left_behind()
        row.orphans = len(row.left_behind)
        if not row.orphans:
            break
        await asyncio.sleep(0.5)
    # Who never got through to an Asterisk that was down is her carrier's to bring again.
    numbers = {one.number for one in crowd.people if one.report is not None and one.report.was_answered}
    quiet_s, last = 0.0, None
    for _ in range(40):
        rows = [one for one in await asyncio.to_thread(bed.rows) if one["number"] in numbers]
        told = {one["number"] for one in rows if one["disposition"]}
        kept = {one["number"] for one in rows if one["recording"]}
        marked = {one["number"] for one in rows if one["recording_problem"]}
        if told == numbers and kept == numbers:
            break
        # Of those that may fail, a warning may come before the recording itself.
        may_fail = numbers if recordings_may_fail else unbuffered
        quiet_s, last = (quiet_s + 0.5, kept) if kept == last else (0.0, kept)
        if told == numbers and numbers - kept <= may_fail & marked and quiet_s >= _SETTLED_S:
            break
        await asyncio.sleep(0.5)
    by_number = {one["number"]: one for one in rows}
    row.whose_missing = [f"{one}: {by_number.get(one)}" for one in sorted(numbers - (told & kept))]
    row.incidents_missing = len(numbers - told)
    row.incidents_doubled = len(rows) - len({one["number"] for one in rows})
    missing = numbers - kept - (unbuffered & marked)
    row.recordings_missing, row.marked = len(missing), len(missing & marked)
    row.alarmed = await asyncio.to_thread(bed.was_alarmed, "recording_failed")
    row.on_callback_list = sum(bool(one["lost"]) for one in rows)

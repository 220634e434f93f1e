"""Did the stories come true? Compares what was stored with what had to be."""

from __future__ import annotations

import time
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suar.asterisk.process import Asterisk
from suar.demo.phones.ear import level_dbfs
from suar.demo.stories import Story

_AUDIBLE_DBFS = -40.0
_LONGEST_TEST_CALL_S = 30


def shortcomings(stories: list[Story], incidents: list[dict[str, Any]], recordings: Path) -> Iterator[str]:
    """Yield what is missing or wrong, in words; nothing if all is well."""
    if len(incidents) != len(stories):
        yield f"{len(incidents)} incidents instead of {len(stories)}"
    for story in stories:
        found = [one for one in incidents if one["carrier"] == story.carrier]
        if not found:
            yield f"{story.title}: no incident"
            continue
        yield from (f"{story.title}: {what}" for what in _differences(story, found[0], recordings))


def _differences(story: Story, incident: dict[str, Any], recordings: Path) -> Iterator[str]:
    wanted = story.expected
    seen = {
        "kind": incident["kind"],
        "language": incident["language"],
        "location": incident["location"].get("source"),
        "disposition": incident["disposition"],
    }
    for name, value in seen.items():
        if value != getattr(wanted, name):
            yield f"{name} is {value}, not {getattr(wanted, name)}"
    call = incident["calls"][0]
    if not call["has_recording"]:
        yield f"no recording ({call['recording_problem'] or 'none was told of'})"
    elif wanted.has_both_voices:
        caller, operator = levels(recordings / f"{call['call_id']}.wav")
        if caller < _AUDIBLE_DBFS or operator < _AUDIBLE_DBFS:
            yield f"a voice is missing in the recording: caller {caller:.0f}, operator {operator:.0f} dBFS"


def levels(path: Path, last_s: float = 4.0) -> tuple[float, float]:
    """Return how loud the caller and the operator are in the last seconds of a recording, in dBFS."""
    with wave.open(str(path)) as file:
        count = min(file.getnframes(), round(last_s * file.getframerate()))
        file.setpos(file.getnframes() - count)
        samples = array("h", file.readframes(count))
    return level_dbfs(samples[0::2]), level_dbfs(samples[1::2])


def left_behind(asterisk: Asterisk) -> list[str]:
    """Return what Asterisk still holds. Blocks: a test call of our own may be under way, and has to end."""
    for _ in range(_LONGEST_TEST_CALL_S):
        if not (found := list(_held(asterisk))):
            break
        time.sleep(1)
    return found


def _held(asterisk: Asterisk) -> Iterator[str]:
    """Yield what Asterisk holds now: channels or bridges."""
    channels = asterisk.cli("core show channels count").splitlines()
    if channels and not channels[0].startswith("0 active channels"):
        yield f"Asterisk still has {channels[0]}"
    bridges = asterisk.cli("bridge show all").splitlines()[1:]
    if any(line.strip() for line in bridges):
        yield f"Asterisk still has {len(bridges)} bridges"

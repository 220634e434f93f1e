"""The degraded path on the real Asterisk: nothing of ours runs but the script that Asterisk starts."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agi.ami import Ami, AmiSettings
from agi.members import Seat
from agi.mirror import Mirror
from ari_app.degraded.reading import read_queue_log
from suar.demo.phones import CallerReport
from suar.demo.phones.ear import RATE, tone_level_dbfs
from suar.record import decode
from tests.integration.conftest import Town

PICKS_UP_S = 1.2
"""From the queue to her voice at the caller's ear: it rings, she answers after 0.3 s, and it is heard."""


@contextmanager
def script(town: Town, text: str | None) -> Iterator[None]:
    """Have another script, or none, in the place of ours."""
    path = town.asterisk.paths.data / "agi-bin" / "suar-triage"
    ours = path.read_text()
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
        path.chmod(0o700)
    try:
        yield
    finally:
        path.write_text(ours)
        path.chmod(0o700)


def queue_log(town: Town, since: int) -> list[list[str]]:
    """Return what Asterisk wrote of the degraded path: id, queue, operator, event, data."""
    lines = town.state.queue_log.read_text()[since:].splitlines()
    return [line.split("|")[1:] for line in lines]


def size(town: Town) -> int:
    return len(town.state.queue_log.read_text()) if town.state.queue_log.exists() else 0


def journalled(town: Town, call_id: str) -> list[str]:
    path = town.state.degraded / f"{call_id}.log"
    lines = path.read_bytes().splitlines(keepends=True)
    return [record["type"] for line in lines if (record := decode(line))]


async def served(
    town: Town, sequence: int | None = None, **options: Any
) -> tuple[CallerReport, list[list[str]]]:
    """Call, with an operator at her phone, and return what the caller and Asterisk's journal say.

    Her phone numbers its packets from ``sequence``, else from anywhere.
    """
    before = size(town)
    async with town.phone("siti", hang_up_after_s=1.5) as siti:
        if sequence is not None:
            siti.peer.begin_anew(sequence)
        report = await town.caller(**options).run()
    assert await town.is_empty()
    return report, queue_log(town, before)


def recorded(town: Town, call_id: str) -> tuple[array[int], array[int]]:
    """Return the two sides of a recording: what the caller said, and what she heard."""
    both = array("h", (town.state.recordings / f"{call_id}.raw").read_bytes())
    return both[0::2], both[1::2]


@pytest.mark.parametrize("sequence", [100, 50_000])
async def test_a_caller_is_asked_queued_and_answered_by_asterisk_alone(town: Town, sequence: int) -> None:
    """The same menu, the queue of her need, the operator's voice, both voices recorded, all written down.

    However her phone numbers its packets: docs/decisions/0025.
    """
    report, log = await served(town, sequence, presses=[(1.5, "2")])
    assert report.hung_up_by == "far end"
    assert tone_level_dbfs(report.heard, 700) > -35
    assert report.longest_silence_s < 2.0
    assert report.first_audio_after_s is not None
    assert report.first_audio_after_s < 1.0
    call_id = log[0][0]
    events = [(queue, operator, event) for _, queue, operator, event, *_ in log]
    assert ("degraded", "NONE", "OFFERED") in events
    assert ("degraded-medical-id", "siti", "CONNECT") in events
    assert ("degraded", "NONE", "ENDED") in events
    assert log[0][4:7] == ["telkomsel", "112", "+628121234567"]
    assert journalled(town, call_id) == ["offered", "triaged"]
    said, heard = recorded(town, call_id)
    assert tone_level_dbfs(said[-RATE:], 440) > -35
    assert tone_level_dbfs(heard[-RATE:], 700) > -35


BROKEN = {
    "missing": None,
    "no Python": "#!/bin/sh\nexec /no/such/python\n",
    "a Python that dies": "#!/bin/sh\nexec python3 -c 'raise SystemExit(3)'\n",
    "nonsense": "#!/bin/sh\necho 'FROB NICATE'; read a; echo 'x y'; exit 1\n",
    "hangs": "#!/bin/sh\nexec sleep 20\n",
    "hangs, and hears no signal": "#!/bin/sh\ntrap '' HUP\nexec sleep 20\n",
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_script_that_is_broken_costs_seconds_not_the_caller(town: Town, how: str) -> None:
    """She is with an operator all the same, and hears music until then."""
    began = time.monotonic()
    with script(town, BROKEN[how]):
        report, log = await served(town)
    assert tone_level_dbfs(report.heard, 700) > -35, report
    assert report.longest_silence_s < 2.0
    # To the queue within 3 s, with an operator at once, 1.5 s of talk; who hangs does so for 20 s.
    assert time.monotonic() - began < 15.0
    events = [event for _, _, _, event, *_ in log]
    assert events.count("CONNECT") == 1
    assert events.count("ENDED") == 1


def asks_and_hangs(*questions: str) -> str:
    """Return a script that has her asked, reads all that Asterisk says, and is never heard of again."""
    asks = "\n".join(f"echo 'GOSUB degraded {question}'; read trying; read result" for question in questions)
    return f"""#!/bin/sh
trap '' HUP
while read line && [ -n "$line" ]; do :; done
{asks}
exec sleep 20
"""


PROMPT, THINKING = "play 1 suar/greeting-menu", "wait 1 3"


@pytest.mark.parametrize(
    ("questions", "presses", "asked_s"),
    [
        ([PROMPT], [(1.5, "2")], 1.5),
        ([PROMPT], [], 9.0),
        ([PROMPT, THINKING], [(10.5, "2")], 10.5),
        ([PROMPT, THINKING], [], 12.0),
    ],
    ids=["a key in the prompt", "the prompt", "a key that follows it", "her patience"],
)
async def test_a_script_that_hangs_right_after_something_leaves_her_music_and_a_place(
    town: Town, questions: list[str], presses: list[tuple[float, str]], asked_s: float
) -> None:
    """She hears no more than two seconds of nothing, and is in the queue within three."""
    with script(town, asks_and_hangs(*questions)):
        report, log = await served(town, presses=presses)
    tenths = [report.heard[place : place + RATE // 10] for place in range(0, len(report.heard), RATE // 10)]
    operator = [place / 10 for place, sound in enumerate(tenths) if tone_level_dbfs(sound, 700) > -30]
    assert asked_s < operator[0] < asked_s + 3.0 + PICKS_UP_S
    assert report.longest_silence_s < 1.0
    assert [event for _, _, _, event, *_ in log].count("CONNECT") == 1


async def test_of_a_flood_some_are_asked_and_the_others_wait_unasked(town: Town) -> None:
    """Each script is a process: a machine that starts one for everybody serves nobody.

    Who has answered leaves her turn to another.
    """
    before = size(town)
    await asyncio.to_thread(town.asterisk.cli, "dialplan set global ASKED_AT_ONCE 1")
    try:
        async with town.phone("siti", hang_up_after_s=1.0):
            asked = asyncio.create_task(town.caller(presses=[(8.0, "2")]).run())
            await asyncio.sleep(1.0)
            began = time.monotonic()
            assert (await town.caller(number="+628120000002").run()).hung_up_by == "far end"
            assert time.monotonic() - began < 5.0
            assert (await asked).hung_up_by == "far end"
            await town.caller(number="+628120000003", presses=[(1.5, "2")]).run()
    finally:
        await asyncio.to_thread(town.asterisk.cli, "dialplan set global ASKED_AT_ONCE 40")
    assert await town.is_empty()
    offered = [line[0] for line in queue_log(town, before) if line[3] == "OFFERED"]
    assert [(town.state.degraded / f"{call_id}.log").exists() for call_id in offered] == [True, False, True]


async def test_a_caller_who_hangs_up_in_the_menu_leaves_no_process(town: Town) -> None:
    """And her call is in both journals."""
    before = size(town)
    await town.caller(hang_up_after_s=1.0).run()
    assert await town.is_empty()
    log = queue_log(town, before)
    assert [event for _, _, _, event, *_ in log] == ["OFFERED", "ENDED"]
    assert journalled(town, log[0][0]) == ["offered"]
    await asyncio.sleep(0.5)
    running = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"agi.triage" in (path.read_bytes() if path.exists() else b"")
        and str(town.state.degraded).encode() in path.read_bytes()
    ]
    assert running == []


async def test_a_caller_whose_operators_phone_fails_is_next_and_not_cut_off(town: Town) -> None:
    """The failure that an unplugged cable is in the end, told at once: her voice is gone, another answers.

    The other's voice is recorded, too, though her phone numbers its packets from a lower number.
    """
    before = size(town)
    async with town.phone("siti") as siti:
        siti.peer.begin_anew(50_000)
        call = asyncio.create_task(town.caller(presses=[(2.0, "2"), (5.0, "2")], hang_up_after_s=20.0).run())
        async with asyncio.timeout(30):
            while "talking" not in siti.steps():
                await asyncio.sleep(0.1)
        bind = town.city.network.ami_bind
        settings = AmiSettings(bind.host, bind.port, "suar-rescuer", town.secrets.ami_password)
        async with Ami.connect(settings) as ami:
            channels = await ami.ask("CoreShowChannels")
            (leg,) = [one["channel"] for one in channels if one["channel"].startswith("PJSIP/op-siti")]
            # What an RTP timeout leaves behind.
            await ami.ask("Hangup", Channel=leg, Cause="44")
        siti.peer.begin_anew(40_000)
        report = await call
        assert siti.steps().count("talking") == 2
    assert report.hung_up_by == "caller"
    assert tone_level_dbfs(report.heard[-8000:], 700) > -35
    assert await town.is_empty()
    log = queue_log(town, before)
    _, heard = recorded(town, log[0][0])
    assert tone_level_dbfs(heard[-RATE:], 700) > -35
    assert [event for _, _, _, event, *_ in log if event in {"ENTERQUEUE", "CONNECT"}] == [
        "ENTERQUEUE",
        "CONNECT",
    ] * 2
    (told,) = read_queue_log(town.state.queue_log.read_text()[before:].splitlines(keepends=True)).values()
    assert told.by == "caller"


async def test_app_queue_rings_an_operator_where_she_sits(town: Town) -> None:
    """At another's phone, as well as she fits; and each phone is its owner's again when she goes."""
    bind, mirror = town.city.network.ami_bind, Mirror(town.city)
    settings = AmiSettings(bind.host, bind.port, "suar-rescuer", town.secrets.ami_password)
    async with Ami.connect(settings) as ami:
        usual = await members(ami)
        await mirror.reflect(ami, {"siti": Seat("ready", "budi"), "budi": Seat("signed_off")}, False)
        moved = await members(ami)
        async with town.phone("budi", hang_up_after_s=1.5) as at_budis, town.phone("siti") as nobody:
            await town.caller(presses=[(1.5, "2")]).run()
            assert "talking" in at_budis.steps()
            assert nobody.steps() == []
        await mirror.reflect(ami, {"siti": Seat("ready"), "budi": Seat("ready")}, False)
        assert await members(ami) == usual
    english = ("degraded-medical-en", "PJSIP/op-budi")
    # Budi speaks no English; Siti does.
    assert (usual[english], moved[english]) == (("2", "0"), ("0", "0"))
    assert {paused for (_, phone), (_, paused) in moved.items() if phone == "PJSIP/op-siti"} == {"1"}


async def members(ami: Ami) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the penalty and the pause of each member of each queue."""
    shown = await ami.ask("QueueStatus")
    return {
        (one["queue"], one["location"]): (one["penalty"], one["paused"])
        for one in shown
        if one.get("event") == "QueueMember"
    }

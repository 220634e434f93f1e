"""Test calls as the rescuer makes and judges them, against a manager interface that we script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from agi import probe as probe_module
from agi.ami import AmiSettings
from agi.health import Health
from agi.probe import Probe
from agi.status import Status
from agi.verdicts import Outcome, Verdict
from agi.watch import Watch
from suar.alarms import Alarms
from tests.component.conftest import OFFERED, Site
from tests.component.test_ami import Server, running

CALL, LISTENER = "sby1-1.8", "sby1-1.7"
BRIDGE = {
    "Event": "LocalBridge",
    "LocalOneUniqueid": LISTENER,
    "LocalTwoUniqueid": CALL,
    "Context": "from-synthetic",
}
OF_SOMEBODY_ELSE = {"Event": "UserEvent", "UserEvent": "SuarTestHeard", "Uniqueid": "x", "Heard": "TIMEOUT"}
HEARD = {"Event": "UserEvent", "UserEvent": "SuarTestHeard", "Uniqueid": LISTENER, "Heard": "NOISE"}
DEAF = HEARD | {"Heard": "TIMEOUT"}
DEGRADED = {"Event": "UserEvent", "UserEvent": "SuarTestDegraded", "Uniqueid": CALL}
REFUSED = {"Event": "OriginateResponse", "Response": "Failure"}
HANGUP = {"Event": "Hangup", "Uniqueid": LISTENER}
ENDED = {"type": "ended", "by": "caller", "phase": "triage", "disposition": "uji_coba"}
SEALED = {"type": "recording_sealed", "file": "a.wav", "sha256": "0", "length_s": 1.0, "bytes": 1}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes is not waited for."""
    monkeypatch.setattr(probe_module, "_STORED_S", 0.0)


def tells(*events: dict[str, str]) -> Callable[[dict[str, str], asyncio.StreamWriter], Awaitable[None]]:
    """Return an answer to `Originate`, with the events that come after it."""

    async def answer(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(f"Response: Success\r\nActionID: {action['ActionID']}\r\n\r\n".encode())
        for event in events:
            writer.write("".join(f"{name}: {value}\r\n" for name, value in event.items()).encode() + b"\r\n")

    return answer


async def judged(site: Site, *events: dict[str, str]) -> Verdict:
    """Return what a test call comes to of which Asterisk tells these events."""
    server = Server()
    server.on["Originate"] = tells(*events)
    web = str(site.server.make_url("")).rstrip("/")
    async with running(server) as settings:
        verdict = await Probe("112", settings, web, site.secrets.ingest_token).call()
    (placed,) = [one for one in server.seen if one["Action"] == "Originate"]
    assert placed["Channel"] == "Local/112@from-synthetic/n"
    return verdict


async def test_a_test_call_is_good_when_all_of_it_has_come_through(site: Site) -> None:
    """Other calls' events are passed over."""
    await site.put_call(CALL, OFFERED | {"is_test": True}, ENDED, SEALED)
    found = await judged(site, BRIDGE, OF_SOMEBODY_ELSE, HEARD, HANGUP)
    assert found == Verdict(Outcome.GOOD)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "no incident"),
        ([OFFERED], "does not know that it has ended"),
        ([OFFERED, ENDED], "no recording (none was sealed)"),
        ([OFFERED, ENDED, {"type": "recording_failed", "why": "disk full"}], "no recording (disk full)"),
    ],
)
async def test_what_the_dashboards_miss_is_a_miss(
    site: Site, told: list[dict[str, object]], why: str
) -> None:
    """Heard is not enough."""
    if told:
        await site.put_call(CALL, *told)
    verdict = await judged(site, BRIDGE, HEARD, HANGUP)
    assert verdict.outcome is Outcome.MISSED
    assert why in verdict.why


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([REFUSED], "nobody answered"),
        ([BRIDGE, REFUSED], "nobody answered"),
        ([BRIDGE, HANGUP], "cut off"),
        ([BRIDGE, DEAF, HANGUP], "nothing was heard"),
    ],
)
async def test_a_caller_who_hears_nothing_is_a_miss(
    site: Site, events: list[dict[str, str]], why: str
) -> None:
    """Whatever Asterisk's side of it was."""
    verdict = await judged(site, *events)
    assert verdict.outcome is Outcome.MISSED
    assert why in verdict.why


@pytest.mark.parametrize("events", [(DEGRADED, HEARD, HANGUP), (HEARD, DEGRADED, HANGUP)])
async def test_a_call_that_asterisk_alone_answered_is_degraded(
    site: Site, events: tuple[dict[str, str], ...]
) -> None:
    """From the beginning, or because the controller died under it; its incident comes later."""
    assert await judged(site, BRIDGE, *events) == Verdict(Outcome.DEGRADED)


async def test_without_asterisk_or_without_dashboards_it_is_a_miss() -> None:
    """And says which."""
    nowhere = "http://127.0.0.1:1"
    verdict = await Probe("112", AmiSettings("127.0.0.1", 1, "suar", "secret"), nowhere, "").call()
    assert verdict.outcome is Outcome.MISSED
    assert "Asterisk" in verdict.why
    server = Server()
    server.on["Originate"] = tells(BRIDGE, HEARD, HANGUP)
    async with running(server) as settings:
        verdict = await Probe("112", settings, nowhere, "").call()
    assert verdict.outcome is Outcome.MISSED
    assert "dashboards" in verdict.why


async def test_the_alarm_comes_with_the_second_miss_and_goes_with_the_next_answer() -> None:
    """A bug in the probe is a miss, too: whoever tests nothing must not say that all is well."""
    alarms, status = Alarms(), Status(Health(0.0))
    coming: Iterator[Verdict | Exception] = iter(
        [
            Verdict(Outcome.MISSED, "a"),
            RuntimeError("a bug"),
            Verdict(Outcome.MISSED, "c"),
            Verdict(Outcome.GOOD),
        ]
    )

    async def place() -> Verdict:
        one = next(coming)
        if isinstance(one, Exception):
            raise one
        return one

    watch, stood = Watch(place, alarms, status), []
    for _ in range(4):
        await watch.test()
        stood.append(alarms.stands("test_call_missed"))
    assert stood == [False, True, True, False]
    assert status.test_call == "good"
    assert b'suar_test_calls_total{outcome="missed"} 3.0' in status.text()


async def test_calls_come_in_their_rhythm_and_a_city_may_have_none() -> None:
    """What an earlier process raised is cleared where nobody would clear it."""
    alarms, placed = Alarms(), 0
    alarms.raise_("test_call_missed", "")

    async def place() -> Verdict:
        nonlocal placed
        placed += 1
        return Verdict(Outcome.GOOD)

    watch = Watch(place, alarms, Status(Health(0.0)))
    await watch.run(0)
    assert (placed, alarms.standing()) == (0, [])
    running_watch = asyncio.create_task(watch.run(0.01))
    async with asyncio.timeout(5):
        while placed < 3:
            await asyncio.sleep(0.005)
    running_watch.cancel()

"""``suar demo``: starts a city, places four real calls, tells what happens, and says whether it went well."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from suar.asterisk.install import install, install_sipp
from suar.asterisk.process import Asterisk
from suar.demo.gateway import local_gateway
from suar.demo.phones import Caller, CallerReport, OperatorPhone
from suar.demo.phones.ear import voice
from suar.demo.stories import Story, stories
from suar.demo.verdict import left_behind, shortcomings
from suar.demo.web import Web
from suar.log import configure
from suar.up import interrupted, serve
from suar.workplace import Workplace

_WRAP_UP_S = 2.0
_PITCHES = (700.0, 800.0)
_PHONES = "127.0.0.101"
_HANG_UP_AFTER_S = (16.0, None)
_SETTLE_S = 15.0
_SILENCE_S = 2.0

Tell = Callable[[str], None]


def run(work: Workplace, *, once: bool) -> int:
    """Run the demonstration. Returns the exit status: 0 if every story came true."""
    fresh = Workplace(work.city_file, Path("var") / f"demo-{work.city.node}")
    shutil.rmtree(fresh.state.root, ignore_errors=True)
    fresh.state.create()
    os.umask(0o077)
    # What the parts log goes to a file: the terminal is for the stories.
    with (fresh.state.root / "demo.log").open("a") as log:
        configure("demo", stream=log)
        return asyncio.run(_run(fresh, once, log.fileno()))


async def _run(work: Workplace, once: bool, log: int) -> int:
    tell = _storyteller()
    build = await asyncio.to_thread(install)
    sipp = await asyncio.to_thread(install_sipp)
    tell(f"Starting {work.city.name}: Asterisk {build.version}, the call controller, the dashboards")
    passwords = await asyncio.to_thread(_add_users, work)
    outcome = 1

    async def play() -> None:
        nonlocal outcome
        async with Web(work) as web, local_gateway(work.city, tell):
            await web.wait_until_up()
            await web.sign_in("supervisor", passwords["supervisor"])
            tell(f"Dashboards: {web.base}/   Sign in with any of these:")
            for name, password in passwords.items():
                tell(f"    {name:12} {password}")
            outcome = await _play(work, web, sipp, tell)
            if not once:
                tell(f"The city goes on: {web.base}/   Ctrl-C stops it all.")
                await interrupted()

    await serve(work, play, log=log)
    tell("Everything has stopped.")
    return outcome


async def _play(work: Workplace, web: Web, sipp: list[str], tell: Tell) -> int:
    told = stories(work.city)
    async with AsyncExitStack() as stack:
        for operator, pitch, hang_up_after_s in zip(
            work.city.operators, _PITCHES, _HANG_UP_AFTER_S, strict=False
        ):
            await stack.enter_async_context(
                OperatorPhone(
                    sipp,
                    _PHONES,
                    str(work.city.network.sip_bind),
                    operator.endpoint,
                    work.secrets.operator_sip_passwords[operator.id],
                    voice=voice(pitch),
                    hang_up_after_s=hang_up_after_s,
                )
            )
            await web.set_operator(operator.id, "ready")
            tell(f"{operator.name} has registered her phone and is ready")
        watching = asyncio.create_task(_watch(work, web, tell))
        async with asyncio.TaskGroup() as calls:
            reports = [calls.create_task(_call(work, sipp, story, tell)) for story in told]
        incidents = await _settled(web, len(told))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return _conclude(work, told, [report.result() for report in reports], incidents, tell)


async def _call(work: Workplace, sipp: list[str], story: Story, tell: Tell) -> CallerReport:
    await asyncio.sleep(story.starts_after_s)
    carrier = work.city.carrier(story.carrier)
    address = str(carrier.addresses[0].network_address) if carrier else ""
    tell(f"{story.title}")
    caller = Caller(
        sipp,
        address,
        str(work.city.network.sip_bind),
        story.number,
        dialled=work.city.emergency_number,
        voice=story.voice,
        presses=story.presses,
        hang_up_after_s=story.hang_up_after_s,
        headers=story.headers,
        body=story.body,
    )
    return await caller.run()


async def _watch(work: Workplace, web: Web, tell: Tell) -> None:
    """Tell each call's steps as they happen, and end the robots' wrap-up."""
    last: dict[str, tuple[str, str | None]] = {}
    async for picture in web.pictures():
        for call in picture["calls"]:
            now = (call["phase"], call["operator"])
            if last.get(call["call_id"]) != now:
                last[call["call_id"]] = now
                tell(f"    {_name(work, call)}: {_step(work, call)}")
        for gone in set(last) - {call["call_id"] for call in picture["calls"]}:
            del last[gone]
        for operator in picture["operators"]:
            if operator["state"] == "wrap_up" and _age_s(picture["at"], operator["since"]) >= _WRAP_UP_S:
                await web.set_operator(operator["id"], "ready")


def _name(work: Workplace, call: dict[str, Any]) -> str:
    carrier = work.city.carrier(call["carrier"] or "")
    return carrier.name if carrier else "unknown carrier"


def _step(work: Workplace, call: dict[str, Any]) -> str:
    operator = work.city.operator(call["operator"] or "")
    who = operator.name if operator else "an operator"
    kind = work.city.kind(call["kind"])
    what = kind.name("en") if kind else call["kind"]
    return {
        "greeting": "answered",
        "triage": "hears the greeting and the menu",
        "waiting": f"waits for an operator: {what}, in {call['language']}",
        "ringing": f"{who}'s phone rings",
        "talking": f"talks with {who}",
    }[call["phase"]]


def _age_s(now: str, then: str) -> float:
    return (datetime.fromisoformat(now) - datetime.fromisoformat(then)).total_seconds()


async def _settled(web: Web, count: int) -> list[dict[str, Any]]:
    """Return the incidents once each has what it will have, or patience has ended."""
    incidents: list[dict[str, Any]] = []
    for _ in range(round(_SETTLE_S / 0.5)):
        listed = (await web.get("incidents"))["incidents"]
        incidents = [await web.get(f"incidents/{one['id']}") for one in listed]
        calls = [call for one in incidents for call in one["calls"]]
        settled = [call for call in calls if call["has_recording"] or call["recording_problem"]]
        if len(settled) >= count:
            break
        await asyncio.sleep(0.5)
    return sorted(incidents, key=lambda one: str(one["id"]))


def _conclude(
    work: Workplace,
    told: list[Story],
    reports: list[CallerReport],
    incidents: list[dict[str, Any]],
    tell: Tell,
) -> int:
    tell("The incidents:")
    for one in incidents:
        call = one["calls"][0]
        columns = [
            one["id"],
            f"{one['kind']:9}",
            one["language"],
            f"{one['location'].get('source', '-'):8}",
            f"{one['disposition'] or '-':9}",
            f"talk {call['talk_s'] or 0:4.1f} s",
            f"recording {call['recording_s'] or 0:4.1f} s",
        ]
        tell("    " + "  ".join(columns))
    wrong = list(shortcomings(told, incidents, work.state.recordings))
    for story, report in zip(told, reports, strict=True):
        if not report.was_answered:
            wrong.append(f"{story.title}: not answered")
        if report.longest_silence_s > _SILENCE_S:
            wrong.append(f"{story.title}: {report.longest_silence_s:.1f} s of silence heard")
    wrong += left_behind(Asterisk(work.state, install()))
    for what in wrong:
        tell(f"WRONG: {what}")
    if not wrong:
        tell("All four stories came true; three recordings hold both voices; Asterisk is empty again.")
    return 1 if wrong else 0


def _add_users(work: Workplace) -> dict[str, str]:
    """Add users by the command that an administrator uses; return their passwords."""
    users = [(operator.id, ["--role", "operator"]) for operator in work.city.operators]
    users += [("supervisor", ["--role", "supervisor"]), ("admin", ["--role", "admin"])]
    agency = work.city.agencies[0].id
    users.append((f"{agency}-desk", ["--role", "agency", "--agency", agency]))
    passwords = {}
    for name, options in users:
        command = [sys.executable, "-m", "suar", *work.arguments, "user", "add", name, *options]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines = dict(line.split(maxsplit=1) for line in said.splitlines())
        passwords[name] = lines["password"]
    return passwords


def _storyteller() -> Tell:
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)  # noqa: T201 - this is for a person

    return tell

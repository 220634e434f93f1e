"""An operator's commands over the control interface: what is done, and what is refused and why."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.component.test_call_flow import House, house
from tests.component.test_conversation import Talk

__all__ = ["house"]


async def ask(talk: Talk, command: str, call: str | None = None, **body: Any) -> tuple[int, dict[str, Any]]:
    """Send a command as Siti, unless another name is given; return the status and the answer."""
    controller = talk.house.controller
    bind = controller.city.network.control_bind
    url = f"http://{bind}/v1/calls/{call or talk.call}/{command}"
    headers = {"Authorization": f"Bearer {talk.house.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json={"by": "siti", **body}) as response,
    ):
        return response.status, await response.json()


async def test_every_command_does_what_it_says(house: House) -> None:
    """In one story; the answer is the conversation as the picture shows it, too."""
    talk = await Talk.begin(house)
    status, answer = await ask(talk, "hold", emergency=True)
    shown = answer["conversation"]
    assert (status, shown["is_on_hold"], shown["stays_open"]) == (200, True, True)
    status, answer = await ask(talk, "resume")
    assert answer["conversation"]["is_on_hold"] is False
    assert (await ask(talk, "mute"))[1]["conversation"]["is_muted"] is True
    assert (await ask(talk, "unmute"))[1]["conversation"]["is_muted"] is False
    assert (await ask(talk, "mute", leg="caller"))[1]["conversation"]["muted"] == ["caller"]
    assert (await ask(talk, "unmute", leg="caller"))[0] == 200
    assert (await ask(talk, "digits", leg="caller", digits="12"))[0] == 200
    status, answer = await ask(talk, "call-in", kind="agency", target="dpkp", purpose="consult")
    assert [one["stage"] for one in answer["conversation"]["parties"]] == ["ringing"]
    await house.until(lambda: talk.party in house.fake.world.channels)
    await house.fake.answer_leg(talk.party)
    await house.until(lambda: "party_answered" in house.told(talk.call))
    (pictured,) = house.controller.live.picture()["calls"]
    assert pictured["conversation"]["consulting"] == talk.party
    assert (await ask(talk, "resume"))[1]["conversation"]["parties"][0]["stage"] == "parked"
    assert (await ask(talk, "consult", party=talk.party))[0] == 200
    assert (await ask(talk, "join", party=talk.party))[1]["conversation"]["parties"][0]["stage"] == "joined"
    assert (await ask(talk, "remove", party=talk.party))[1]["conversation"]["parties"] == []
    assert (await ask(talk, "put-back"))[0] == 200
    await house.until(lambda: talk.call in house.controller.distribution.positions())
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)


async def test_an_attended_transfer(house: House) -> None:
    talk = await Talk.begin(house)
    await ask(talk, "call-in", kind="number", target="+62318921112", purpose="consult")
    (party,) = house.controller.live.picture()["calls"][0]["conversation"]["parties"]
    assert party["target"] is None
    await house.until(lambda: talk.party in house.fake.world.channels)
    await house.fake.answer_leg(talk.party)
    await house.until(lambda: "party_answered" in house.told(talk.call))
    status, answer = await ask(talk, "transfer", party=talk.party)
    assert (status, answer["conversation"]["has_operator"]) == (200, False)
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)


REFUSED: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("hold", {"by": "budi"}, 403, "not_yours", None),
    ("hold", {"emergency": "yes"}, 422, "body_invalid", "emergency"),
    ("hold", {"speed": 1}, 422, "body_invalid", "speed"),
    ("resume", {}, 409, "command_refused", None),
    ("transfer", {"party": "nobody"}, 409, "command_refused", None),
    ("digits", {"leg": "caller", "digits": "12x"}, 422, "body_invalid", "digits"),
    ("digits", {"leg": "caller", "digits": ""}, 422, "body_invalid", "digits"),
    ("pause-recording", {"reason": " "}, 422, "body_invalid", "reason"),
    ("call-in", {"target": "dpkp"}, 422, "body_invalid", "kind"),
    ("call-in", {"kind": "agency"}, 422, "body_invalid", "target"),
    ("call-in", {"kind": "ghost", "target": "x"}, 422, "body_invalid", "kind"),
    ("call-in", {"kind": "agency", "target": "nobody"}, 409, "target_unknown", "target"),
    ("call-in", {"kind": "operator", "target": "budi"}, 409, "target_unreachable", "target"),
    ("pause-recording", {"reason": "card number"}, 503, "recorder_unavailable", None),
]


async def test_what_cannot_be_done_is_refused_and_said_why(house: House) -> None:
    """The field and the code; the conversation is as it was."""
    talk = await Talk.begin(house)
    for command, body, status, code, field in REFUSED:
        got, answer = await ask(talk, command, **body)
        assert (got, answer["error"]["code"], answer["error"].get("field")) == (status, code, field), command
    assert (await ask(talk, "hold", call="sby1-9.9"))[0] == 404
    assert (await ask(talk, "dance"))[0] == 404
    assert talk.rooms == {"main": {talk.call, talk.leg}}
    assert talk.conversation.state.pause_reason is None
    await house.fake.hang_up(talk.leg)
    await house.over(talk.call)


class Manager:
    """Asterisk's manager interface, as far as a recording's pause needs it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.refuses = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                fields = dict(line.split(": ", 1) for line in lines if line)
                self.asked.append(fields)
                refused = self.refuses and fields["Action"] != "Login"
                writer.write(b"Event: FullyBooted\r\n\r\n" if fields["Action"] == "Login" else b"")
                writer.write(b"Response: %s\r\nMessage: x\r\n\r\n" % (b"Error" if refused else b"Success"))
        except asyncio.IncompleteReadError:
            writer.close()


@pytest.mark.parametrize("refuses", [False, True], ids=["paused", "refused"])
async def test_a_pause_of_the_recording_is_told_with_its_reason(house: House, refuses: bool) -> None:
    """And a pause that Asterisk refuses is none."""
    talk = await Talk.begin(house)
    manager = Manager()
    bind = house.controller.city.network.ami_bind
    async with await asyncio.start_server(manager.serve, house.ami.host, house.ami.port):
        manager.refuses = refuses
        status, _ = await ask(talk, "pause-recording", reason="card number")
        assert bind == house.ami
        assert status == (503 if refuses else 200)
        assert manager.asked[-1] == {
            "Action": "MixMonitorMute", "Channel": talk.call, "Direction": "both", "State": "1",
        }  # fmt: skip
        if refuses:
            assert "recording_paused" not in house.told(talk.call)
        else:
            assert house.data(talk.call, "recording_paused") == {"operator": "siti", "reason": "card number"}
            assert (await ask(talk, "resume-recording"))[0] == 200
            assert manager.asked[-1]["State"] == "0"
            assert house.data(talk.call, "recording_resumed") == {"operator": "siti"}
        await house.fake.hang_up(talk.leg)
        await house.over(talk.call)

"""An operator's conversation on the fake Asterisk: what she does with a caller, and the accounts of it."""

from __future__ import annotations

import asyncio

import pytest

from ari_app.conversation.errors import CommandRefused, TargetUnknown, TargetUnreachable
from ari_app.conversation.running import Conversation
from ari_app.conversation.vocabulary import (
    Consult,
    Hold,
    Join,
    Mute,
    Purpose,
    PutBack,
    Remove,
    Resume,
    SendDigits,
    Target,
    TargetKind,
    Transfer,
    Unmute,
)  # fmt: skip
from queues.vocabulary import OperatorState
from tests.component.test_call_flow import House, house

__all__ = ["house"]

DPKP = Target(TargetKind.AGENCY, "dpkp")
BUDI = Target(TargetKind.OPERATOR, "budi")


class Talk:
    """A caller who talks with Siti."""

    def __init__(self, house: House, call: str, leg: str) -> None:
        self.house, self.call, self.leg = house, call, leg
        self.party = f"{call}-py1"

    @classmethod
    async def begin(cls, house: House, *others: str) -> Talk:
        house.ready("siti")
        call = await house.call()
        await house.choose(call)
        talk = cls(house, call, await house.talking(call))
        await house.until(lambda: call in house.controller.ports.conversations)
        house.ready(*others)
        return talk

    @property
    def conversation(self) -> Conversation:
        return self.house.controller.ports.conversations[self.call]

    @property
    def rooms(self) -> dict[str, set[str]]:
        names = {"br1": "main", "br2": "main", "sd1": "side"}
        bridges = self.house.fake.world.bridges.items()
        return {names[name.rpartition("-")[2]]: set(members) for name, members in bridges if members}

    def hears_music(self, channel: str) -> bool:
        return self.house.fake.world.channels[channel].hears_music

    async def called(self, target: Target, purpose: Purpose = Purpose.CONSULT) -> str:
        party = await self.conversation.call_in(target, purpose, "siti")
        await self.house.until(lambda: party in self.house.fake.world.channels)
        return party

    async def answered(self, target: Target, purpose: Purpose = Purpose.CONSULT) -> str:
        party = await self.called(target, purpose)
        await self.house.fake.answer_leg(party)
        await self.house.until(lambda: "party_answered" in self.house.told(self.call))
        return party

    def state_of(self, operator: str) -> OperatorState:
        desk = self.house.controller.operators.desk(operator)
        assert desk is not None
        return desk.state


async def test_on_hold_she_hears_music_and_comes_back(house: House) -> None:
    talk = await Talk.begin(house)
    await talk.conversation.do(Hold(), "siti")
    assert talk.rooms == {"main": {talk.leg}}
    assert talk.hears_music(talk.call)
    assert house.data(talk.call, "held") == {"operator": "siti", "emergency": False}
    with pytest.raises(CommandRefused):
        await talk.conversation.do(Hold(), "siti")
    await talk.conversation.do(Resume(), "siti")
    assert talk.rooms == {"main": {talk.call, talk.leg}}
    assert not talk.hears_music(talk.call)
    await house.fake.hang_up(talk.leg)
    await house.over(talk.call)
    assert house.data(talk.call, "ended")["by"] == "operator"


async def test_a_caller_on_hold_whose_operator_hangs_up_waits_again(house: House) -> None:
    """In her place, with music all the while; the next operator is another."""
    talk = await Talk.begin(house)
    await talk.conversation.do(Hold(), "siti")
    house.ready("budi")
    await house.fake.hang_up(talk.leg)
    second = await house.rung(talk.call, 2)
    assert talk.hears_music(talk.call)
    await house.fake.answer_leg(second)
    await house.until(lambda: house.told(talk.call).count("connected") == 2)
    assert house.data(talk.call, "connected")["operator"] == "budi"
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)


async def test_mute_and_keys(house: House) -> None:
    talk = await Talk.begin(house)
    await talk.conversation.do(Mute(talk.leg), "siti")
    assert house.fake.world.channels[talk.leg].is_muted
    await talk.conversation.do(Unmute(talk.leg), "siti")
    assert not house.fake.world.channels[talk.leg].is_muted
    await talk.conversation.do(SendDigits(talk.call, "42#"), "siti")
    assert house.fake.world.channels[talk.call].digits_heard == "42#"
    assert "42" not in str(house.data(talk.call, "digits_sent"))
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)


async def test_consult_swap_join_and_leave(house: House) -> None:
    """Each of the places."""
    talk = await Talk.begin(house)
    party = await talk.called(DPKP)
    assert talk.rooms == {"main": {talk.call, talk.leg}}
    await house.fake.answer_leg(party)
    await house.until(lambda: talk.rooms.get("side") == {talk.leg, party})
    assert talk.hears_music(talk.call)
    assert house.fake.world.channels[party].is_recorded
    await talk.conversation.do(Resume(), "siti")
    assert talk.rooms == {"main": {talk.call, talk.leg}}
    assert talk.hears_music(party)
    await talk.conversation.do(Consult(party), "siti")
    assert talk.rooms["side"] == {talk.leg, party}
    await talk.conversation.do(Join(party), "siti")
    assert talk.rooms == {"main": {talk.call, talk.leg, party}}
    assert not talk.hears_music(party)
    await house.fake.hang_up(talk.leg)
    await house.until(lambda: talk.rooms == {"main": {talk.call, party}})
    await house.until(lambda: talk.state_of("siti") is OperatorState.WRAP_UP)
    await house.fake.hang_up(party)
    await house.over(talk.call)
    assert house.data(talk.call, "ended")["by"] == "party"


async def test_an_attended_transfer_frees_the_operator_at_once(house: House) -> None:
    """And the caller's story is one: one first event, one end, one incident."""
    talk = await Talk.begin(house)
    party = await talk.answered(DPKP)
    await talk.conversation.do(Transfer(party), "siti")
    assert talk.rooms == {"main": {talk.call, party}}
    assert talk.leg not in house.fake.world.channels
    assert talk.state_of("siti") is OperatorState.WRAP_UP
    with pytest.raises(CommandRefused):
        await talk.conversation.do(Hold(), "siti")
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)
    told = house.told(talk.call)
    assert [told.count(one) for one in ("offered", "connected", "transferred", "ended")] == [1, 1, 1, 1]


async def test_a_transfer_to_an_operator_makes_it_hers(house: House) -> None:
    """She is offered nothing from the first ring on; afterwards both have wrapped up, each her own part."""
    talk = await Talk.begin(house, "budi")
    party = await talk.called(BUDI)
    assert talk.state_of("budi") is OperatorState.TALKING
    await house.fake.answer_leg(party)
    await house.until(lambda: "party_answered" in house.told(talk.call))
    await talk.conversation.do(Transfer(party), "siti")
    (call,) = house.controller.switchboard.calls()
    assert call.operator == "budi"
    await talk.conversation.do(Hold(), "budi")
    assert talk.hears_music(talk.call)
    await talk.conversation.do(Resume(), "budi")
    await house.fake.hang_up(party)
    await house.over(talk.call)
    assert house.data(talk.call, "ended")["by"] == "operator"
    assert talk.state_of("budi") is OperatorState.WRAP_UP
    house.ready_again("siti", "budi")
    await house.until(lambda: house.told(talk.call).count("wrapped_up") == 2)


@pytest.mark.parametrize(("cause", "state"), [(17, "ready"), (19, "not_ready"), (16, "not_ready")])
async def test_an_operator_who_was_called_in_vain_has_nothing_to_wrap_up(
    house: House, cause: int, state: str
) -> None:
    talk = await Talk.begin(house, "budi")
    party = await talk.called(BUDI)
    await house.fake.reject_leg(party, cause)
    await house.until(lambda: "party_left" in house.told(talk.call))
    assert talk.state_of("budi") == state
    assert talk.rooms == {"main": {talk.call, talk.leg}}
    await house.fake.hang_up(talk.leg)
    await house.over(talk.call)
    await house.until(lambda: "recording_sealed" in house.told(talk.call))
    house.ready_again("siti")
    await house.until(lambda: house.told(talk.call).count("wrapped_up") == 1)
    assert house.data(talk.call, "wrapped_up")["operator"] == "siti"


async def test_a_call_for_an_operator_that_is_taken_back_leaves_her_as_she_was(house: House) -> None:
    talk = await Talk.begin(house, "budi")
    party = await talk.called(BUDI)
    await talk.conversation.do(Remove(party), "siti")
    await house.until(lambda: talk.state_of("budi") is OperatorState.READY)
    await house.fake.hang_up(talk.leg)
    await house.over(talk.call)


async def test_a_blind_transfer_that_nobody_takes_gives_the_caller_to_the_next_operator(house: House) -> None:
    talk = await Talk.begin(house)
    party = await talk.called(DPKP, Purpose.BLIND)
    assert talk.hears_music(talk.call)
    assert talk.leg not in house.fake.world.channels
    house.ready("budi")
    await house.fake.reject_leg(party, 17)
    await house.rung(talk.call, 2)
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)
    told = house.told(talk.call)
    assert told.index("party_left") < told.index("queued", told.index("party_left"))


async def test_a_blind_transfer_that_is_taken(house: House) -> None:
    talk = await Talk.begin(house)
    party = await talk.answered(DPKP, Purpose.BLIND)
    await house.until(lambda: talk.rooms == {"main": {talk.call, party}})
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)
    assert house.data(talk.call, "ended")["by"] == "caller"


async def test_a_conference_with_an_agency_and_a_neighbour(house: House) -> None:
    talk = await Talk.begin(house)
    first = await talk.answered(DPKP, Purpose.CONFERENCE)
    second = await talk.called(Target(TargetKind.NEIGHBOUR, "sidoarjo"), Purpose.CONFERENCE)
    await house.fake.answer_leg(second)
    await house.until(lambda: talk.rooms == {"main": {talk.call, talk.leg, first, second}})
    await talk.conversation.do(Remove(first), "siti")
    assert talk.rooms == {"main": {talk.call, talk.leg, second}}
    await house.fake.hang_up(talk.leg)
    await house.fake.hang_up(second)
    await house.over(talk.call)


async def test_the_incident_travels_with_a_call_that_leaves_the_house(house: House) -> None:
    """Through the carrier that takes calls, with the identifiers of NENA i3."""
    talk = await Talk.begin(house)
    party = await talk.conversation.call_in(DPKP, Purpose.CONSULT, "siti", "sby1-20261124-0001")
    await house.until(lambda: party in house.fake.world.channels)
    channel = house.fake.world.channels[party]
    assert channel.name.startswith("PJSIP/trunk-telkom/sip:0313533843@127.0.0.14:5060")
    info = channel.variables["PJSIP_HEADER(add,Call-Info)"]
    assert "urn:emergency:uid:incidentid:sby1-20261124-0001:" in info
    assert "purpose=emergency-CallId" in info
    await house.fake.hang_up(talk.leg)
    await house.fake.hang_up(talk.call)
    await house.over(talk.call)


async def test_a_caller_who_hangs_up_does_not_cut_off_those_who_speak_of_her(house: House) -> None:
    """Her own time ends with her, and so does what her recording has to be long enough for."""
    talk = await Talk.begin(house)
    party = await talk.answered(DPKP)
    await house.fake.hang_up(talk.call)
    await house.until(lambda: "caller_left" in house.told(talk.call))
    await asyncio.sleep(0.5)
    assert talk.rooms["side"] == {talk.leg, party}
    assert "ended" not in house.told(talk.call)
    await house.fake.hang_up(party)
    await house.over(talk.call)
    assert house.data(talk.call, "ended")["by"] == "caller"
    assert house.data(talk.call, "ended")["talk_s"] < 0.5


async def test_put_back_keeps_the_callers_place(house: House) -> None:
    talk = await Talk.begin(house)
    other = await house.call()
    await house.choose(other)
    await talk.conversation.do(PutBack(), "siti")
    await house.until(lambda: talk.call in house.controller.distribution.positions())
    assert house.controller.distribution.positions() == {talk.call: 1, other: 2}
    assert talk.hears_music(talk.call)
    for call in (talk.call, other):
        await house.fake.hang_up(call)
        await house.over(call) if call == other else None


REFUSED = [
    (Target(TargetKind.AGENCY, "nobody"), TargetUnknown),
    (Target(TargetKind.AGENCY, "dinkes"), TargetUnreachable),
    (Target(TargetKind.NEIGHBOUR, "nowhere"), TargetUnknown),
    (Target(TargetKind.OPERATOR, "siti"), TargetUnreachable),
    (Target(TargetKind.OPERATOR, "budi"), TargetUnreachable),
    (Target(TargetKind.OPERATOR, "nobody"), TargetUnknown),
    (Target(TargetKind.NUMBER, "110;drop"), TargetUnknown),
    (Target(TargetKind.NUMBER, "sip:x@y"), TargetUnknown),
]


@pytest.mark.parametrize(("target", "error"), REFUSED)
async def test_who_cannot_be_called(house: House, target: Target, error: type[Exception]) -> None:
    """Nobody of that name, no number, not at work, or no number at all: the call goes on."""
    talk = await Talk.begin(house)
    with pytest.raises(error):
        await talk.conversation.call_in(target, Purpose.CONSULT, "siti")
    assert talk.rooms == {"main": {talk.call, talk.leg}}
    await house.fake.hang_up(talk.leg)
    await house.over(talk.call)


async def test_everybody_may_hang_up_at_once(house: House) -> None:
    """In any order, and nothing is left."""
    talk = await Talk.begin(house, "budi")
    party = await talk.answered(BUDI)
    await asyncio.gather(*(house.fake.hang_up(one) for one in (party, talk.leg, talk.call)))
    await house.over(talk.call)
    assert {talk.state_of("siti"), talk.state_of("budi")} == {OperatorState.WRAP_UP}

"""What an operator can do with a caller, and what must hold whatever she does. Without Asterisk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ari_app.conversation.errors import CommandRefused
from ari_app.conversation.machine import handle
from ari_app.conversation.retelling import retell
from ari_app.conversation.vocabulary import (
    CallIn,
    Consult,
    Dial,
    Effect,
    Finish,
    HandOver,
    HangUp,
    Hold,
    Input,
    Join,
    Left,
    LegGone,
    LegUp,
    Mute,
    Outcome,
    PauseRecording,
    Place,
    Press,
    Purpose,
    Put,
    PutAnew,
    PutBack,
    ReleaseOperator,
    Remove,
    Resume,
    ResumeRecording,
    RingBack,
    SendDigits,
    SetMuted,
    SetRecordingPaused,
    State,
    Target,
    TargetKind,
    Tell,
    Transfer,
    Unheard,
    Unmute,
)  # fmt: skip

CALLER, SITI = "sby1-1.1", "sby1-1.1-op1"
FIRE = Target(TargetKind.AGENCY, "dpkp")
BUDI = Target(TargetKind.OPERATOR, "budi")


@dataclass
class Story:
    """A conversation and everything that followed."""

    state: State = field(default_factory=lambda: State(CALLER, SITI))
    effects: list[Effect] = field(default_factory=list)

    def then(self, *inputs: Input) -> list[Effect]:
        self.effects = []
        for one in inputs:
            self.state, effects = handle(self.state, one)
            self.effects += effects
        return self.effects

    @property
    def outcome(self) -> Outcome | None:
        return next((one.outcome for one in self.effects if isinstance(one, Finish)), None)

    def told(self) -> list[str]:
        return [one.type for one in self.effects if isinstance(one, Tell)]


def calls(target: Target = FIRE, purpose: Purpose = Purpose.CONSULT, party: str = "py1") -> CallIn:
    return CallIn(party, target, purpose)


def test_hold_gives_music_and_resume_the_caller() -> None:
    story = Story()
    assert story.then(Hold()) == [Tell("held", {"emergency": False}), Put(CALLER, Place.HOLD)]
    assert story.then(Resume()) == [Tell("resumed"), Put(CALLER, Place.MAIN)]


def test_who_is_not_heard_is_put_into_her_room_anew() -> None:
    """Wherever she is now; of one who is in none by then, nothing follows."""
    story = Story()
    assert story.then(Unheard(CALLER)) == [Tell("sound_mended", {"leg": CALLER}), PutAnew(CALLER)]
    assert story.then(Unheard(SITI)) == [Tell("sound_mended", {"leg": SITI}), PutAnew(SITI)]
    story.then(Hold())
    assert story.then(Unheard(CALLER)) == []
    assert story.then(Unheard("py9")) == []


def test_the_operator_stays_with_the_caller_until_the_consulted_answers() -> None:
    story = Story()
    effects = story.then(calls())
    assert [type(one) for one in effects] == [Tell, Dial]
    assert story.state.places()[CALLER] is Place.MAIN
    story.then(LegUp("py1"))
    assert story.state.places() == {CALLER: Place.HOLD, SITI: Place.SIDE, "py1": Place.SIDE}


def test_an_attended_transfer_joins_before_it_parts() -> None:
    """The caller and the agency are together before the operator's phone is put down."""
    story = Story()
    story.then(calls(), LegUp("py1"))
    effects = story.then(Transfer("py1"))
    assert effects.index(Put(CALLER, Place.MAIN)) < effects.index(HangUp(SITI))
    assert effects.index(Put("py1", Place.MAIN)) < effects.index(HangUp(SITI))
    assert ReleaseOperator(SITI) in effects
    story.then(LegGone("py1", Left.HUNG_UP))
    assert story.outcome is Outcome.PARTY


def test_a_consultation_that_ends_brings_the_operator_back() -> None:
    story = Story()
    story.then(calls(), LegUp("py1"), LegGone("py1", Left.HUNG_UP))
    assert story.state.places() == {CALLER: Place.MAIN, SITI: Place.MAIN}


def test_a_hold_of_her_own_outlasts_a_consultation() -> None:
    story = Story()
    story.then(Hold(), calls(), LegUp("py1"), Remove("py1"))
    assert story.state.places() == {CALLER: Place.HOLD, SITI: Place.MAIN}


def test_going_back_to_the_caller_parks_the_consulted() -> None:
    story = Story()
    story.then(calls(), LegUp("py1"), Resume())
    assert story.state.places() == {CALLER: Place.MAIN, SITI: Place.MAIN, "py1": Place.HOLD}
    story.then(Consult("py1"))
    assert story.state.places() == {CALLER: Place.HOLD, SITI: Place.SIDE, "py1": Place.SIDE}
    story.then(Join("py1"))
    assert set(story.state.places().values()) == {Place.MAIN}


@pytest.mark.parametrize("left", [Left.NO_ANSWER, Left.BUSY, Left.UNREACHABLE, Left.HUNG_UP])
def test_a_blind_transfer_that_fails_puts_the_caller_back(left: Left) -> None:
    story = Story()
    story.then(calls(purpose=Purpose.BLIND))
    assert story.state.places()[CALLER] is Place.HOLD
    story.then(LegGone("py1", left))
    assert story.outcome is Outcome.REQUEUE


def test_a_blind_transfer_that_is_answered() -> None:
    story = Story()
    story.then(calls(purpose=Purpose.BLIND), LegUp("py1"))
    assert story.state.places() == {CALLER: Place.MAIN, "py1": Place.MAIN}
    story.then(LegGone(CALLER, Left.HUNG_UP))
    assert story.outcome is Outcome.CALLER


def test_a_transfer_to_an_operator_hands_the_conversation_over() -> None:
    """She can do with it what the first could."""
    story = Story()
    story.then(calls(BUDI), LegUp("py1"))
    effects = story.then(Transfer("py1"))
    assert any(isinstance(one, HandOver) for one in effects)
    assert story.state.operator == "py1"
    story.then(Hold())
    assert story.state.hears_music
    story.then(LegGone("py1", Left.HUNG_UP))
    assert story.outcome is Outcome.REQUEUE


def test_an_operator_who_hangs_up_with_a_caller_on_hold_gives_her_back() -> None:
    story = Story()
    story.then(Hold(), LegGone(SITI, Left.HUNG_UP))
    assert story.outcome is Outcome.REQUEUE


def test_an_operator_who_hangs_up_while_somebody_rings_leaves_the_caller_to_that_one() -> None:
    story = Story()
    story.then(calls(), LegGone(SITI, Left.HUNG_UP))
    assert (story.outcome, story.state.hears_music) == (None, True)
    story.then(LegUp("py1"))
    assert story.state.places() == {CALLER: Place.MAIN, "py1": Place.MAIN}


def test_an_operator_whose_phone_fails_in_a_consultation_leaves_the_caller_to_the_queue() -> None:
    story = Story()
    effects = story.then(calls(), LegUp("py1"), LegGone(SITI, Left.FAILED))
    assert story.outcome is Outcome.REQUEUE
    assert HangUp("py1") in effects


def test_a_caller_who_hangs_up_does_not_cut_off_the_operator_and_the_agency() -> None:
    story = Story()
    story.then(calls(), LegUp("py1"), LegGone(CALLER, Left.HUNG_UP))
    assert story.outcome is None
    story.then(LegGone("py1", Left.HUNG_UP))
    assert story.outcome is Outcome.CALLER


def test_a_line_that_stays_open_is_called_again() -> None:
    story = Story()
    effects = story.then(Hold(emergency=True), LegGone(CALLER, Left.HUNG_UP))
    assert RingBack() in effects
    assert RingBack() not in Story().then(Hold(), LegGone(CALLER, Left.HUNG_UP))


def test_a_pause_and_a_mute_end_with_the_operators_part() -> None:
    """Who comes next would not know of them."""
    story = Story()
    story.then(PauseRecording("card number"), Mute(CALLER), calls(), LegUp("py1"))
    effects = story.then(Transfer("py1"))
    assert SetRecordingPaused(False) in effects
    assert SetMuted(CALLER, False) in effects
    assert (story.state.pause_reason, story.state.muted) == (None, frozenset())


def test_keys_are_sent_and_not_told() -> None:
    effects = Story().then(SendDigits(CALLER, "1234#"))
    assert effects == [Tell("digits_sent", {"leg": CALLER, "count": 5}), Press(CALLER, "1234#")]


REFUSED: list[tuple[str, list[Input], Input]] = [
    ("resume nobody", [], Resume()),
    ("hold twice", [Hold()], Hold()),
    ("transfer to one who rings", [calls()], Transfer("py1")),
    ("transfer to nobody", [], Transfer("py9")),
    ("the same twice", [calls()], calls(party="py2")),
    ("two consultations", [calls()], calls(BUDI, party="py2")),
    ("pause without a reason", [], PauseRecording("  ")),
    ("pause twice", [PauseRecording("x")], PauseRecording("y")),
    ("resume a recording that runs", [], ResumeRecording()),
    ("mute twice", [Mute(SITI)], Mute(SITI)),
    ("unmute who is heard", [], Unmute(SITI)),
    ("keys for nobody", [], SendDigits("py1", "1")),
    ("join who is there", [calls(purpose=Purpose.CONFERENCE), LegUp("py1")], Join("py1")),
    ("anything after leaving", [calls(purpose=Purpose.BLIND)], Hold()),
]


@pytest.mark.parametrize(("before", "refused"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_cannot_be_is_refused(before: list[Input], refused: Input) -> None:
    story = Story()
    story.then(*before)
    with pytest.raises(CommandRefused):
        handle(story.state, refused)


LEGS = [CALLER, SITI, "py1", "py2", "py3"]
leg, party = st.sampled_from(LEGS), st.sampled_from(LEGS[2:])
target = st.sampled_from([FIRE, BUDI, Target(TargetKind.NUMBER, "110"), Target(TargetKind.OPERATOR, "rini")])
anything: st.SearchStrategy[Any] = st.one_of(
    st.builds(Hold, st.booleans()), st.builds(Resume), st.builds(Mute, leg), st.builds(Unmute, leg),
    st.builds(CallIn, party, target, st.sampled_from(Purpose)), st.builds(LegUp, party),
    st.builds(Consult, party),
    st.builds(Join, party), st.builds(Transfer, party), st.builds(Remove, party), st.builds(PutBack),
    st.builds(SendDigits, leg, st.just("1")), st.builds(PauseRecording, st.just("why")),
    st.builds(ResumeRecording), st.builds(LegGone, leg, st.sampled_from(Left)), st.builds(LegUp, party),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An event of a journal."""

    type: str
    data: dict[str, Any]


@settings(max_examples=400)
@given(st.lists(anything, max_size=25))
def test_whatever_happens_nobody_is_left_alone_and_the_journal_tells_it_all(inputs: list[Input]) -> None:
    """Placed legs exist; no caller or party is alone in silence; retold, a conversation is the same."""
    state, journal, placed, alive = State(CALLER, SITI), [], {}, {CALLER, SITI}
    placed.update(state.places())
    released = 0
    for one in inputs:
        if isinstance(one, LegUp | LegGone) and one.leg not in alive:
            continue  # Asterisk does not tell of what is not there.
        if isinstance(one, CallIn) and one.party_id in alive:
            continue
        try:
            after, effects = handle(state, one)
        except CommandRefused:
            continue
        if isinstance(one, LegGone):
            alive.discard(one.leg)
            placed.pop(one.leg, None)
        journal += [Line(effect.type, effect.data) for effect in effects if isinstance(effect, Tell)]
        for effect in effects:
            match effect:
                case Dial(party=dialled):
                    alive.add(dialled.id)
                case Put(leg=moved, place=place):
                    assert moved in alive
                    placed[moved] = place
                case HangUp(leg=ended):
                    alive.discard(ended)
                    placed.pop(ended, None)
                case ReleaseOperator():
                    released += 1
        if finish := next((effect for effect in effects if isinstance(effect, Finish)), None):
            assert finish is effects[-1]
            assert (CALLER in alive) or finish.outcome in {Outcome.CALLER, Outcome.OPERATOR}
            return
        state = after
        up = {leg: place for leg, place in state.places().items() if place is not Place.NOWHERE}
        assert placed == up
        for room in (Place.MAIN, Place.SIDE):
            inside = [leg for leg, place in up.items() if place is room]
            assert len(inside) != 1 or inside == [state.operator]
        assert state.is_caller_there == (CALLER in alive)
        assert alive == set(state.places())
        assert retell(State(CALLER, SITI), journal) == state

"""What follows from what: ``handle(state, input)`` returns the next state and the effects. Pure.

The rules:

* A caller who is there is never left alone: she talks, hears music, or waits in the queue again.
* While somebody rings, the operator stays with the caller; only an answer parts them.
* An operator who hangs up with somebody else in the conversation leaves the caller with that one; with a
  caller on hold and nobody else, the caller waits again.
* A caller who hangs up ends the conversation, unless the operator is speaking with somebody about her.
"""

from __future__ import annotations

from dataclasses import replace

from ari_app.conversation.errors import CommandRefused
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
    Party,
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
    TakenOver,
    TargetKind,
    Tell,
    Transfer,
    Unheard,
    Unmute,
)

_LARGEST = 8
"""Parties at once: what one operator can keep in mind, and more than any call of record."""

Effects = list[Effect]
Step = tuple[State, Effects]


def handle(state: State, given: Input) -> Step:
    """Return the next state and what is to be done, in order.

    Raises :class:`~ari_app.conversation.errors.CommandRefused`; nothing has changed then.
    """
    match given:
        case LegUp(leg=leg):
            after, effects = _answered(state, leg)
        case LegGone(leg=leg, left=left):
            after, effects = _gone(state, leg, left)
        case TakenOver(leg=leg, supervisor=supervisor):
            after, effects = _supervised(state, leg, supervisor)
        case Unheard(leg=leg):
            is_in_a_room = state.places().get(leg) in {Place.MAIN, Place.SIDE}
            after, effects = state, [Tell("sound_mended", {"leg": leg}), PutAnew(leg)] if is_in_a_room else []
        case _:
            if state.operator is None:
                raise CommandRefused("no operator is in this conversation any more")
            after, effects = _obey(state, state.operator, given)
    return after, _with_places(state, after, effects)


def _obey(state: State, operator: str, command: Input) -> Step:
    match command:
        case Hold(emergency=emergency):
            return _hold(state, emergency)
        case Resume():
            return _resume(state)
        case Mute(leg=leg):
            return _mute(state, leg, True)
        case Unmute(leg=leg):
            return _mute(state, leg, False)
        case CallIn():
            return _call_in(state, operator, command)
        case Consult(party_id=party_id):
            return _consult(state, _up(state, party_id))
        case Join(party_id=party_id):
            return _join(state, _up(state, party_id))
        case Transfer(party_id=party_id):
            return _transfer(state, operator, _up(state, party_id))
        case Remove(party_id=party_id):
            party = _party(state, party_id)
            after, effects = _without(state, party, Left.REMOVED)
            return after, [Tell("party_removed", {"party": party.id}), HangUp(party.id), *effects]
        case PutBack():
            return _put_back(state, operator)
        case SendDigits(leg=leg, digits=digits):
            _check_leg(state, leg)
            # What was pressed may be a secret of the one who hears it: only how much is told.
            return state, [Tell("digits_sent", {"leg": leg, "count": len(digits)}), Press(leg, digits)]
        case PauseRecording(reason=reason):
            return _pause(state, reason)
        case ResumeRecording():
            if state.pause_reason is None:
                raise CommandRefused("the recording is not paused")
            after = replace(state, pause_reason=None)
            return after, [Tell("recording_resumed"), SetRecordingPaused(False)]
        case _:
            raise CommandRefused(f"{type(command).__name__} is no command")


# ------------------------------------------------------------------------------------------ commands


def _hold(state: State, emergency: bool) -> Step:
    if not state.is_caller_there:
        raise CommandRefused("the caller has hung up")
    if state.is_held and (state.stays_open or not emergency):
        raise CommandRefused("the caller is on hold already")
    told = Tell("held", {"emergency": emergency})
    return replace(state, is_held=True, stays_open=emergency), [told]


def _resume(state: State) -> Step:
    if not state.is_caller_there:
        raise CommandRefused("the caller has hung up")
    if not state.is_held and state.consulting is None:
        raise CommandRefused("the caller is not on hold")
    after = _change(state, state.consulting, is_parked=True)
    after = replace(after, is_held=False, stays_open=False, consulting=None)
    return after, [Tell("resumed")]


def _mute(state: State, leg: str, is_muted: bool) -> Step:
    _check_leg(state, leg)
    if (leg in state.muted) == is_muted:
        raise CommandRefused("that leg is muted already" if is_muted else "that leg is not muted")
    muted = state.muted | {leg} if is_muted else state.muted - {leg}
    told = Tell("muted" if is_muted else "unmuted", {"leg": leg})
    return replace(state, muted=muted), [told, SetMuted(leg, is_muted)]


def _call_in(state: State, operator: str, command: CallIn) -> Step:
    if state.party(command.party_id) is not None:
        raise CommandRefused(f"{command.party_id} is in the conversation already")
    if len(state.parties) >= _LARGEST:
        raise CommandRefused(f"a conversation has at most {_LARGEST} parties")
    if any(one.target == command.target for one in state.parties):
        raise CommandRefused("that one is in the conversation already")
    if command.purpose is Purpose.CONSULT and (state.consulting or _ringing(state, Purpose.CONSULT)):
        raise CommandRefused("one consultation at a time: end the other first")
    if command.purpose is Purpose.BLIND and not state.is_caller_there:
        raise CommandRefused("the caller has hung up: there is nobody to transfer")
    party = Party(command.party_id, command.target, command.purpose)
    target = {"target_kind": party.target.kind.value, "target": party.target.id}
    told = Tell("party_called", {"party": party.id, **target, "purpose": party.purpose.value})
    after = replace(state, parties=(*state.parties, party))
    if command.purpose is not Purpose.BLIND:
        return after, [told, Dial(party)]
    # The caller stays with whoever else is there, or hears music until it is answered.
    after, effects = _leave(after, operator)
    return after, [told, Dial(party), *effects]


def _consult(state: State, party: Party) -> Step:
    if state.consulting is not None:
        raise CommandRefused("one consultation at a time: end the other first")
    return _aside(state, party.id), [Tell("consulted", {"party": party.id})]


def _join(state: State, party: Party) -> Step:
    if state.consulting != party.id and not party.is_parked and not state.is_held:
        raise CommandRefused("that one is with the caller already")
    consulting = None if state.consulting == party.id else state.consulting
    after = replace(_change(state, party.id, is_parked=False), consulting=consulting)
    after = replace(after, is_held=False, stays_open=False)
    return after, [Tell("party_joined", {"party": party.id})]


def _transfer(state: State, operator: str, party: Party) -> Step:
    if not state.is_caller_there:
        raise CommandRefused("the caller has hung up: there is nobody to transfer")
    told = Tell("transferred", {"party": party.id, "how": "attended"})
    after, effects = _leave(state, operator)
    return after, [told, *effects]


def _put_back(state: State, operator: str) -> Step:
    if not state.is_caller_there:
        raise CommandRefused("the caller has hung up")
    after, effects = _without_operator(state, operator)
    effects = [Tell("put_back"), *effects, HangUp(operator), ReleaseOperator(operator)]
    return after, [*effects, Finish(Outcome.REQUEUE)]


def _pause(state: State, reason: str) -> Step:
    if not reason.strip():
        raise CommandRefused("a pause of the recording needs a reason")
    if state.pause_reason is not None:
        raise CommandRefused("the recording is paused already")
    after = replace(state, pause_reason=reason)
    return after, [Tell("recording_paused", {"reason": reason}), SetRecordingPaused(True)]


# ------------------------------------------------------------------------------------------- signals


def _answered(state: State, leg: str) -> Step:
    party = state.party(leg)
    if party is None or party.is_up:
        return state, []
    told = Tell("party_answered", {"party": party.id})
    after = _change(state, party.id, is_up=True)
    match party.purpose:
        case Purpose.CONSULT if state.operator is not None and state.is_caller_there:
            return _aside(after, party.id), [told]
        case Purpose.BLIND:
            transferred = Tell("transferred", {"party": party.id, "how": "blind"})
            after, effects = _taken_over(after)
            return after, [told, transferred, *effects]
        case _:
            return after, [told]


def _gone(state: State, leg: str, left: Left) -> Step:
    if leg == state.caller:
        return _caller_gone(state)
    if leg == state.operator:
        return _operator_gone(state, leg, left)
    party = state.party(leg)
    if party is None:
        return state, []
    after, effects = _without(state, party, left)
    return after, [Tell("party_left", {"party": party.id, "outcome": left.value}), *effects]


def _caller_gone(state: State) -> Step:
    if not state.is_caller_there:
        return state, []
    after = replace(state, is_caller_there=False, is_held=False, stays_open=False)
    effects: Effects = [RingBack()] if state.stays_open else []
    after, effects = _unless_over(after, effects, Outcome.CALLER)
    return after, effects if _is_over(effects) else [Tell("caller_left"), *effects]


def _operator_gone(state: State, operator: str, left: Left) -> Step:
    hung_up, consulted = left is Left.HUNG_UP, state.consulting
    after, effects = _without_operator(state, operator)
    effects.append(ReleaseOperator(operator))
    if not hung_up:
        # Nobody has said that the caller was to go to those with whom she was not speaking.
        aside = [one for one in state.parties if one.id == consulted or one.is_parked or not one.is_up]
        after = replace(after, parties=tuple(one for one in state.parties if one not in aside))
        effects += [HangUp(party.id) for party in aside]
    after, more = _taken_over(after)
    was_left_waiting = state.is_held or not hung_up
    outcome = Outcome.REQUEUE if was_left_waiting else Outcome.OPERATOR
    after, effects = _unless_over(after, [*effects, *more], outcome)
    if hung_up and _is_over(effects) and outcome is Outcome.OPERATOR:
        return after, effects  # The end of the call tells it.
    told = Tell("operator_left" if hung_up else "operator_lost", {"leg": operator, "outcome": left.value})
    return after, [told, *effects]


def _supervised(state: State, leg: str, supervisor: str) -> Step:
    """A supervisor is the operator now. Those who were being consulted wait for her to decide."""
    effects: Effects = []
    after = state
    if state.operator is not None:
        after, effects = _without_operator(state, state.operator)
        effects.append(ReleaseOperator(state.operator))
        parked = [one.id for one in state.parties if one.is_parked or one.id == state.consulting]
        after = replace(
            after, parties=tuple(replace(one, is_parked=one.id in parked) for one in state.parties)
        )
    told = Tell("taken_over", {"operator": supervisor, "leg": leg})
    return replace(after, operator=leg), [told, *effects]


# ------------------------------------------------------------------------------------------- helpers


def _leave(state: State, operator: str) -> Step:
    """The operator leaves the caller to others."""
    after, effects = _without_operator(state, operator)
    after, more = _taken_over(after)
    return after, [*effects, *more, HangUp(operator), ReleaseOperator(operator)]


def _without_operator(state: State, operator: str) -> Step:
    """What was hers alone to decide ends with her part: a hold, who is not heard, a pause."""
    effects: Effects = [SetMuted(leg, False) for leg in sorted(state.muted - {operator})]
    if state.pause_reason is not None:
        effects += [Tell("recording_resumed", {"because": "operator_left"}), SetRecordingPaused(False)]
    parties = tuple(replace(party, is_parked=False) for party in state.parties)
    if not any(party.is_up for party in parties):
        # Somebody is still being called: she gets the caller.
        parties = tuple(replace(party, purpose=Purpose.BLIND) for party in parties)
    after = replace(state, operator=None, is_held=False, stays_open=False, consulting=None, parties=parties)
    return replace(after, muted=frozenset(), pause_reason=None), effects


def _taken_over(state: State) -> Step:
    """Without an operator, the first operator among those who were called has the conversation."""
    if state.operator is not None:
        return state, []
    for party in state.parties:
        if party.is_up and party.target.kind is TargetKind.OPERATOR:
            rest = tuple(one for one in state.parties if one.id != party.id)
            told = Tell("handed_over", {"operator": party.target.id, "leg": party.id})
            return replace(state, operator=party.id, parties=rest), [told, HandOver(party)]
    return state, []


def _without(state: State, party: Party, left: Left) -> Step:
    """Somebody who was called is in the conversation no longer."""
    rest = tuple(one for one in state.parties if one.id != party.id)
    consulting = None if state.consulting == party.id else state.consulting
    after = replace(state, parties=rest, muted=state.muted - {party.id}, consulting=consulting)
    hung_up = party.is_up and left is Left.HUNG_UP
    return _unless_over(after, [], Outcome.PARTY if hung_up else Outcome.REQUEUE)


def _unless_over(state: State, effects: Effects, outcome: Outcome) -> Step:
    """Finish if too few are left to talk, or to wait for somebody."""
    if state.operator is not None:
        goes_on = state.is_caller_there or bool(state.parties)
    else:
        # Without an operator and a caller, nobody has a reason to be called any more.
        here = [party for party in state.parties if party.is_up or state.is_caller_there]
        goes_on = len(here) + state.is_caller_there >= 2
        if goes_on and not any(party.is_up for party in here):
            here = [replace(party, purpose=Purpose.BLIND) for party in here]
        if goes_on:
            effects = [*effects, *(HangUp(party.id) for party in state.parties if not _is_in(party, here))]
            state = replace(state, parties=tuple(here))
    if goes_on:
        return state, effects
    return state, [*effects, Finish(outcome if state.is_caller_there else Outcome.CALLER)]


def _is_over(effects: Effects) -> bool:
    return any(isinstance(effect, Finish) for effect in effects)


def _is_in(party: Party, parties: list[Party]) -> bool:
    return any(one.id == party.id for one in parties)


def _aside(state: State, party_id: str) -> State:
    """The operator goes to the side room with somebody."""
    return replace(_change(state, party_id, is_parked=False), consulting=party_id)


def _ringing(state: State, purpose: Purpose) -> bool:
    return any(party.purpose is purpose and not party.is_up for party in state.parties)


def _change(state: State, party_id: str | None, **changes: bool) -> State:
    parties = tuple(
        replace(one, **changes) if one.id == party_id else one  # type: ignore[arg-type]
        for one in state.parties
    )
    return replace(state, parties=parties)


def _party(state: State, party_id: str) -> Party:
    party = state.party(party_id)
    if party is None:
        raise CommandRefused(f"{party_id} is not in the conversation")
    return party


def _up(state: State, party_id: str) -> Party:
    party = _party(state, party_id)
    if not party.is_up:
        raise CommandRefused("that one has not answered yet")
    return party


def _check_leg(state: State, leg: str) -> None:
    if leg == state.caller and state.is_caller_there:
        return
    if leg != state.operator:
        _up(state, leg)


def _with_places(before: State, after: State, effects: Effects) -> Effects:
    """Add what brings everybody to her place: before anybody is hung up, so that no caller hears silence."""
    if _is_over(effects):
        return effects
    had, has = before.places(), after.places()
    put = [
        Put(leg, place)
        for leg, place in has.items()
        if had.get(leg) is not place and place is not Place.NOWHERE
    ]
    told = sum(isinstance(effect, Tell) for effect in effects[:1])
    return [*effects[:told], *put, *effects[told:]]

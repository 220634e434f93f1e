"""Triage: a plan that can be followed, and a dialogue that ends in time whatever the caller does."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.errors import PlanInvalid
from queues.triage import (
    Classified,
    Digit,
    Outcome,
    PlayPrompt,
    PromptFailed,
    PromptFinished,
    StopPrompt,
    TriageCommand,
    TriageDialogue,
    TriagePlan,
    parse_plan,
)

DOCUMENT = tomllib.loads((Path(__file__).parents[2] / "cities" / "surabaya.toml").read_text())
KINDS = [kind["id"] for kind in DOCUMENT["kinds"]]


def plan() -> TriagePlan:
    return parse_plan(DOCUMENT["triage"], KINDS)


def begun() -> TriageDialogue:
    dialogue = TriageDialogue(plan())
    assert dialogue.start(0.0) == [PlayPrompt("greeting-menu", "id")]
    return dialogue


@pytest.mark.parametrize(
    ("digits", "kind", "language"),
    [("1", "fire", "id"), ("2", "medical", "id"), ("5", "traffic", "id"), ("92", "medical", "en")],
)
def test_digits_lead_to_a_kind(digits: str, kind: str, language: str) -> None:
    """A digit stops the prompt; 9 asks again in English."""
    dialogue = begun()
    said: list[TriageCommand] = []
    for digit in digits:
        said = dialogue.handle(Digit(digit), 1.0)
        assert said[0] == StopPrompt()
    assert said[-1] == Classified(kind, language, digits, Outcome.CHOSEN)


def test_silence_takes_the_most_urgent_way_after_the_prompts_wait() -> None:
    """Three seconds after the prompt she goes to an operator."""
    dialogue = begun()
    assert dialogue.handle(PromptFinished(), 8.0) == []
    assert dialogue.next_timeout() == 11.0
    assert dialogue.handle_timeout(11.0) == [Classified("unknown", "id", "", Outcome.SILENCE)]


def test_a_wrong_digit_and_a_broken_prompt_take_the_most_urgent_way_at_once() -> None:
    """Nobody is asked twice."""
    assert begun().handle(Digit("7"), 1.0)[-1] == Classified("unknown", "id", "7", Outcome.WRONG_DIGIT)
    assert begun().handle(PromptFailed(), 1.0) == [Classified("unknown", "id", "", Outcome.ERROR)]


def test_a_wrong_digit_keeps_the_language_that_was_chosen() -> None:
    """She asked for English, so an English speaker is looked for."""
    dialogue = begun()
    dialogue.handle(Digit("9"), 1.0)
    assert dialogue.handle(Digit("0"), 2.0)[-1] == Classified("unknown", "en", "90", Outcome.WRONG_DIGIT)


def test_ten_digits_at_once_are_one_answer() -> None:
    """The first that decides wins; the rest is not heard."""
    dialogue = begun()
    said = [command for digit in "1234567890" for command in dialogue.handle(Digit(digit), 1.0)]
    assert [command for command in said if isinstance(command, Classified)] == [
        Classified("fire", "id", "1", Outcome.CHOSEN)
    ]


@given(
    st.lists(
        st.tuples(
            st.floats(0, 5),
            st.one_of(
                st.sampled_from("0123456789*#").map(Digit), st.just(PromptFinished()), st.just(PromptFailed())
            ),
        ),
        max_size=30,
    )
)
def test_every_dialogue_ends_once_and_in_time(history: list[tuple[float, Any]]) -> None:
    """Exactly one classification, within the limit, and a timer for it at every moment before."""
    dialogue = begun()
    now = 0.0
    ends: list[float] = []

    def look(commands: list[TriageCommand]) -> None:
        ends.extend(now for command in commands if isinstance(command, Classified))

    for pause, event in history:
        until = now + pause
        while (due := dialogue.next_timeout()) is not None and due <= until:
            now = due
            look(dialogue.handle_timeout(now))
        now = until
        look(dialogue.handle(event, now))
    while (due := dialogue.next_timeout()) is not None:
        now = max(now, due)
        look(dialogue.handle_timeout(now))
    assert len(ends) == 1
    assert ends[0] <= plan().limit_s


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": "nowhere"}, "triage.start = 'nowhere': no such node"),
        ({"fallback_kind": "tsunami"}, "triage.fallback_kind = 'tsunami': no such kind"),
    ],
)
def test_a_plan_that_leads_nowhere_is_refused(change: dict[str, str], says: str) -> None:
    """The problem names the key and the value."""
    with pytest.raises(PlanInvalid, match=says):
        parse_plan(DOCUMENT["triage"] | change, KINDS)


def test_a_circle_and_an_unreachable_question_are_refused() -> None:
    """A caller must not go round, and nothing stands in a plan in vain."""
    node = {"language": "id", "prompt": "p", "wait_s": 1}
    circle = {
        "start": "a",
        "limit_s": 9,
        "fallback_kind": "fire",
        "nodes": {
            "a": node | {"digits": {"1": {"go": "b"}}},
            "b": node | {"digits": {"1": {"go": "a"}}},
            "c": node | {"digits": {"1": {"kind": "fire"}}},
        },
    }
    with pytest.raises(PlanInvalid) as caught:
        parse_plan(circle, ["fire"])
    assert caught.value.problems == (
        "triage.nodes: a to b to a is a circle",
        "triage.nodes.c: no digit leads here",
    )

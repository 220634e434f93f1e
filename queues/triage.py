"""Triage: what a caller is asked before an operator answers, and what her digits mean.

A plan is data. A dialogue leads one caller through it, without any input or output of its own: it is told
what happened and says what to play. It ends in exactly one `Classified`, within the plan's limit, whatever
the caller does: silence, a wrong digit and an error all take the most urgent way, since triage may only
ever help.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from queues.errors import PlanInvalid

# ------------------------------------------------------------------------------------------ the plan


@dataclass(frozen=True, slots=True)
class TriageNode:
    """One question: a prompt, and what each digit does."""

    prompt: str
    language: str
    wait_s: float
    """How long to wait for a digit after the prompt."""
    kinds: Mapping[str, str]
    """Digits that end in a kind."""
    nodes: Mapping[str, str]
    """Digits that lead to another question."""


@dataclass(frozen=True, slots=True)
class TriagePlan:
    """A whole plan. Build it with :func:`parse_plan`, which checks that it can be followed."""

    start: str
    limit_s: float
    """From the first prompt to the classification, in all."""
    fallback_kind: str
    nodes: Mapping[str, TriageNode]


def parse_plan(data: Mapping[str, Any], kinds: Collection[str]) -> TriagePlan:
    """Build a plan from the ``[triage]`` table of a city file.

    Raises :class:`~queues.errors.PlanInvalid` for a plan that leads nowhere, or in a circle.
    """
    nodes = {}
    for name, node in data["nodes"].items():
        digits = node["digits"]
        nodes[name] = TriageNode(
            node["prompt"],
            node["language"],
            float(node["wait_s"]),
            {digit: leads["kind"] for digit, leads in digits.items() if leads.get("kind") is not None},
            {digit: leads["go"] for digit, leads in digits.items() if leads.get("go") is not None},
        )
    plan = TriagePlan(data["start"], float(data["limit_s"]), data["fallback_kind"], nodes)
    problems = tuple(_problems(plan, kinds))
    if problems:
        raise PlanInvalid(problems)
    return plan


def _problems(plan: TriagePlan, kinds: Collection[str]) -> list[str]:
    found = []
    if plan.start not in plan.nodes:
        found.append(f"triage.start = {plan.start!r}: no such node")
    if plan.fallback_kind not in kinds:
        found.append(f"triage.fallback_kind = {plan.fallback_kind!r}: no such kind")
    for name, node in plan.nodes.items():
        where = f"triage.nodes.{name}.digits"
        found += [
            f"{where}.{digit} = {kind!r}: no such kind"
            for digit, kind in node.kinds.items()
            if kind not in kinds
        ]
        found += [
            f"{where}.{digit} = {go!r}: no such node"
            for digit, go in node.nodes.items()
            if go not in plan.nodes
        ]
    if found:
        return found
    reached: list[str] = []
    found += _circles(plan, plan.start, (), reached)
    found += [f"triage.nodes.{name}: no digit leads here" for name in plan.nodes if name not in reached]
    return found


def _circles(plan: TriagePlan, name: str, path: tuple[str, ...], reached: list[str]) -> list[str]:
    if name in path:
        return [f"triage.nodes: {' to '.join((*path, name))} is a circle"]
    reached.append(name)
    return [
        problem
        for target in plan.nodes[name].nodes.values()
        for problem in _circles(plan, target, (*path, name), reached)
    ]


# --------------------------------------------------------------------------------------- the dialogue


class Outcome(StrEnum):
    """How a caller came to her kind."""

    CHOSEN = "chosen"
    SILENCE = "silence"
    WRONG_DIGIT = "wrong_digit"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """The prompt was played to its end."""


@dataclass(frozen=True, slots=True)
class PromptFailed:
    """The prompt could not be played."""


@dataclass(frozen=True, slots=True)
class PlayPrompt:
    """Play this to the caller."""

    prompt: str
    language: str


@dataclass(frozen=True, slots=True)
class StopPrompt:
    """Stop what is playing: she has answered."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What the call is about, as far as the caller has said; the last command of a dialogue."""

    kind: str
    language: str
    digits: str
    outcome: Outcome


TriageEvent = Digit | PromptFinished | PromptFailed
TriageCommand = PlayPrompt | StopPrompt | Classified


class TriageDialogue:
    """Leads one caller through a plan."""

    def __init__(self, plan: TriagePlan) -> None:
        self._plan = plan
        self._node = plan.nodes[plan.start]
        self._digits = ""
        self._ends_at: float | None = None
        self._answer_due: float | None = None
        self._is_playing = False
        self._is_over = False

    def start(self, now: float) -> list[TriageCommand]:
        """Begin, at ``now``."""
        self._ends_at = now + self._plan.limit_s
        return self._ask()

    def handle(self, event: TriageEvent, now: float) -> list[TriageCommand]:
        """Take an event. After the classification nothing is said any more."""
        if self._is_over:
            return []
        if (due := self.next_timeout()) is not None and due <= now:
            return self.handle_timeout(now)
        match event:
            case Digit(digit=digit):
                return self._press(digit)
            case PromptFinished():
                self._is_playing = False
                self._answer_due = now + self._node.wait_s
                return []
            case PromptFailed():
                self._is_playing = False
                return self._classify(self._plan.fallback_kind, Outcome.ERROR)

    def next_timeout(self) -> float | None:
        """Return when to call ``handle_timeout``, or None once all is said."""
        if self._is_over or self._ends_at is None:
            return None
        return self._ends_at if self._answer_due is None else min(self._answer_due, self._ends_at)

    def handle_timeout(self, now: float) -> list[TriageCommand]:
        """The caller has said nothing for too long."""
        due = self.next_timeout()
        if due is None or now < due:
            return []
        return self._classify(self._plan.fallback_kind, Outcome.SILENCE)

    def _press(self, digit: str) -> list[TriageCommand]:
        self._digits += digit
        if digit in self._node.kinds:
            return self._classify(self._node.kinds[digit], Outcome.CHOSEN)
        if digit in self._node.nodes:
            stop = self._stop()
            self._node = self._plan.nodes[self._node.nodes[digit]]
            return [*stop, *self._ask()]
        return self._classify(self._plan.fallback_kind, Outcome.WRONG_DIGIT)

    def _ask(self) -> list[TriageCommand]:
        self._is_playing = True
        self._answer_due = None
        return [PlayPrompt(self._node.prompt, self._node.language)]

    def _stop(self) -> list[TriageCommand]:
        was_playing, self._is_playing = self._is_playing, False
        return [StopPrompt()] if was_playing else []

    def _classify(self, kind: str, outcome: Outcome) -> list[TriageCommand]:
        stop = self._stop()
        self._is_over = True
        return [*stop, Classified(kind, self._node.language, self._digits, outcome)]

"""What a city sets for its queues, and the rules of `queues.policy` that follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, model_validator

from queues.errors import SkillsInvalid
from queues.pausing import ALWAYS
from queues.policy import AcdPolicy, Announcements, Overflow, Pause, QueuePolicy
from queues.skills import parse
from queues.values import OverflowTo, OverflowWhen, PauseEnd, WrapUpMode
from suar.city.fields import LanguageCode, PositiveSeconds, Seconds, Slug, Table, Text


def _expression(value: str) -> str:
    try:
        parse(value)
    except SkillsInvalid as error:
        raise ValueError(f'skills with and, or, not, such as "medical and not trainee"; {error}') from error
    return value


def _pause_id(value: str) -> str:
    if value in ALWAYS:
        raise ValueError(f"a name of its own: {', '.join(sorted(ALWAYS))} mean something already")
    return value


SkillExpression = Annotated[str, AfterValidator(_expression)]


class OverflowRule(Table):
    """``[[queues.overflow]]``: when a queue's callers may be served elsewhere too, and where."""

    when: Literal["wait", "length", "no_operator"]
    after_s: Seconds | None = None
    length: Annotated[int, Field(ge=1, le=10_000)] | None = None
    to: Literal["queue", "supervisors", "neighbour"]
    queue: Slug | None = None
    neighbour: Slug | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> OverflowRule:
        needed = "length" if self.when == "length" else "after_s"
        other = "after_s" if self.when == "length" else "length"
        if getattr(self, needed) is None or getattr(self, other) is not None:
            raise ValueError(f'when = "{self.when}" goes with {needed}, and without {other}')
        for target in ("queue", "neighbour"):
            if (getattr(self, target) is not None) is not (self.to == target):
                word = "goes with" if self.to == target else "goes without"
                raise ValueError(f'to = "{self.to}" {word} {target}')
        return self


_SHORTEST_PERIOD_S = 10
"""A waiting caller is told something no more often than this."""


class QueueAnnouncements(Table):
    """``[queues.announcements]``: what a waiting caller is told, and how often."""

    first_after_s: Annotated[float, Field(ge=5, le=3600)] = 20.0
    every_s: Annotated[float, Field(ge=_SHORTEST_PERIOD_S, le=3600)] = 30.0
    position_up_to: Annotated[int, Field(ge=0, le=5)] = 0


class Queue(Table):
    """``[[queues]]``: where callers wait for an operator."""

    id: Slug
    name: Text
    strategy: Literal["longest_idle", "fewest_calls", "fixed_order", "skill_first", "ring_all"]
    ring_timeout_s: Annotated[float, Field(ge=3, le=120)]
    wrap_up_s: Seconds
    answer_target_s: PositiveSeconds
    ring_at_once: Annotated[int, Field(ge=2, le=50)] = 10
    relax_s: Annotated[list[Seconds], Field(max_length=10)] = Field(default_factory=list)
    wrap_up_mode: Literal["optional", "mandatory", "none"] = "optional"
    wrap_up_limit_s: Seconds = 900.0
    overflow: Annotated[list[OverflowRule], Field(max_length=20)] = Field(default_factory=list)
    announcements: QueueAnnouncements | None = None

    @model_validator(mode="after")
    def _times_go_up(self) -> Queue:
        if sorted(set(self.relax_s)) != self.relax_s:
            raise ValueError("relax_s: seconds, each more than the one before")
        if self.wrap_up_limit_s < self.wrap_up_s:
            raise ValueError(f"wrap_up_limit_s: at least wrap_up_s, {self.wrap_up_s:g}")
        return self


class PauseReason(Table):
    """``[[pauses]]``: a reason for which an operator may be not ready."""

    id: Annotated[Slug, AfterValidator(_pause_id)]
    names: dict[LanguageCode, Text]
    limit_s: Seconds = 0.0
    then: Literal["alarm", "ready"] = "alarm"

    def name(self, language: str) -> str:
        """Return its name in ``language``, or in the first language that it has one in."""
        return self.names.get(language) or next(iter(self.names.values()), self.id)


class DistributionSettings(Table):
    """``[distribution]``: what holds for every queue. May be left out."""

    relax_after_s: Seconds = 5.0
    ageing_s: Seconds = 120.0
    redial_within_s: Seconds = 300.0
    missed_pause_s: Seconds = 0.0


class HasRules(Protocol):
    """What of a city the rules come from."""

    @property
    def queues(self) -> list[Queue]: ...
    @property
    def distribution(self) -> DistributionSettings: ...
    @property
    def pauses(self) -> list[PauseReason]: ...


def policy_of(city: HasRules) -> AcdPolicy:
    """Return the rules of the ACD that a city file sets."""
    general = city.distribution
    return AcdPolicy(
        {queue.id: _rules(queue) for queue in city.queues},
        relax_after_s=general.relax_after_s,
        ageing_s=general.ageing_s,
        redial_within_s=general.redial_within_s,
        missed_pause_s=general.missed_pause_s,
        pauses={one.id: Pause(one.limit_s, PauseEnd(one.then)) for one in city.pauses},
    )


def _rules(queue: Queue) -> QueuePolicy:
    told = queue.announcements
    return QueuePolicy(
        ring_timeout_s=queue.ring_timeout_s,
        wrap_up_s=queue.wrap_up_s,
        answer_target_s=queue.answer_target_s,
        strategy=queue.strategy,
        ring_at_once=queue.ring_at_once,
        relax_s=tuple(queue.relax_s),
        wrap_up_mode=WrapUpMode(queue.wrap_up_mode),
        wrap_up_limit_s=queue.wrap_up_limit_s,
        overflow=tuple(_overflow(queue.overflow)),
        announcements=Announcements(told.first_after_s, told.every_s, told.position_up_to) if told else None,
    )


def _overflow(rules: Iterable[OverflowRule]) -> Iterable[Overflow]:
    for rule in rules:
        at = rule.length if rule.length is not None else rule.after_s
        target = rule.queue or rule.neighbour or ""
        yield Overflow(OverflowWhen(rule.when), float(at or 0), OverflowTo(rule.to), target)

"""What the city file says of its queues becomes the ACD's rules, and is told to administrators."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from queues.acd import Acd
from queues.policy import AcdPolicy, Announcements, Overflow, Pause, QueuePolicy
from queues.strategies import STRATEGIES
from queues.values import OverflowTo, OverflowWhen, PauseEnd, WrapUpMode
from suar.city import (
    DistributionSettings,
    OverflowRule,
    PauseReason,
    Queue,
    QueueAnnouncements,
    load,
    parse,
    policy_of,
)

ROOT = Path(__file__).parents[2]
SURABAYA = ROOT / "cities" / "surabaya.toml"
TOWN = ROOT / "tests" / "data" / "kota_kecil.toml"


def test_the_example_becomes_the_rules_that_it_says() -> None:
    """Every key of the example arrives, in the core's own words."""
    policy = policy_of(load(SURABAYA))
    assert policy == AcdPolicy(
        {
            "emergency": QueuePolicy(
                12,
                30,
                10,
                relax_s=(5, 10),
                wrap_up_limit_s=300,
                overflow=(
                    Overflow(OverflowWhen.LENGTH, 20, OverflowTo.SUPERVISORS),
                    Overflow(OverflowWhen.WAIT, 60, OverflowTo.SUPERVISORS),
                    Overflow(OverflowWhen.NO_OPERATOR, 90, OverflowTo.NEIGHBOUR, "sidoarjo"),
                ),
                announcements=Announcements(20, 30, 5),
            )
        },
        pauses={
            "break": Pause(900, PauseEnd.ALARM),
            "meal": Pause(2700),
            "prayer": Pause(1200),
            "training": Pause(),
            "equipment": Pause(),
        },
    )


def test_other_words_become_other_rules() -> None:
    """A file that sets everything otherwise: another queue to overflow to, pauses that end by themselves."""
    text = TOWN.read_text()
    text = text.replace('strategy = "longest_idle"', 'strategy = "ring_all"\nring_at_once = 3')
    text = text.replace("wrap_up_s = 0", 'wrap_up_s = 7\nwrap_up_mode = "mandatory"\nwrap_up_limit_s = 7')
    text += """
[distribution]
relax_after_s = 1
ageing_s = 2
redial_within_s = 3
missed_pause_s = 4

[[queues]]
id = "info"
name = "Info"
strategy = "skill_first"
ring_timeout_s = 5
wrap_up_s = 5
wrap_up_mode = "none"
answer_target_s = 60
overflow = [{ when = "wait", after_s = 0, to = "queue", queue = "semua" }]

[[pauses]]
id = "makan"
names = { en = "Meal", id = "Makan" }
limit_s = 60
then = "ready"
"""
    policy = policy_of(parse(text))
    assert (policy.relax_after_s, policy.ageing_s, policy.redial_within_s, policy.missed_pause_s) == (
        1,
        2,
        3,
        4,
    )
    both = policy.queues["semua"], policy.queues["info"]
    assert [one.strategy for one in both] == ["ring_all", "skill_first"]
    assert [one.wrap_up_mode for one in both] == [WrapUpMode.MANDATORY, WrapUpMode.NONE]
    assert (both[0].ring_at_once, both[0].wrap_up_limit_s) == (3, 7)
    assert both[1].overflow == (Overflow(OverflowWhen.WAIT, 0, OverflowTo.QUEUE, "semua"),)
    assert policy.pauses == {"makan": Pause(60, PauseEnd.READY)}
    assert Acd(policy).snapshot(0).waiting == ()


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_a_city_may_choose_every_strategy(strategy: str) -> None:
    """What the core knows can be said in the file."""
    text = TOWN.read_text().replace('strategy = "longest_idle"', f'strategy = "{strategy}"')
    assert policy_of(parse(text)).queues["semua"].strategy == strategy


def test_every_rule_of_the_core_can_be_set() -> None:
    """A rule that the core gains has to be given a key, or this fails."""
    assert {one.name for one in fields(QueuePolicy)} <= set(Queue.model_fields)
    general = set(DistributionSettings.model_fields) | {"queues", "pauses"}
    assert {one.name for one in fields(AcdPolicy)} == general
    assert {one.name for one in fields(Announcements)} == set(QueueAnnouncements.model_fields)


def test_administrators_are_told_of_every_key() -> None:
    """The section of docs/administrators.md names every key of the tables, beside a queue's id and name."""
    page = (ROOT / "docs" / "administrators.md").read_text()
    section = page[page.index("**Who is served when") : page.index("**Users**")]
    told = set(re.findall(r"`([a-z_]+)`", section))
    for model in (Queue, OverflowRule, QueueAnnouncements, DistributionSettings, PauseReason):
        keys = set(model.model_fields) - (
            {"id", "name", "overflow", "announcements"} if model is Queue else set()
        )
        assert keys <= told, model
    assert set(STRATEGIES) <= told

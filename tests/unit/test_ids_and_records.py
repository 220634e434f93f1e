"""Ids that tell what they name, and the times of a call."""

from __future__ import annotations

import pytest

from ari_app.calls.call import Timings
from queues.service_level import CallTimes, measure
from suar.ids import Kind, call_of, kind_of, mint


@pytest.mark.parametrize("kind", Kind)
def test_an_id_names_its_call_and_its_kind(kind: Kind) -> None:
    """Minted and read back."""
    owned = mint("sby1-1763971200.12", kind, 3)
    assert call_of(owned) == "sby1-1763971200.12"
    assert kind_of(owned) is kind


@pytest.mark.parametrize("foreign", ["", "sby1-1763971200.12", "PJSIP/op-siti-0001", "x-1.2-zz9", "-1.2-op1"])
def test_what_is_not_ours_is_told_apart(foreign: str) -> None:
    """A channel's own id, or somebody else's."""
    assert kind_of(foreign) is None


def test_a_calls_spans_are_counted_to_the_next_step_or_the_end() -> None:
    """A step that was not reached lasts no time."""
    whole = Timings(offered=0.0, answered=0.2, queued=5.2, connected=8.2, ended=20.2)
    assert whole.spans() == {"ring_s": 0.2, "triage_s": 5.0, "wait_s": 3.0, "talk_s": 12.0}
    cut = Timings(offered=0.0, answered=0.2, ended=3.2)
    assert cut.spans() == {"ring_s": 0.2, "triage_s": 3.0, "wait_s": 0.0, "talk_s": 0.0}


def test_service_level_counts_an_abandoned_call_against_us() -> None:
    """Ten calls: eight answered, six of them in time."""
    calls = [CallTimes(wait, True) for wait in (1, 2, 3, 4, 5, 10, 11, 30)]
    calls += [CallTimes(2, False), CallTimes(40, False)]
    level = measure(calls, 10)
    assert (level.calls, level.answered, level.abandoned) == (10, 8, 2)
    assert level.answered_in_target == 0.6
    assert level.mean_answer_s == 8.25
    assert level.mean_of_longest_tenth_s == 30
    assert level.abandonment == 0.2


def test_no_calls_have_no_figures() -> None:
    """None, and no division by zero."""
    level = measure([], 10)
    assert level.answered_in_target is None
    assert level.mean_answer_s is None

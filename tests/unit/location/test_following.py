"""When location servers are asked again."""

from __future__ import annotations

import itertools

from suar.location.following import ask_times, response_time


def test_often_at_first_and_then_every_half_minute() -> None:
    """Without end."""
    times = list(itertools.islice(ask_times(), 8))
    assert times == [1, 6, 11, 21, 45, 75, 105, 135]
    assert next(itertools.islice(ask_times(), 1000, None)) == 45 + 996 * 30


def test_first_the_quick_answer_then_the_exact_one() -> None:
    """RFC 5985's words."""
    assert [response_time(at_s) for at_s in itertools.islice(ask_times(), 3)] == [
        "emergencyRouting", "emergencyDispatch", "emergencyDispatch",
    ]  # fmt: skip

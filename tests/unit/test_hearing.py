"""A caller has been heard when what is likely speech lasts."""

from __future__ import annotations

from queues.hearing import NEEDED, WINDOW, Hearing


def test_a_single_loud_frame_is_no_speech() -> None:
    """Nor are a few with much between them."""
    hearing = Hearing()
    assert not hearing.take([0.9, *[0.0] * WINDOW] * 20)
    assert (hearing.first, hearing.speaks) == (None, False)


def test_frames_enough_within_the_window_are() -> None:
    """The first moment is kept; whether she speaks now changes."""
    hearing = Hearing()
    assert not hearing.take([0.0] * 10 + [0.9] * (NEEDED - 1))
    assert hearing.take([0.9])
    assert (hearing.first, hearing.speaks) == (10 + NEEDED - 1, True)
    assert hearing.take([0.0] * WINDOW)
    assert (hearing.first, hearing.speaks) == (10 + NEEDED - 1, False)
    hearing.take([0.9] * WINDOW)
    assert hearing.first == 10 + NEEDED - 1

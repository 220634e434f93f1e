"""Who speaks is heard, whatever is around her; what is around her is not taken for speech."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from ari_app.hearing.tap import Tap
from ari_app.hearing.voice import Silero
from queues.hearing import LIKELY, Hearing
from tests import sounds


def heard(sound: sounds.Sound) -> Hearing:
    hearing = Hearing()
    hearing.take(Silero().likelihoods(sounds.samples(sound)))
    return hearing


@pytest.mark.parametrize("snr_db", [10, 20])
@pytest.mark.parametrize("noise", ["traffic", "rain", "music"])
def test_speech_above_noise_is_heard(noise: str, snr_db: float) -> None:
    """Within the first second and a half of it."""
    for prompt in ("yesno-danger", "silent-ask-javanese"):
        voice = sounds.speech(prompt)
        found = heard(sounds.mixed(voice, sounds.NOISES[noise](8), snr_db))
        assert found.first is not None
        assert found.first * 0.032 < 1.5


@pytest.mark.parametrize("noise", sounds.NOISES)
def test_noise_is_not_taken_for_speech(noise: str) -> None:
    """Fewer than two frames in a hundred, and never enough of them together."""
    likelihoods = Silero().likelihoods(sounds.samples(sounds.NOISES[noise](15)))
    assert sum(one > LIKELY for one in likelihoods) / len(likelihoods) < 0.02
    assert not Hearing().take(likelihoods)


def test_a_frame_that_comes_in_pieces_is_one_frame() -> None:
    """The tap reads as much as there is."""
    whole, pieces = Silero(), Silero()
    data = sounds.samples(sounds.speech("yesno-hear"))
    found: list[float] = []
    for start in range(0, len(data), 777):
        found += pieces.likelihoods(data[start : start + 777])
    assert found == pytest.approx(whole.likelihoods(data), abs=1e-5)


def test_a_model_that_another_caller_has_left_knows_nothing_of_her() -> None:
    """Models cost more to load than to use, so they are handed on."""
    first, data = Silero(), sounds.samples(sounds.speech("yesno-hear"))
    found = first.likelihoods(data)
    first.close()
    assert len(Silero._spare) > 0
    assert Silero().likelihoods(data) == pytest.approx(found, abs=1e-6)


def test_the_tap_reads_the_callers_side_from_where_the_recording_stands(tmp_path: Path) -> None:
    """Half a sample at the end waits for its other half; a recording that is not there is silence."""
    path = tmp_path / "call.raw"
    assert list(Tap(path).read()) == []
    path.write_bytes(array("h", [9, 9, 9, 9]).tobytes())
    tap, whole = Tap(path), Tap(path, from_now=False)
    assert list(tap.read()) == []
    with path.open("ab") as file:
        file.write(array("h", [1, -1, 2, -2]).tobytes() + b"\x03")
    assert list(tap.read()) == [1, 2]
    assert list(whole.read()) == [9, 9, 1, 2]
    with path.open("ab") as file:
        file.write(b"\x00\x00\x00")
    assert list(tap.read()) == [3]

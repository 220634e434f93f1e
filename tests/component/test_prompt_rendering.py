"""Rendering the voice of the service with espeak-ng, and the shaping of sound."""

from __future__ import annotations

import math
import shutil
import wave
from array import array
from pathlib import Path

import pytest
from typer.testing import CliRunner

from suar.demo.phones.ear import level_dbfs, longest_silence_s
from suar.prompts import cli
from suar.prompts.render import RATE, TextTooLong, level, render, render_music, resample
from suar.prompts.texts import load
from suar.prompts.voices import Espeak, Speechless, Voice, VoiceMissing, choose, phonemes, sentences

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "asterisk-config" / "prompts"
needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


class Hum:
    """A voice that hums, so many letters a second."""

    name = "hum"

    def __init__(self, letters_a_second: float = 10) -> None:
        self._pace = letters_a_second

    def say(self, text: str, language: str, speed: float = 1.0) -> tuple[array[float], int]:
        count = round(len(text) / self._pace / speed * 16_000)
        return array("f", (0.2 * math.sin(0.2 * place) for place in range(count))), 16_000


def read(path: Path) -> array[int]:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return array("h", file.readframes(file.getnframes()))


@needs_espeak
def test_another_city_is_spoken_and_the_rest_copied(tmp_path: Path) -> None:
    """Only the prompts that name the city are rendered; the others are the shipped ones."""
    arguments = ["render", "--city", str(ROOT / "tests" / "data" / "kota_kecil.toml")]
    result = CliRunner().invoke(cli.app, [*arguments, "--out", str(tmp_path), "--engine", "espeak"])
    assert result.exit_code == 0, result.output
    for file in sorted(SHIPPED.glob("*/*.wav")):
        made = tmp_path / file.parent.name / file.name
        assert (made.read_bytes() == file.read_bytes()) == (file.stem != "greeting-menu")
    for language in ("id", "en"):
        sound = read(tmp_path / language / "greeting-menu.wav")
        assert 3 < len(sound) / RATE <= 9.0
        assert -26 < level_dbfs(sound) < -16
        assert longest_silence_s(sound[:2000]) < 0.2


@needs_espeak
def test_phonemes_are_written_as_the_voice_was_taught() -> None:
    """Sounds that espeak-ng ties into one become one symbol; an unknown language says so."""
    assert "ʧ" in phonemes("bencana", "id")
    assert "^" not in phonemes("fire, please say five", "en")
    with pytest.raises(Speechless, match="espeak-ng cannot speak 'xx'"):
        Espeak().say("halo", "xx")


def test_a_long_name_is_spoken_faster_until_it_fits(tmp_path: Path) -> None:
    """The greeting keeps to its nine seconds, or the error names the prompt."""
    voice: Voice = Hum()

    def greeting_s(letters: int) -> float:
        (file,) = render({"greeting-menu": {"id": "{city}"}}, voice, "a" * letters, ["id"], tmp_path)
        return len(read(file)) / RATE

    assert greeting_s(50) == pytest.approx(5.0, abs=0.2)
    assert 8.0 < greeting_s(100) <= 9.0
    with pytest.raises(TextTooLong, match=r"greeting-menu\.id"):
        greeting_s(130)


def test_a_sentence_may_be_in_another_language() -> None:
    """The mark holds for its own sentence, and is not spoken."""
    assert list(sentences("Satu. [en] Press nine. Dua?", "id")) == [
        ("id", "Satu"),
        ("en", "Press nine"),
        ("id", "Dua"),
    ]


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    """The way out stands in the message."""
    with pytest.raises(VoiceMissing, match="auto, kokoro or espeak"):
        choose("robot")


@pytest.mark.parametrize(("tone", "passes"), [(1000, True), (5500, False)])
def test_resampling_keeps_the_telephone_band_and_nothing_above_it(tone: int, passes: bool) -> None:
    """A tone that 8 kHz cannot carry is filtered out, not folded down."""
    source = array("f", (0.5 * math.sin(2 * math.pi * tone * place / 24_000) for place in range(4800)))
    middle = resample(source, 24_000)[400:1200]
    rms = math.sqrt(sum(sample * sample for sample in middle) / len(middle))
    assert (rms == pytest.approx(0.3536, rel=0.02)) if passes else (rms < 0.005)


def test_faint_and_loud_speech_come_out_alike() -> None:
    """Both at the same loudness, and neither distorted."""
    loudness = []
    for loud in (0.02, 0.9):
        sound = level(array("f", (loud * math.sin(0.3 * place) for place in range(8000))))
        loudness.append(math.sqrt(sum(sample * sample for sample in sound) / len(sound)))
        assert max(abs(sample) for sample in sound) < 0.7
    assert loudness == [pytest.approx(0.13, abs=0.02)] * 2
    assert loudness[0] == pytest.approx(loudness[1], rel=0.1)


def test_the_music_rings_on_over_its_seam_without_a_click(tmp_path: Path) -> None:
    """No step from one sample to the next is larger than its own tones and voice make, at the seam too."""
    sound = read(render_music(load(SHIPPED / "prompts.toml"), Hum(20), tmp_path))
    joined = sound + sound[:RATE]
    assert longest_silence_s(joined) < 1.0
    seam = range(len(sound) - 50, len(sound) + 50)
    assert max(abs(joined[place + 1] - joined[place]) for place in seam) < 1500

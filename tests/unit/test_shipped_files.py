"""What ships beside the code: prompts, words of the pages, vendored files."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
import wave
from array import array
from pathlib import Path

import pytest

from dashboards.pages.texts import catalogue, languages, translator
from suar.demo.phones.ear import level_dbfs, longest_silence_s
from suar.prompts.texts import TextsInvalid, load

ROOT = Path(__file__).parents[2]
PROMPTS = ROOT / "asterisk-config" / "prompts"
TABLE = tomllib.loads((PROMPTS / "prompts.toml").read_text())
FILES = [(prompt, language) for prompt, texts in TABLE.items() for language in texts]


def samples(path: Path) -> array[int]:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return array("h", file.readframes(file.getnframes()))


@pytest.mark.parametrize(("prompt", "language"), FILES)
def test_every_prompt_is_rendered_audible_and_to_the_point(prompt: str, language: str) -> None:
    """8 kHz, neither faint nor distorted, and no silence before the first word."""
    sound = samples(PROMPTS / language / f"{prompt}.wav")
    assert 0.8 < len(sound) / 8000 < 12
    assert -30 < level_dbfs(sound) < -12
    assert max(abs(sample) for sample in sound) < 32000
    assert longest_silence_s(sound[:4000]) < 0.25


@pytest.mark.parametrize("language", TABLE["greeting-menu"])
def test_the_greeting_leaves_time_for_an_answer(language: str) -> None:
    """With three seconds of waiting it fits into the plan's twelve."""
    assert len(samples(PROMPTS / language / "greeting-menu.wav")) / 8000 <= 9.0


def test_the_waiting_music_is_never_silent() -> None:
    """Nor where its end meets its beginning."""
    sound = samples(PROMPTS / "moh" / "waiting.wav")
    assert len(sound) / 8000 > 30
    assert longest_silence_s(sound + sound[:8000]) < 1.0
    assert math.isfinite(level_dbfs(sound))


def test_the_table_is_valid_and_a_wrong_one_names_the_key(tmp_path: Path) -> None:
    """Numbers are written as they are spoken."""
    assert load(PROMPTS / "prompts.toml") == TABLE
    wrong = tmp_path / "prompts.toml"
    wrong.write_text('[greeting]\nid = "Ini 112"\n[empty]\nid = "x"\nen = " "\n[place]\nid = "{kota}"\n')
    with pytest.raises(TextsInvalid) as caught:
        load(wrong)
    assert "greeting.id" in str(caught.value)
    assert "empty.en" in str(caught.value)
    assert "greeting.en: is missing" in str(caught.value)
    assert "place.id" in str(caught.value)
    assert "{city} is the only placeholder" in str(caught.value)


def test_every_language_has_every_word_of_the_pages() -> None:
    """The same keys, and the same placeholders."""
    assert languages() == ["id", "en"]
    indonesian, english = catalogue("id"), catalogue("en")
    assert set(indonesian) == set(english)
    for key, text in indonesian.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", english[key])), key


def test_every_word_that_a_template_asks_for_is_there() -> None:
    """A key that is written out in a template is in the catalogue."""
    words = catalogue("id")
    for template in (ROOT / "dashboards" / "templates").rglob("*.html"):
        for key in re.findall(r"\bt\('([a-z_]+\.[a-z_]+)'[,)]", template.read_text()):
            assert key in words, f"{template.name}: {key}"


def test_a_word_that_nobody_knows_is_shown_as_itself() -> None:
    """A page is never lost for a word."""
    assert translator("fr")("event.something_new") == "something_new"


def test_vendored_files_are_the_ones_that_the_readme_names() -> None:
    """Name and SHA-256; nothing else stands there."""
    vendor = ROOT / "dashboards" / "static" / "vendor"
    named = dict(re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})` \|", (vendor / "README.md").read_text()))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.iterdir()
        if path.suffix in {".js", ".css"}
    }
    assert named == found


def test_no_page_breaks_its_own_content_security_policy() -> None:
    """No inline script, handler or style; nothing from another host."""
    for template in (ROOT / "dashboards" / "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style|https?://", text), (
            template.name
        )

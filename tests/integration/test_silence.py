"""Whether a caller speaks, on the recording that the real Asterisk writes."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

from suar.city.reality import SilenceSettings
from tests import sounds
from tests.integration.conftest import Town, serving

_SILENT_S = 5.0


async def test_who_is_silent_is_noticed_and_heard_when_she_speaks(town: Town, tmp_path: Path) -> None:
    """Five seconds without a word, and then one: both are in her incident, in that order."""
    silence = array("h", bytes(2 * round(_SILENT_S * sounds.RATE)))
    words = sounds.samples(sounds.speech("reassurance"))
    city = town.city.model_copy(update={"silence": SilenceSettings(silent_after_s=3)})
    async with serving(replace(town, city=city), tmp_path) as service, town.phone("siti"):
        await service.ready("siti")
        await town.caller(presses=[(0.2, "1")], voice=silence + words, hang_up_after_s=_SILENT_S + 4).run()
        (incident,) = await service.incidents(1, "recording_sealed")
    told = [event.what for event in incident.events if event.what in {"connected", "not_heard", "heard"}]
    assert told == ["connected", "not_heard", "heard"]
    assert await town.is_empty()

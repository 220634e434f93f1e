"""Asterisk as we render it: loads cleanly, lets in whom it should, and looks after callers without us."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from suar.asterisk.process import Asterisk
from suar.city import load
from suar.demo.phones import Caller, OperatorPhone, PhoneFailed
from suar.demo.phones.ear import tone_level_dbfs, voice
from suar.paths import StateDir
from suar.secret import Secrets
from tests.integration.conftest import PHONES, Town, with_free_ports


async def test_the_configuration_loads_without_an_error_or_a_warning(city_file: Path, tmp_path: Path) -> None:
    """For each city; exactly the named modules; files for their owner only; no secret in any log."""
    city, state = with_free_ports(load(city_file)), StateDir(tmp_path)
    secrets = Secrets.load_or_create(state, city)
    async with Asterisk.running(city, state, secrets) as asterisk:
        listed = asterisk.cli("module show")
    logs = "".join(path.read_text() for path in asterisk.paths.log.iterdir())
    assert "loader.c" in logs
    assert [line for line in logs.splitlines() if "ERROR" in line or "WARNING" in line] == []
    named = re.findall(r"^load = (\S+)", (asterisk.paths.etc / "modules.conf").read_text(), re.MULTILINE)
    loaded = re.findall(r"^(\S+\.so)", listed, re.MULTILINE)
    assert sorted(named) == sorted(loaded)
    for path in asterisk.paths.etc.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    for secret in (secrets.ari_password, secrets.ami_password, *secrets.operator_sip_passwords.values()):
        assert secret not in logs
    assert not asterisk.is_running()


async def test_a_phone_has_to_prove_itself(town: Town) -> None:
    """The right password registers, a wrong one does not."""
    async with town.phone("budi"):
        assert "op-budi" in town.asterisk.cli("pjsip show contacts")
    with pytest.raises(PhoneFailed, match="op-siti cannot register"):
        async with OperatorPhone(town.sipp, PHONES, town.sip, "op-siti", "wrong"):
            pass


async def test_a_call_from_an_unknown_address_is_refused_and_logged(town: Town) -> None:
    """It never reaches the dialplan; the security log names the address."""
    stranger = Caller(town.sipp, "127.0.0.99", town.sip, "+4912345", patience_s=2)
    report = await stranger.run()
    assert not report.was_answered
    security = (town.asterisk.paths.log / "security.log").read_text()
    assert "127.0.0.99" in security
    assert "from-" not in town.asterisk.cli("core show channels concise")


async def test_without_the_controller_a_caller_still_reaches_an_operator(town: Town) -> None:
    """Asterisk alone: music at once, the operator's phone rings, both hear each other, it is recorded."""
    async with town.phone("siti") as siti:
        report = await town.caller(hang_up_after_s=4.0).run()
        assert report.was_answered
        assert report.answered_after_s is not None
        assert report.answered_after_s < 1.0
        assert report.longest_silence_s < 2.0
        assert tone_level_dbfs(report.heard[-8000:], 700) > -30
        assert tone_level_dbfs(siti.peer.heard[-8000:], 440) > -30
    assert await town.is_empty()
    assert any(path.stat().st_size > 32000 for path in town.state.recordings.glob("*.raw"))


async def test_anything_that_a_carrier_sends_is_an_emergency_call(town: Town) -> None:
    """112, an area code before it, letters: all are answered."""
    async with town.phone("siti"):
        for dialled in ("112", "031112", "+62112", "sos", "1"):
            report = await town.caller(dialled=dialled, hang_up_after_s=0.5).run()
            assert report.was_answered, dialled
    assert await town.is_empty()


def test_voice_is_what_the_tests_say() -> None:
    """The tone that the tests look for is in the voice that they use."""
    assert tone_level_dbfs(voice(700, 1.0), 700) > -30


def test_the_firewalls_table_is_one_that_nft_takes(town: Town) -> None:
    """Checked, not loaded."""
    nft = shutil.which("nft")
    if nft is None or os.getuid() != 0:
        pytest.skip("nft wants root to check a table (apt-get install nftables)")
    subprocess.run([nft, "-c", "-f", str(town.asterisk.paths.etc / "suar.nft")], check=True)

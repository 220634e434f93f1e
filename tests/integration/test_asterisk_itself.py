"""Asterisk as we render it: loads cleanly, lets in whom it should, and looks after callers without us."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from ipaddress import ip_network
from pathlib import Path

import pytest

from suar.asterisk import debian
from suar.asterisk.errors import StartFailed
from suar.asterisk.install import install, tools_dir
from suar.asterisk.process import Asterisk
from suar.asterisk.render import Paths, render
from suar.city import Bind, load
from suar.demo.phones import Caller, OperatorPhone, PhoneFailed
from suar.demo.phones.ear import tone_level_dbfs, voice
from suar.paths import StateDir
from suar.secret import Secrets
from tests.integration.conftest import PHONES, SURABAYA, Town, with_free_ports


async def test_the_configuration_loads_without_an_error_or_a_warning(city_file: Path, tmp_path: Path) -> None:
    """For each city; exactly the named modules; files for their owner only; no secret in any log."""
    city, state = with_free_ports(load(city_file)), StateDir(tmp_path)
    secrets = Secrets.load_or_create(state, city)
    async with Asterisk.kept_running(city, state, secrets) as asterisk:
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


@pytest.mark.parametrize("name", ["nobody", "trunk-telkomsel", "op-siti-web"])
async def test_a_name_without_a_password_registers_nothing(town: Town, name: str) -> None:
    """An unknown one, a trunk's and another phone's: all are asked for a password, and none will do."""
    with pytest.raises(PhoneFailed, match=f"{name} cannot register"):
        async with OperatorPhone(town.sipp, PHONES, town.sip, name, "wrong"):
            pass
    assert name not in town.asterisk.cli("pjsip show contacts")


async def test_a_stranger_who_calls_herself_a_trunk_is_refused(town: Town) -> None:
    """A trunk is known by its address alone, an operator by her password."""
    for name in ("trunk-telkomsel", "op-siti"):
        report = await Caller(town.sipp, "127.0.0.99", town.sip, name, patience_s=2).run()
        assert not report.was_answered, name
        assert "401 Unauthorized" in report.errors


@pytest.mark.parametrize("name", ["op-siti", "op-siti-web", "trunk-indosat", "sv-sari"])
async def test_a_caller_with_the_name_of_a_phone_is_a_caller(town: Town, name: str) -> None:
    """What comes from a carrier is never asked for a password."""
    async with town.phone("siti"):
        caller = town.caller(number=None, from_header=f"<sip:{name}@example.invalid>", hang_up_after_s=0.5)
        report = await caller.run()
    assert report.was_answered, report.errors
    assert await town.is_empty()


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
        report = await town.caller(presses=[(0.3, "1")], hang_up_after_s=4.0).run()
        assert report.was_answered
        assert report.answered_after_s is not None
        assert report.answered_after_s < 1.0
        assert report.longest_silence_s < 2.0
        assert tone_level_dbfs(report.heard[-8000:], 700) > -30
        assert tone_level_dbfs(siti.peer.heard[-8000:], 440) > -30
    assert await town.is_empty()
    assert any(path.stat().st_size > 32000 for path in town.state.recordings.glob("*.raw"))


async def test_anything_that_a_carrier_sends_is_an_emergency_call(town: Town) -> None:
    """112, an area code before it, letters, what nobody dials on purpose: all are answered."""
    async with town.phone("siti"):
        for dialled in ("112", "031112", "+62112", "sos", "1", "(112)", ".112", "%20112", "112;x=y", "~"):
            report = await town.caller(dialled=dialled, hang_up_after_s=0.5).run()
            assert report.was_answered, dialled
    assert await town.is_empty()


def test_voice_is_what_the_tests_say() -> None:
    """The tone that the tests look for is in the voice that they use."""
    assert tone_level_dbfs(voice(700, 1.0), 700) > -30


@pytest.mark.parametrize("name", ["sip_bind", "asterisk_http_bind", "ami_bind"])
async def test_a_port_that_another_has_is_told_and_nothing_is_left_running(name: str, tmp_path: Path) -> None:
    """Asterisk itself would run on, deaf."""
    city, state = with_free_ports(load(SURABAYA)), StateDir(tmp_path)
    kind = socket.SOCK_DGRAM if name == "sip_bind" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        bind = Bind(*other.getsockname())
        city = city.model_copy(update={"network": city.network.model_copy(update={name: bind})})
        asterisk = Asterisk.prepare(city, state, Secrets.load_or_create(state, city))
        with pytest.raises(StartFailed, match=r"cannot listen where the city file's \[network\] says"):
            asterisk.start()
    assert not asterisk.is_running()
    # The same state starts once the port is free: an old complaint in the log is not taken for a new one.
    process = asterisk.start()
    asterisk.stop(process)


def test_a_state_directory_too_deep_for_a_socket_is_told(tmp_path: Path) -> None:
    """In place of half a minute's wait."""
    city, state = with_free_ports(load(SURABAYA)), StateDir(tmp_path / ("deep" * 20))
    asterisk = Asterisk.prepare(city, state, Secrets.load_or_create(state, city))
    with pytest.raises(StartFailed, match="shorter --state"):
        asterisk.start()


@pytest.mark.skipif(os.getuid() != 0, reason="nft wants root, even to check a table")
def test_the_firewalls_table_is_one_that_nft_takes(city_file: Path, tmp_path: Path) -> None:
    """For each city, and for one whose carriers' networks overlap or are all IPv6. Checked, not loaded."""
    nft = debian.install(["nftables"], tools_dir() / "nftables").command("usr/sbin/nft")
    city = load(city_file)
    networks = {
        "as it is": city.carriers[0].addresses,
        "overlapping": [ip_network("192.0.2.0/24"), ip_network("192.0.2.7")],
        "IPv6": [ip_network("2001:db8::/64")],
    }
    state = StateDir(tmp_path)
    paths = Paths.of(state, install())
    for addresses in networks.values():
        carriers = [city.carriers[0].model_copy(update={"addresses": addresses})]
        one = city.model_copy(update={"carriers": carriers})
        table = tmp_path / "suar.nft"
        table.write_text(render(one, Secrets.load_or_create(state, city), paths)["suar.nft"])
        subprocess.run([*nft, "-c", "-f", str(table)], check=True)

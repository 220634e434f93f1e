"""Asterisk's configuration, rendered: what has to be in it, and what must not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suar.asterisk.render import Paths, render
from suar.city import City, TestCallSettings, load
from suar.secret import Secrets

MODULES = Path("/modules")


@pytest.fixture
def city(city_file: Path) -> City:
    return load(city_file)


def rendered(city: City) -> dict[str, str]:
    secrets = Secrets(
        "ari-secret",
        "ami-secret",
        "c",
        "i",
        "s",
        "m",
        "w",
        "a",
        "h",
        "k",
        "p",
        {one.id: f"sip-{one.id}" for one in city.operators},
        {one.id: f"sip-{one.id}" for one in city.supervisors},
    )
    base = Path("/state")
    paths = Paths(
        etc=base / "etc",
        log=base / "log",
        run=base / "run",
        data=base / "data",
        spool=base / "spool",
        db=base / "db",
        recordings=base / "recordings",
        degraded=base / "degraded",
        modules=MODULES,
    )
    return render(city, secrets, paths)


def test_every_carrier_has_a_door_of_its_own(city: City) -> None:
    """An endpoint, its addresses, a context that leads to the ingress."""
    files = rendered(city)
    for carrier in city.carriers:
        assert f"[trunk-{carrier.id}]" in files["pjsip.conf"]
        assert f"[from-{carrier.id}]" in files["extensions.conf"]
        for address in carrier.addresses:
            assert f"match = {address}" in files["pjsip.conf"]


def test_every_operator_has_a_phone_that_has_to_prove_itself(city: City) -> None:
    """An endpoint with digest authentication, for a desk and for a browser."""
    pjsip = rendered(city)["pjsip.conf"]
    for operator in city.operators:
        assert f"[{operator.endpoint}](operator-phone)" in pjsip
        assert f"[{operator.endpoint}-web](operator-browser)" in pjsip
        assert f"password = sip-{operator.id}" in pjsip
    assert "anonymous" not in re.findall(r"^\[(.+?)\]", pjsip, re.MULTILINE)


def test_a_trunk_is_known_by_its_address_alone(city: City) -> None:
    """Else whoever calls herself by its name, from anywhere, would be taken for it."""
    pjsip = rendered(city)["pjsip.conf"]
    for carrier in city.carriers:
        trunk = pjsip.partition(f"[trunk-{carrier.id}]\ntype = endpoint\n")[2].partition("\n[")[0]
        assert "identify_by = ip\n" in trunk


def test_the_rescuer_can_neither_stop_nor_reload_asterisk(city: City) -> None:
    """It moves calls, keeps queues and places test calls."""
    manager = rendered(city)["manager.conf"]
    assert "write = call,agent,reporting,originate\n" in manager


def test_everything_is_bound_where_the_city_says(city: City) -> None:
    """And nowhere else."""
    files = rendered(city)
    network = city.network
    assert f"bind = {network.sip_bind}" in files["pjsip.conf"]
    assert f"bindport = {network.asterisk_http_bind.port}" in files["http.conf"]
    assert f"port = {network.ami_bind.port}" in files["manager.conf"]
    assert "0.0.0.0" not in "".join(text for name, text in files.items() if name != "manager.conf")


def test_secrets_stand_only_where_they_are_needed(city: City) -> None:
    """One file for each secret."""
    for secret, place in (("ari-secret", "ari.conf"), ("ami-secret", "manager.conf")):
        assert [name for name, text in rendered(city).items() if secret in text] == [place]


def test_a_caller_is_never_without_a_way_on(city: City) -> None:
    """The dead man's switch is armed before Stasis; every end of the ingress is the degraded path."""
    dialplan = rendered(city)["extensions.conf"]
    ingress = dialplan.partition("\n[ingress]\n")[2].partition("\n[degraded]\n")[0]
    assert ingress.index("TIMEOUT(absolute)=3") < ingress.index("Stasis(suar,call")
    assert "exten => T,1,Goto(degraded,call,1)" in ingress
    # Whom a deaf controller keeps waiting hears it ring, from her network and from us.
    assert re.search(r"Ringing\(\)\n.*Progress\(\)\n.*Playtones\(\S+\)\n", ingress, re.DOTALL)
    # And her recording begins after the tone, before anybody else has her.
    assert ingress.index("Playtones(") < ingress.index("MixMonitor(") < ingress.index("degraded,call,1")
    assert ingress.index("MixMonitor(") < ingress.index("Stasis(suar,call")
    returned = dialplan.partition("\n[returned]\n")[2]
    assert "Goto(degraded,waiting,1)" in returned
    assert returned.index("StartMusicOnHold(waiting)") < returned.index("Stasis(suar,call")
    assert "Queue(${IF(" in dialplan
    # Nor with a script that hangs in the moment in which it is told of her key.
    asked = dialplan.partition("exten => asked,1,")[2].partition("exten =>")[0]
    assert asked.index("StartMusicOnHold") < asked.index("TIMEOUT(absolute)=2") < asked.index("Return(")
    parted = dialplan.partition("n(parted)")[2].partition("\n[")[0]
    assert parted.index("SUAR_OPERATOR_LOST") < parted.index("Hangup()") < parted.index("Goto(again)")


def test_a_test_call_comes_in_as_any_other_and_rings_nobody(city: City) -> None:
    """By the same way into Stasis; without the controller, to a machine before any queue."""
    dialplan = rendered(city)["extensions.conf"]
    sections = {part.partition("]")[0]: part for part in dialplan.split("\n[")[1:]}
    assert "Goto(ingress,call,1)" in sections["from-synthetic"]
    assert "${SUAR_TEST}" in sections["ingress"]
    assert "Queue(" not in sections["tested"]
    for extension in ("call", "waiting"):
        way = sections["degraded"].partition(f"exten => {extension},1")[2].partition("exten =>")[0]
        assert "tested,call,1" in way
    number = city.model_copy(update={"test_calls": TestCallSettings(number="11299")})
    assert "11299" not in dialplan
    assert '"${SUAR_DIALLED}" = "11299"' in rendered(number)["extensions.conf"]


def test_nothing_is_loaded_that_is_not_named(city: City) -> None:
    """No autoload, no other SIP, and the authenticator without which PJSIP lets everybody in."""
    modules = rendered(city)["modules.conf"]
    assert "autoload = no" in modules
    loaded = re.findall(r"^load = (\S+)", modules, re.MULTILINE)
    assert "res_pjsip_authenticator_digest.so" in loaded
    assert "chan_sip.so" not in loaded
    assert len(loaded) == len(set(loaded))


def test_asterisk_alone_knows_whom_to_ring_for_every_need(city: City) -> None:
    """A queue for each kind in each language, every operator in each, who fits best first."""
    queues = rendered(city)["queues.conf"]
    for kind in city.kinds:
        for language in city.languages:
            section = queues.partition(f"[degraded-{kind.id}-{language}](need)\n")[2].partition("\n[")[0]
            penalties = {
                line.split(",")[2]: int(line.split(",")[1])
                for line in section.splitlines()
                if line.startswith("member")
            }
            assert set(penalties) == {operator.id for operator in city.operators}
            for operator in city.operators:
                fits = kind.queue in operator.queues and set(kind.skills) <= set(operator.skills)
                assert (penalties[operator.id] == 0) == (fits and language in operator.languages)


def test_nobody_moves_a_channel_behind_our_back(city: City) -> None:
    """Every phone and every trunk has its transfers refused: who moves to whom is decided in one place."""
    text = rendered(city)["pjsip.conf"]
    endpoints = [part for part in text.split("\n[") if "type = endpoint" in part]
    assert len(endpoints) >= 3
    assert all("allow_transfer = no" in part for part in endpoints)

"""The units of a node: what they start, what they promise, and that none can take another along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suar.city import Bind, load
from suar.errors import Blame
from suar.systemd.errors import UnitsImpossible
from suar.systemd.place import Place
from suar.systemd.render import render

STATE = Path("/var/lib/suar/node")
PLACE = Place("suar", Path("/opt/suar"), Path("/etc/suar/city.toml"), STATE)
WORK = "--city /etc/suar/city.toml --state /var/lib/suar/node"
SERVICES = {
    "suar-asterisk.service": f"suar {WORK} asterisk run",
    "suar-controller@.service": f"ari_app {WORK} --standby",
    "suar-rescuer.service": f"agi {WORK}",
    "suar-web.service": f"dashboards {WORK}",
}
# Whatever stops or restarts one unit because of another, systemd.unit(5).
TIES = re.compile(
    r"^(Requires|Requisite|BindsTo|PartOf|Upholds|Conflicts|OnFailure|OnSuccess|PropagatesStopTo|"
    r"StopPropagatedFrom|PropagatesReloadTo|ReloadPropagatedFrom|JoinsNamespaceOf|RequiresMountsFor)=(.*)$",
    re.MULTILINE,
)


def settings(unit: str) -> dict[str, list[str]]:
    """Return every setting of a unit with its values in order."""
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def units(city_file: Path) -> dict[str, str]:
    """The units of each city in turn."""
    return render(load(city_file), PLACE)


def test_a_node_has_these_units_and_its_target_wants_each(units: dict[str, str]) -> None:
    """Of the controller two instances: one at work, one that stands by."""
    assert set(units) == {*SERVICES, "suar.target"}
    wanted = " ".join(settings(units["suar.target"])["Wants"]).split()
    started = {re.sub(r"@\w+", "@", name) for name in wanted}
    assert started == set(SERVICES)
    assert {"suar-controller@a.service", "suar-controller@b.service"} < set(wanted)
    assert settings(units["suar.target"])["WantedBy"] == ["multi-user.target"]


def test_no_unit_stops_or_restarts_another(units: dict[str, str]) -> None:
    """All belong to the target; among themselves there is order, and nothing else."""
    for name, text in units.items():
        ties = [(found[1], found[2]) for found in TIES.finditer(text)]
        assert ties == ([("PartOf", "suar.target")] if name.endswith(".service") else []), name
        for other in settings(text).get("Wants", []):
            assert name == "suar.target" or other == "network-online.target"


@pytest.mark.parametrize(("name", "command"), SERVICES.items())
def test_a_service_starts_its_process_as_the_user(units: dict[str, str], name: str, command: str) -> None:
    """With the node's Python and nothing from the folder that it happens to stand in."""
    found = settings(units[name])
    assert found["ExecStart"] == [f"/opt/suar/.venv/bin/python -P -m {command}"]
    assert found["User"] == ["suar"]
    assert found["WorkingDirectory"] == found["ReadWritePaths"] == [str(STATE)]


def test_a_standby_may_see_the_leader_that_it_ends(units: dict[str, str]) -> None:
    """`ProtectProc=invisible` hides one user namespace's processes from another: the last setting counts."""
    found = settings(units["suar-controller@.service"])
    assert found["PrivateUsers"] == ["yes"]
    assert found["ProtectProc"][-1] == "default"


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_ever_left_down(units: dict[str, str], name: str) -> None:
    """Started again whatever ended it, however often; a start and a stop have an end."""
    found = settings(units[name])
    assert found["Restart"] == ["always"]
    assert found["StartLimitIntervalSec"] == ["0"]
    assert float(found["RestartSec"][0]) <= 2
    assert found["Type"] == ["notify"]
    assert found["KillMode"] == ["mixed"]
    assert int(found["TimeoutStartSec"][0]) >= 60
    assert int(found["TimeoutStopSec"][0]) >= 15


def test_every_process_of_ours_is_watched_and_asterisk_is_not(units: dict[str, str]) -> None:
    """Who would beat for Asterisk could end every call by falling silent."""
    watched = {name for name in SERVICES if "WatchdogSec" in settings(units[name])}
    assert watched == set(SERVICES) - {"suar-asterisk.service"}


def test_the_memory_is_taken_from_the_pages_first_and_from_asterisk_last(units: dict[str, str]) -> None:
    """In the order of what a caller needs."""
    scores = {name: int(settings(units[name])["OOMScoreAdjust"][0]) for name in SERVICES}
    assert (
        scores["suar-asterisk.service"] < scores["suar-controller@.service"] < scores["suar-web.service"] < 0
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"user": "root"}, "nothing of Suar needs root"),
        ({"user": "Siti A"}, "small letters"),
        ({"user": "suar\nExecStart=/bin/sh"}, "small letters"),
        ({"state": Path("/home/siti/var")}, "neither home directories nor /tmp"),
        ({"prefix": Path("/root/suar")}, "neither home directories nor /tmp"),
        ({"city_file": Path("/tmp/city.toml")}, "--city /tmp/city.toml: units see"),
        ({"state": Path("/srv/the state")}, "letters, digits and"),
        ({"city_file": Path("/etc/100%.toml")}, "letters, digits and"),
        ({"city_file": Path("/etc/$HOME.toml")}, "letters, digits and"),
        ({"state": Path("/opt")}, "holds the program"),
    ],
)
def test_what_could_not_work_is_refused_with_the_way_out(
    city_file: Path, change: dict[str, str | Path], says: str
) -> None:
    """Before anything is written, and naming the option."""
    values = {"user": PLACE.user, "prefix": PLACE.prefix, "city_file": PLACE.city_file, "state": PLACE.state}
    with pytest.raises(UnitsImpossible, match=re.escape(says)) as caught:
        render(load(city_file), Place(**(values | change)))  # type: ignore[arg-type]
    assert caught.value.blame is Blame.INPUT


def test_a_port_that_only_root_may_have_is_refused(city_file: Path) -> None:
    """No unit has a capability; the message names the key of the city file."""
    city = load(city_file)
    network = city.network.model_copy(update={"web_bind": Bind("127.0.0.1", 443)})
    with pytest.raises(UnitsImpossible, match=r"network\.web_bind: port 443 is for root"):
        render(city.model_copy(update={"network": network}), PLACE)

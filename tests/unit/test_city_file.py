"""The city file: the shipped example is right, whole and explained; a wrong one says what is wrong."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from suar.checks import complaints
from suar.city import Bind, City, CityFileInvalid, load, parse
from suar.city.carriers import LocationTls

SURABAYA = Path(__file__).parents[2] / "cities" / "surabaya.toml"


def test_every_city_file_of_the_project_is_valid(city_file: Path) -> None:
    """Each city file loads, and its triage starts at one of its nodes."""
    city = load(city_file)
    assert city.triage.start in city.triage.nodes


def test_surabaya_has_its_four_carriers_each_with_a_trunk_of_its_own() -> None:
    """Four carriers, no address shared, all toll-free."""
    city = load(SURABAYA)
    assert [carrier.id for carrier in city.carriers] == ["telkomsel", "indosat", "xlsmart", "telkom"]
    assert len({address for carrier in city.carriers for address in carrier.addresses}) == 4
    assert all(carrier.toll_free for carrier in city.carriers)


def keys_of(model: type[BaseModel]) -> set[str]:
    """Every key that a table and the tables in it may have."""
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        keys.add(field.alias or name)
        for inner in _models_in(field.annotation):
            keys |= keys_of(inner)
    return keys


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]


def test_the_example_explains_every_key_where_it_first_stands() -> None:
    """Each key that the program knows stands in the example, in a paragraph that a comment opens."""
    paragraphs = [paragraph.splitlines() for paragraph in SURABAYA.read_text().split("\n\n")]
    explained: set[str] = set()
    for lines in paragraphs:
        commented = False
        for line in lines:
            commented = commented or line.startswith("#")
            if commented and not line.startswith("#"):
                head = line.partition("=")[0]
                explained |= set(re.findall(r"[a-z_]+", head if "=" in line else line))
                explained |= set(re.findall(r"\{ (\w+) =", line))
    assert keys_of(City) - explained == set()


def test_a_bind_keeps_an_ipv6_host_whole() -> None:
    """An IPv6 host is written in brackets and comes back the same."""
    assert str(Bind("::1", 5060)) == "[::1]:5060"


# Replaced text, its replacement, the key of the problem, what the message says.
# fmt: off
BROKEN = [
    ('kind = "mobile"', 'kind = "movile"', "carriers[1] (telkomsel).kind", "movile"),
    (
        "toll_free = true",
        "toll_free = false",
        "carriers[1] (telkomsel).toll_free",
        "costs the caller nothing",
    ),
    ('certificate = ""', 'certificate = "a"', "carriers[4] (telkom).location_tls.certificate", "whole path"),
    ('reads = "access-network"', 'reads = "cid"', "carriers[1] (telkomsel).cell_header.reads", "'code'"),
    ('parameter = ""', 'parameter = "cgi"', "carriers[1] (telkomsel).cell_header", "which has its own"),
    ('name = "P-Access-Network-Info"', 'name = "X Cell"', "carriers[1] (telkomsel).cell_header.name", "X "),
    ('"127.0.0.12"', '"127.0.0.300"', "carriers[2] (indosat).addresses[1]", "an address or a network"),
    ('"127.0.0.12"', '"127.0.0.11"', "carriers (indosat).addresses", "telkomsel has 127.0.0.11/32"),
    ('node = "sby1"', 'nod = "sby1"', "city.nod", "no such key"),
    ('node = "sby1"', 'node = "S"', "city.node", "2 to 8 small letters"),
    ('node = "sby1"\n', "", "city.node", "is missing"),
    ("Asia/Jakarta", "Asia/Djakarta", "city.time_zone", "IANA"),
    ('sip_bind = "127.0.0.1:5060"', 'sip_bind = "5060"', "network.sip_bind", "an address and a port"),
    ('sip_bind = "127.0.0.1:5060"', 'sip_bind = "127.0.0.1:20001"', "network.sip_bind", "outside the range"),
    ('web_bind = "127.0.0.1:8112"', 'web_bind = "127.0.0.1:8088"', "network", "asterisk_http_bind, web_bind"),
    ("rtp_last_port = 21999", "rtp_last_port = 20001", "network", "at least three above"),
    ('agency = "bpbd"', 'agency = "bpdb"', "posts (posko-utara).agency", "an agency's id"),
    ("latitude = -7.2336\n", "", "posts[1] (posko-utara)", "both, or neither"),
    ('agencies = ["dpkp", "bpbd", "dinkes"]', 'agencies = ["pmk"]', "kinds (fire).agencies", "'pmk'"),
    ('en = "Fire"', 'fr = "Feu"', "kinds (fire).names.en", "one for each language"),
    ('id = "budi"', 'id = "siti"', "operators.id", "2 have this one"),
    ('extension = "2002"', 'extension = "2001"', "operators.extension", "2 have this one"),
    ('id = "rudi"', 'id = "sari"', "supervisors.id", "2 have this one"),
    ('id = "rudi"', 'id = "siti"', "supervisors (siti).id", "an operator has this one"),
    ('extension = "2102"', 'extension = "2101"', "supervisors.extension", "2 have this one"),
    ('extension = "2102"', 'extension = "2001"', "supervisors (rudi).extension", "an operator has this one"),
    ('go = "menu-en"', 'go = "menu-fr"', "triage.nodes.menu-id.digits.9.go", "'menu-fr'"),
    (
        '9 = { go = "menu-en" }',
        '9 = { go = "menu-en", kind = "fire" }',
        "triage.nodes.menu-id.digits.9",
        "either",
    ),
    ('fallback_kind = "unknown"', 'fallback_kind = "police"', "triage.fallback_kind", "most urgent"),
    ('start = "menu-id"', 'start = "nowhere"', "triage.start", "a node's id"),
    ('1 = { kind = "fire" }', '1 = { go = "menu-id" }', "triage.nodes", "menu-id to menu-id is a circle"),
    ("channels = 60", "channels = 60 60", "TOML", "line"),
    ('webhook_url = ""', 'webhook_url = "alerts.example.org"', "alarms.webhook_url", "an http or https"),
    ('webhook_url = ""', 'webhook_url = "http://[::1"', "alarms.webhook_url", "an http or https address"),
    ('code = "35.78"', 'code = "3578"', "areas.code", "pattern"),
    ("latitude = -7.2575\n", "", "areas", "both, or neither"),
    ('code = "35.25"', 'code = "35.15"', "neighbours.code", "2 have it"),
    ('code = "35.26"', 'code = "35.78"', "neighbours.code", "the city and each neighbour"),
    ("sip:112@127.0.0.21", "them", "neighbours[1] (sidoarjo).hand_over_to", "a telephone number"),
    ('strategy = "longest_idle"', 'strategy = "random"', "queues[1] (emergency).strategy", "'ring_all'"),
    (
        "ring_at_once = 10",
        "ring_at_once = 1",
        "queues[1] (emergency).ring_at_once",
        "greater than or equal to 2",
    ),
    ("relax_s = [5, 10]", "relax_s = [5, 5]", "queues[1] (emergency)", "each more than the one before"),
    ("wrap_up_limit_s = 300", "wrap_up_limit_s = 20", "queues[1] (emergency)", "at least wrap_up_s, 30"),
    (
        'wrap_up_mode = "optional"',
        'wrap_up_mode = "forced"',
        "queues[1] (emergency).wrap_up_mode",
        "'mandatory'",
    ),
    ("every_s = 30", "every_s = 3", "queues[1] (emergency).announcements.every_s", "equal to 10"),
    ("length = 20", "after_s = 20", "queues[1] (emergency).overflow[1]", 'when = "length" goes with length'),
    ("after_s = 60\nt", "after_s = 60\nlength = 3\nt", "queues[1] (emergency).overflow[2]", "without length"),
    ('to = "neighbour"', 'to = "queue"', "queues[1] (emergency).overflow[3]", 'to = "queue" goes with queue'),
    (
        'to = "supervisors"',
        'to = "queue"\nqueue = "emergency"',
        "queues (emergency).overflow[1].queue",
        "another",
    ),
    (
        'to = "supervisors"',
        'to = "queue"\nqueue = "info"',
        "queues (emergency).overflow[1].queue",
        "emergency",
    ),
    (
        'neighbour = "sidoarjo"',
        'neighbour = "bangkalan"',
        "queues (emergency).overflow[3].neighbour",
        "hand_over_to",
    ),
    ("ageing_s = 120", "ageing_s = -1", "distribution.ageing_s", "greater than or equal to 0"),
    ('id = "prayer"', 'id = "rejected"', "pauses[3] (rejected).id", "mean something already"),
    ('id = "prayer"', 'id = "meal"', "pauses.id", "2 have this one"),
    (
        'names = { id = "makan", en = "meal" }',
        'names = { id = "makan" }',
        "pauses (meal).names.en",
        "is missing",
    ),
    (
        "wants = []",
        'wants = ["medical and"]',
        "kinds[1] (unknown).wants[1]",
        "a skill should stand where the end",
    ),
    ("sip:112@127.0.0.21", "sip:112@x;y=z", "neighbours[1] (sidoarjo).hand_over_to", "a SIP address"),
    ('hmac = "checked"', 'hmac = "never"', "aml.hmac", "'checked' or 'required'"),
    ("before_s = 60", "before_s = -1", "aml.before_s", "greater than or equal to 0"),
    ("most_per_minute = 3000", "most_per_minute = 0", "aml.most_per_minute", "greater than or equal to 1"),
    ('sms_text_field = "text"', 'sms_text_field = "the text"', "aml.sms_text_field", "match pattern"),
    ('public_bind = "127.0.0.1:8113"', "", "network.public_bind", "is missing: [aml] needs an address"),
    ('public_bind = "127.0.0.1:8113"', 'public_bind = "127.0.0.1:8112"', "network", "a port of its own"),
    ('area_code = "31"', 'area_code = "031"', "telephone.area_code", "match pattern"),
    ("proxies = 0", "proxies = 9", "public.proxies", "less than or equal to 5"),
]
# fmt: on


@pytest.mark.parametrize(("right", "wrong", "key", "says"), BROKEN)
def test_a_wrong_file_names_the_key_and_what_would_be_right(
    right: str, wrong: str, key: str, says: str
) -> None:
    """A problem carries the key, the value and the way out."""
    text = SURABAYA.read_text()
    assert right in text
    with pytest.raises(CityFileInvalid) as caught:
        parse(text.replace(right, wrong, 1))
    assert key in [problem.key for problem in caught.value.problems]
    assert says in str(caught.value)


def test_a_certificate_is_shown_over_https_alone() -> None:
    """Over plain HTTP it would prove nothing."""
    text = SURABAYA.read_text().replace('certificate = ""', 'certificate = "/etc/suar/suar.pem"')
    with pytest.raises(CityFileInvalid, match="https, where location_tls"):
        parse(text.replace('location_server = ""', 'location_server = "http://lis.example/held"'))
    parse(text.replace('location_server = ""', 'location_server = "https://lis.example/held"'))


def test_a_certificate_that_cannot_be_used_is_complained_of(tmp_path: Path) -> None:
    """With the file and why; one with its key is no complaint."""
    city = load(SURABAYA)

    def told(**files: str) -> list[str]:
        carrier = city.carriers[3].model_copy(update={"location_tls": LocationTls(**files)})
        return list(complaints(city.model_copy(update={"carriers": [carrier]})))

    folder = Path(__file__).parents[1] / "data" / "tls"
    (missing,) = told(certificate=str(tmp_path / "none.pem"))
    assert "carriers (telkom).location_tls" in missing
    assert "none.pem: No such file" in missing
    (without_key,) = told(certificate=str(folder / "client.pem"))
    assert "client.pem: " in without_key
    assert told(certificate=str(folder / "client.pem"), key=str(folder / "client.key")) == []


def test_all_problems_are_told_at_once() -> None:
    """Two slips of the pen are two problems of one error."""
    text = SURABAYA.read_text().replace("Asia/Jakarta", "Mars").replace("channels = 40", "channels = 0", 1)
    with pytest.raises(CityFileInvalid) as caught:
        parse(text)
    assert len(caught.value.problems) == 2


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    """A missing file and one that is not text are told apart from a wrong one."""
    with pytest.raises(CityFileInvalid, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CityFileInvalid, match="not UTF-8"):
        load(tmp_path / "binary.toml")


@pytest.mark.parametrize("text", ["", "city = 1", "city = []", "carriers = {}", "[[city]]\nname = 1"])
def test_any_toml_is_answered_with_problems_and_never_a_traceback(text: str) -> None:
    """Tables of the wrong shape are problems like any other."""
    tomllib.loads(text)
    with pytest.raises(CityFileInvalid):
        parse(text)

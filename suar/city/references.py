"""What no single key shows: ids named twice, names that lead nowhere, a triage that cannot end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from queues.errors import PlanInvalid
from queues.triage import parse_plan
from suar.city.model import SYNTHETIC, City

_UDP = {"sip_bind", "hep_bind"}

Complaint = tuple[str, object, str]
"""Key, value, what would be right."""


def dangling(city: City) -> Iterator[Complaint]:
    """Yield what is wrong between the tables of a city that is well-formed in itself."""
    yield from _repeated(city)
    if city.carrier(SYNTHETIC):
        yield "carriers.id", SYNTHETIC, "another id: Suar's own test calls have this one"
    if city.test_calls.number == city.emergency_number:
        yield "test_calls.number", city.test_calls.number, "another number than the emergency number"
    agencies = {agency.id for agency in city.agencies}
    queues = {queue.id for queue in city.queues}
    languages = set(city.languages)
    for post in city.posts:
        yield from _unknown(f"posts ({post.id}).agency", [post.agency], agencies, "an agency's id")
    for kind in city.kinds:
        yield from _unknown(f"kinds ({kind.id}).agencies", kind.agencies, agencies, "agencies' ids")
        yield from _unknown(f"kinds ({kind.id}).queue", [kind.queue], queues, "a queue's id")
        for language in city.languages:
            if language not in kind.names:
                yield (
                    f"kinds ({kind.id}).names.{language}",
                    None,
                    "is missing: one for each language of the city",
                )
    yield from _distribution(city, queues)
    for operator in city.operators:
        yield from _unknown(f"operators ({operator.id}).queues", operator.queues, queues, "queues' ids")
    yield from _triage(city, languages)
    for table in ("aml", "links"):
        if getattr(city, table) is not None and city.network.public_bind is None:
            yield "network.public_bind", None, f"is missing: [{table}] needs an address that phones reach"
    if city.links is not None and city.sms is None:
        yield "sms", None, "is missing: [links] are sent by SMS"


def _distribution(city: City, queues: set[str]) -> Iterator[Complaint]:
    reachable = {neighbour.id for neighbour in city.neighbours if neighbour.hand_over_to}
    for queue in city.queues:
        for count, rule in enumerate(queue.overflow, 1):
            where = f"queues ({queue.id}).overflow[{count}]"
            if rule.queue == queue.id:
                yield f"{where}.queue", rule.queue, "another queue than her own"
            elif rule.queue is not None:
                yield from _unknown(f"{where}.queue", [rule.queue], queues, "a queue's id")
            if rule.neighbour is not None:
                what = "a neighbour with hand_over_to"
                yield from _unknown(f"{where}.neighbour", [rule.neighbour], reachable, what)
    for pause in city.pauses:
        for language in city.languages:
            if language not in pause.names:
                what = "is missing: one for each language of the city"
                yield f"pauses ({pause.id}).names.{language}", None, what


def _repeated(city: City) -> Iterator[Complaint]:
    tables: dict[str, list[str]] = {
        "carriers": [carrier.id for carrier in city.carriers],
        "agencies": [agency.id for agency in city.agencies],
        "posts": [post.id for post in city.posts],
        "queues": [queue.id for queue in city.queues],
        "kinds": [kind.id for kind in city.kinds],
        "operators": [operator.id for operator in city.operators],
        "neighbours": [neighbour.id for neighbour in city.neighbours],
        "pauses": [pause.id for pause in city.pauses],
        "supervisors": [supervisor.id for supervisor in city.supervisors],
    }
    for table, ids in tables.items():
        for name, count in Counter(ids).items():
            if count > 1:
                yield f"{table}.id", name, f"an id of its own for each; {count} have this one"
    codes = Counter([city.areas.code, *(neighbour.code for neighbour in city.neighbours)])
    for code, count in codes.items():
        if code and count > 1:
            yield (
                "neighbours.code",
                code,
                f"one of its own for the city and each neighbour; {count} have it",
            )
    extensions = Counter(operator.extension for operator in city.operators)
    for extension, count in extensions.items():
        if count > 1:
            yield "operators.extension", extension, f"a number of its own for each; {count} have this one"
    for supervisor in city.supervisors:
        where = f"supervisors ({supervisor.id})"
        if city.operator(supervisor.id) is not None:
            yield f"{where}.id", supervisor.id, "a name of her own: an operator has this one"
        if supervisor.extension in extensions:
            yield f"{where}.extension", supervisor.extension, "a number of her own: an operator has this one"
    numbers = Counter(supervisor.extension for supervisor in city.supervisors)
    for extension, count in numbers.items():
        if count > 1:
            yield "supervisors.extension", extension, f"a number of its own for each; {count} have this one"
    yield from _shared_addresses(city)
    yield from _shared_binds(city)


def _shared_addresses(city: City) -> Iterator[Complaint]:
    seen = [(network, carrier.id) for carrier in city.carriers for network in carrier.addresses]
    for position, (network, owner) in enumerate(seen):
        for other, other_owner in seen[:position]:
            if owner != other_owner and network.version == other.version and network.overlaps(other):
                yield (
                    f"carriers ({owner}).addresses",
                    str(network),
                    f"addresses of its own: {other_owner} has {other}, and a call could be either's",
                )


def _shared_binds(city: City) -> Iterator[Complaint]:
    network = city.network
    binds = {name: getattr(network, name) for name in network.bind_names() if name not in _UDP}
    tcp = {name: bind for name, bind in binds.items() if bind is not None}
    for bind, count in Counter(tcp.values()).items():
        if count > 1:
            names = ", ".join(name for name, value in tcp.items() if value == bind)
            yield "network", str(bind), f"a port of its own for each of {names}"
    if network.rtp_first_port <= network.sip_bind.port <= network.rtp_last_port:
        yield "network.sip_bind", str(network.sip_bind), "a port outside the range for voice"


def _triage(city: City, languages: set[str]) -> Iterator[Complaint]:
    triage = city.triage
    kinds = {kind.id: kind for kind in city.kinds}
    most_urgent = min(kind.priority for kind in city.kinds)
    yield from _unknown("triage.start", [triage.start], set(triage.nodes), "a node's id")
    yield from _unknown("triage.fallback_kind", [triage.fallback_kind], set(kinds), "a kind's id")
    fallback = kinds.get(triage.fallback_kind)
    if fallback and fallback.priority > most_urgent:
        yield (
            "triage.fallback_kind",
            triage.fallback_kind,
            f"one of the most urgent kinds (priority {most_urgent})",
        )
    for name, node in triage.nodes.items():
        where = f"triage.nodes.{name}"
        yield from _unknown(f"{where}.language", [node.language], languages, "a language of the city")
        for digit, leads in node.digits.items():
            if leads.kind is not None:
                yield from _unknown(f"{where}.digits.{digit}.kind", [leads.kind], set(kinds), "a kind's id")
            if leads.go is not None:
                yield from _unknown(
                    f"{where}.digits.{digit}.go", [leads.go], set(triage.nodes), "a node's id"
                )
    try:
        parse_plan(triage.model_dump(), kinds)
    except PlanInvalid as error:
        yield from (("triage.nodes", None, text) for text in error.problems if "no such" not in text)


def _unknown(key: str, names: Iterable[str], known: set[str], what: str) -> Iterator[Complaint]:
    for name in names:
        if name not in known:
            yield key, name, f"{what}: {', '.join(sorted(known))}"

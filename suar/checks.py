"""What `suar check` looks at beyond the city file itself: everything that the file points to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from queues.skills import parse
from suar.city import City
from suar.paths import shipped
from suar.tls import CertificateUnusable, client_context


def complaints(city: City, prompts: Path | None = None) -> Iterator[str]:
    """Yield what is missing or will surprise, each with the key and the way out."""
    prompts = prompts or shipped("asterisk-config") / "prompts"
    for name, node in city.triage.nodes.items():
        file = prompts / node.language / f"{node.prompt}.wav"
        if not file.is_file():
            yield (
                f"triage.nodes.{name}.prompt = {node.prompt!r}: {file} is missing; add it to "
                "asterisk-config/prompts/prompts.toml and run `suar prompts render`"
            )
    if not any(carrier.gateway for carrier in city.carriers):
        for queue in city.queues:
            for rule in queue.overflow:
                if rule.neighbour is not None:
                    yield (
                        f"queues ({queue.id}).overflow: {rule.neighbour} cannot be called; "
                        "give a carrier a gateway"
                    )
    for carrier in city.carriers:
        tls = carrier.location_tls
        if tls.certificate:
            try:
                client_context(tls.certificate, tls.key, tls.authorities)
            except CertificateUnusable as error:
                yield f"carriers ({carrier.id}).location_tls: {error}; give files in PEM that Suar may read"
    served = {queue for operator in city.operators for queue in operator.queues}
    for queue in city.queues:
        if queue.id not in served:
            yield f"queues ({queue.id}): no operator serves it; name it in an operator's queues"
    skills = {skill for operator in city.operators for skill in operator.skills}
    for kind in city.kinds:
        for skill in kind.skills:
            if skill not in skills:
                yield f"kinds ({kind.id}).skills = {skill!r}: no operator has this skill"
        for text in kind.wants:
            for skill in sorted(parse(text).names - skills):
                yield f"kinds ({kind.id}).wants = {text!r}: no operator has the skill {skill!r}"

"""One document before the readers: what must be true of every reading, and the run over many."""

from __future__ import annotations

import gc
import json
import random
import resource
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from suar.location import Fault, Flag, Reading, read, sip
from suar.location.hep import Packet, call_id_of, read_packet
from suar.location.sip.cells import Form
from tests.fuzz.grammar import document

LONGEST_S = 0.05
"""Of the processor's time, for one document of at most half a megabyte."""
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
_FLAGS, _FAULTS = set(Flag), set(Fault)


@dataclass(slots=True)
class Tally:
    """What a run found."""

    documents: int = 0
    with_claims: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """How many of each; ``hep`` are copies from which a message could be taken."""
    slowest_s: float = 0.0
    slowest_seed: int = 0
    objects_grown: int = 0
    memory_grown_kb: int = 0
    failures: list[str] = field(default_factory=list)


def run(first_seed: int, *, seconds: float = 0.0, documents: int = 0, most_failures: int = 5) -> Tally:
    """Read documents for so long, or so many; each is one seed's, so that a failure can be had again."""
    tally = Tally()
    began = time.monotonic()

    def done() -> float:
        return tally.documents / documents if documents else (time.monotonic() - began) / seconds

    objects = memory = 0
    while done() < 1 and len(tally.failures) < most_failures:
        examine(first_seed + tally.documents, tally)
        if not objects and done() > 1 / 3:
            gc.collect()
            objects, memory = len(gc.get_objects()), _memory_kb()
    gc.collect()
    if objects:
        tally.objects_grown = len(gc.get_objects()) - objects
        tally.memory_grown_kb = _memory_kb() - memory
    return tally


def examine(seed: int, tally: Tally) -> None:
    """Make a seed's document, read it, and hold the reading to what must be true."""
    data = document(random.Random(seed))
    try:
        taken, reading, packet = _timed(data)
        if taken > LONGEST_S:
            # Somebody else had the processor: the best of three is the reader's own.
            taken = min(taken, _timed(data)[0], _timed(data)[0])
        complaint = _complaint(reading)
        if packet is not None:
            tally.kinds["hep"] = tally.kinds.get("hep", 0) + 1
    except Exception as error:
        taken, complaint, reading = 0.0, f"raised {type(error).__name__}: {error}", Reading("raised")
    if taken > LONGEST_S:
        complaint = complaint or f"took {taken * 1000:.0f} ms for {len(data)} bytes"
    if taken > tally.slowest_s:
        tally.slowest_s, tally.slowest_seed = taken, seed
    tally.documents += 1
    tally.with_claims += bool(reading.claims)
    tally.kinds[reading.kind] = tally.kinds.get(reading.kind, 0) + 1
    if complaint:
        tally.failures.append(f"seed {seed}: {complaint}")


def _timed(data: bytes) -> tuple[float, Reading, Packet | None]:
    """Read a document, or the message of which it is a copy, as the controller does."""
    started = time.process_time()
    packet = read_packet(data)
    message = data if packet is None else packet.payload
    if packet is not None:
        call_id_of(message)
    values = sip.read_header(message, "X-Cell")
    for form in get_args(Form):
        for parameter in ("", "cgi"):
            json.dumps(sip.read_cells(values, "X-Cell", form, parameter))
    reading = read(message, NOW)
    json.dumps(reading.as_json(), allow_nan=False)
    return time.process_time() - started, reading, packet


def _complaint(reading: Reading) -> str | None:
    for claim in reading.claims:
        if claim.shape is not None:
            latitude, longitude = claim.latitude, claim.longitude
            if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
                return f"placed at {latitude}, {longitude}"
            if claim.shape.name == "Point" and abs(latitude) < 1e-4 and abs(longitude) < 1e-4:
                return "placed at 0,0"
            if claim.uncertainty_m is not None and not 0 <= claim.uncertainty_m < 2.1e7:
                return f"uncertain by {claim.uncertainty_m} m"
        elif not claim.civic:
            return "a claim of nothing"
        if claim.confidence is not None and not 0 < claim.confidence <= 100:
            return f"sure by {claim.confidence} %"
        if not set(claim.flags) <= _FLAGS or len(set(claim.flags)) < len(claim.flags):
            return f"flags {claim.flags}"
    if not reading.claims and not reading.errors and not reading.references and not reading.additional_data:
        return "nothing found and no reason given"
    if not {problem.fault for problem in reading.errors} <= _FAULTS:
        return "an unknown fault"
    return None


def _memory_kb() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() // 1024

"""Which cell serves a caller, where her carrier says so in a header of its own (``cell_header``).

What is found stands with the networks of RFC 7315's headers; the table of cells makes a claim of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from suar import location
from suar.city import Carrier
from suar.location import Fault, Problem, Reading, sip


def read_message(message: bytes, carrier: Carrier | None, received_at: datetime) -> Reading:
    """Read an INVITE, or what changes it, with what its carrier's own header says of the cell."""
    reading = location.read(message, received_at)
    if carrier is None or _is_standard(carrier):
        return reading  # Read with the rest.
    return add_cell(reading, sip.read_header(message, carrier.cell_header.name), carrier)


def add_cell(reading: Reading, values: Sequence[str], carrier: Carrier) -> Reading:
    """Add to a reading what the ``values`` of a carrier's header say; what cannot be read is a problem."""
    header = carrier.cell_header
    found = sip.read_cells(values, header.name, header.reads, header.parameter)
    networks = [{**one, "carrier": carrier.id} for one in found]
    errors = reading.errors
    if any(values) and not networks and not _is_standard(carrier):
        text = f"It is not written as reads = {header.reads!r} has it: look at cell_header in the city file."
        errors = (*errors, Problem(Fault.CELL_UNUSABLE, text, header.name))
    return replace(reading, call=_with(reading.call, networks), errors=errors)


def networks_of(reading: Reading) -> list[dict[str, Any]]:
    """Return the networks that carry the call."""
    return list(reading.call.get("access_networks", ()))


def _with(call: dict[str, Any], networks: list[dict[str, Any]]) -> dict[str, Any]:
    return {**call, "access_networks": [*networks, *call.get("access_networks", ())]} if networks else call


def _is_standard(carrier: Carrier) -> bool:
    """Whether its header is one of RFC 7315's, which need not have a cell in it: a call by Wi-Fi has none."""
    header = carrier.cell_header
    return header.reads == "access-network" and header.name.lower() in sip.NETWORK_HEADERS

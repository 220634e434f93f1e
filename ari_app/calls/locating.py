"""Asks for what came with a call's INVITE: the claims of its place."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ari_app.ari.errors import AriRejected
from ari_app.calls.call import Call
from ari_app.calls.ports import Ports
from ari_app.calls.profile import presumed, read_profile
from ari_app.calls.serving_cell import add_cell, read_message
from suar.location import Fault, Reading

_PROFILE = ("format", "method", "confidence")


async def locate(call: Call, ports: Ports) -> Reading:
    """Return what is claimed of the caller's place; with no claims, the operator has to ask.

    The INVITE as it came, where we have it; else, or where it leads nowhere, what Asterisk made of it, with
    the header in which the carrier names the cell.
    Raises :class:`~ari_app.ari.errors.ResourceGone` if the caller has hung up.
    """
    reading = Reading("unknown")
    invite = await ports.invites.take(call.sip_call_id) if ports.invites is not None else None
    received_at = ports.now()
    if invite is not None:
        reading = read_message(invite, call.carrier, received_at)
    # An INVITE that is well and has no place gave Asterisk none either.
    is_known = reading.is_usable or [problem.fault for problem in reading.errors] == [Fault.NO_LOCATION]
    place = "" if is_known else await read(call.id, "GEOLOC_PROFILE(location_info)", ports)
    if place:
        form, method, confidence = await asyncio.gather(
            *(read(call.id, f"GEOLOC_PROFILE({name})", ports) for name in _PROFILE)
        )
        made = read_profile(place, form, method, confidence, received_at)
        reading = made if invite is None else replace(reading, claims=(*reading.claims, *made.claims))
    if invite is None and call.carrier:
        cell = await read(call.id, f"PJSIP_HEADER(read,{call.carrier.cell_header.name})", ports)
        reading = add_cell(reading, [cell], call.carrier)
    if call.carrier and call.carrier.presumed_location:
        trunk = presumed(call.carrier.presumed_location, received_at)
        reading = replace(reading, claims=(*reading.claims, trunk))
    return reading


async def read(channel_id: str, variable: str, ports: Ports) -> str:
    """Read a variable; one that Asterisk does not know is empty."""
    try:
        return await ports.asterisk.channels.get_variable(channel_id, variable) or ""
    except AriRejected:
        return ""

"""Asks Asterisk for the claims that came with a call."""

from __future__ import annotations

import asyncio

from ari_app.ari.errors import AriRejected
from ari_app.calls.call import Call
from ari_app.calls.location import Claim, from_profile, presumed, unknown
from ari_app.calls.ports import Ports

_PROFILE = ("format", "method", "confidence")


async def locate(call: Call, ports: Ports) -> list[Claim]:
    """Return what is claimed of the caller's place, the best first; never empty.

    Raises :class:`~ari_app.ari.errors.ResourceGone` if the caller has hung up.
    """
    claims = []
    location = await read(call.id, "GEOLOC_PROFILE(location_info)", ports)
    received_at = ports.now()
    if location:
        form, method, confidence = await asyncio.gather(
            *(read(call.id, f"GEOLOC_PROFILE({name})", ports) for name in _PROFILE)
        )
        if claim := from_profile(location, form, method, confidence, received_at):
            claims.append(claim)
    if call.carrier and call.carrier.presumed_location:
        claims.append(presumed(call.carrier.presumed_location, received_at))
    if not claims:
        claims.append(unknown(received_at, *(["pidf-lo-unusable"] if location else [])))
    return claims


async def read(channel_id: str, variable: str, ports: Ports) -> str:
    """Read a variable; one that Asterisk does not know is empty."""
    try:
        return await ports.asterisk.channels.get_variable(channel_id, variable) or ""
    except AriRejected:
        return ""

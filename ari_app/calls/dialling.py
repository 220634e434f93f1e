"""A phone that rings: dialled as a leg of ours, and put down when nobody has answered in time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from ari_app.ari.errors import AriError
from ari_app.calls.legs import Leg
from ari_app.calls.ports import APPLICATION, Ports

_ASTERISKS_OWN_S = 2 * 3600
"""Asterisk's patience counts by the clock on the wall: set an hour ahead, that would end every ring as if
nobody had answered, and operators would be taken for absent. It is for legs that nobody minds any more."""


async def ring_phone(
    leg: Leg,
    ports: Ports,
    *,
    endpoint: str,
    app_args: str,
    caller_id: str,
    ring_s: float | None,
    variables: Mapping[str, str] | None = None,
    originator: str | None = None,
) -> None:
    """Ring a phone as ``leg``, which the switchboard knows already: its end may come before we return.

    Without ``ring_s``, somebody else minds how long. Raises :class:`~ari_app.ari.errors.AriError`.
    """
    if ring_s is not None:
        leg.patience = asyncio.create_task(_put_down_after(ring_s, leg, ports), name=f"patience-{leg.id}")
    await ports.asterisk.channels.originate(
        endpoint=endpoint,
        channel_id=leg.id,
        app=APPLICATION,
        app_args=app_args,
        caller_id=caller_id,
        timeout_s=_ASTERISKS_OWN_S,
        originator=originator,
        variables=variables,
    )


async def _put_down_after(ring_s: float, leg: Leg, ports: Ports) -> None:
    await asyncio.wait((leg.up, leg.gone), timeout=ring_s, return_when=asyncio.FIRST_COMPLETED)
    if not leg.up.done() and not leg.gone.done():
        with suppress(AriError):
            await ports.asterisk.channels.hangup(leg.id, reason="no_answer")

"""What Asterisk itself does for the callers of a carrier that floods."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.conftest import Town
from tests.integration.test_ari_contract import connected


@pytest.mark.parametrize(("floods", "rings_from_us"), [("0", True), ("1", False)])
async def test_who_rings_in_a_flood_costs_asterisk_no_packets(
    town: Town, floods: str, rings_from_us: bool
) -> None:
    """Three hundred who hear it ring from us are fifteen thousand packets a second."""
    url = f"http://{town.city.network.asterisk_http_bind}"
    async with connected(url, town.secrets.ari_password) as stage:
        await stage.asterisk.system.set_global("SUAR_FLOODS_telkomsel", floods)
        calling = asyncio.create_task(town.caller(hang_up_after_s=1.0).run())
        await stage.until("caller enters call Ring")
        await asyncio.sleep(0.5)
        # Where no voice was ever sent or awaited, Asterisk has no figures of it: a 404.
        is_sent = await stage.status(stage.asterisk.channels.received(stage.caller)) == 200
        assert is_sent == rings_from_us
        await stage.asterisk.channels.answer(stage.caller)
        assert (await calling).was_answered
        await stage.asterisk.system.set_global("SUAR_FLOODS_telkomsel", "0")
    assert await town.is_empty()

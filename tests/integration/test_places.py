"""Callers' places through the real Asterisk: what comes while a call lasts, and the cell that serves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from suar.demo.phones.caller import Move, with_location
from suar.demo.stories import _PLACE
from suar.lookups.imported import Tables
from tests.integration.conftest import Service

_WHERE = "-7.27960 112.73810"
_CELLS = "cgi,lat,lon,radius\n510-10-4660-43981,-7.26,112.74,900\n"


def placed(where: str) -> tuple[list[str], tuple[str, str]]:
    """The headers and the body that bring a place, and the voice as it was."""
    assert _WHERE in _PLACE
    return with_location(_PLACE.replace(_WHERE, where))


async def test_places_that_come_while_the_call_lasts_move_the_caller(service: Service) -> None:
    """By an UPDATE and by a re-INVITE, over Asterisk's copies; what is heard goes on."""
    headers, body = placed("-7.2796 112.7381")
    moves = [
        Move(0.6, *placed("-7.2896 112.7381"), method="UPDATE"),
        Move(1.2, *placed("-7.2996 112.7381"), method="INVITE"),
    ]
    caller = service.town.caller(headers=headers, body=body, moves=moves, hang_up_after_s=2.2)
    report = await caller.run()
    assert (report.hung_up_by, report.errors) == ("caller", "")
    (incident,) = await service.incidents(1, "ended")
    places = [claim["latitude"] for claim in incident.claims if claim["source"] == "pidf-lo"]
    assert places == [-7.2796, -7.2896, -7.2996]
    changes = [event.data["change"] for event in incident.events if event.what == "location_changed"]
    assert [change["new"]["latitude"] for change in changes] == [-7.2896, -7.2996]
    assert incident.location["latitude"] == -7.2996


@pytest.mark.parametrize("hears_invites", [True, False], ids=["the INVITE", "the dialplan"])
async def test_the_serving_cell_is_a_claim(service: Service, tmp_path: Path, hears_invites: bool) -> None:
    """Named in the INVITE, found in the city's table; without the copy of the INVITE, Asterisk knows it."""
    table = tmp_path / "cells.csv"
    table.write_text(_CELLS)
    Tables(tmp_path / "lookups").import_cells(table)
    if not hears_invites:
        service.controller.invites.close()
    network = "P-Access-Network-Info: 3GPP-GERAN;cgi-3gpp=510101234ABCD;network-provided"
    await service.town.caller(headers=[network], hang_up_after_s=1.0).run()
    (incident,) = await service.incidents(1, "located")
    (claim,) = incident.claims
    assert (claim["source"], claim["latitude"], claim["uncertainty_m"]) == ("cell", -7.26, 900)
    assert claim["flags"] == []

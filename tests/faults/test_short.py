"""The short cut of the fault suite: the faults that matter most, with a smaller crowd."""

from __future__ import annotations

import pytest

from tests.faults.bed import city
from tests.faults.fault import Fault
from tests.faults.row import run
from tests.faults.table import FAULTS

pytestmark = pytest.mark.in_time


@pytest.mark.parametrize("fault", [one for one in FAULTS if one.is_short], ids=lambda one: one.name)
async def test_a_fault_meets_its_figures(fault: Fault) -> None:
    """No caller lost, no silence, nothing missing, nothing left behind."""
    async with city(4, fault.setting) as bed:
        row = await run(bed, fault, series=FAULTS.index(fault), size=12)
    assert row.complaints(fault) == [], row.as_line()

"""The fault suite takes half an hour: what would keep a row of it from running is found here."""

from __future__ import annotations

import importlib.util

import pytest

from tests.faults.buggy import STEPS
from tests.faults.table import FAULTS


@pytest.mark.parametrize(("where", "name"), STEPS)
def test_each_step_that_a_bug_strikes_is_there(where: object, name: str) -> None:
    assert callable(getattr(where, name))


def test_each_row_has_a_name_of_its_own_and_a_controller_that_is_there() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(importlib.util.find_spec(fault.setting.controller) for fault in FAULTS)

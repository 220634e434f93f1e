"""What is done before the first caller calls, so that she does not wait for it."""

from __future__ import annotations

import gc

import pytest

from dashboards import geography
from dashboards.pages.rendering import _environment
from dashboards.warming import warm_up
from suar.areas import storing
from tests import town
from tests.component.conftest import Site


async def test_the_first_caller_waits_for_no_areas_no_template_and_no_garbage(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is there before, and the garbage of start-up is not kept with it."""
    storing.save(site.state.areas, town.areas())
    done: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: done.append("collected"))
    monkeypatch.setattr(gc, "freeze", lambda: done.append("frozen"))
    await warm_up(site.services.geography)
    assert done == ["collected", "frozen"]

    def load(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(geography.Geography, "_load", load)
    assert not (await site.services.geography.atlas()).is_empty
    environment = _environment()
    assert environment.cache is not None
    assert len(environment.cache) >= len(environment.list_templates()) > 20

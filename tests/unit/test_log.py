"""The log: what a line says, and what it must never say."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from suar import log


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream, before = io.StringIO(), structlog.get_config()
    log.configure("test", stream=stream)
    yield stream
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


def test_an_exception_is_logged_without_what_the_variables_held(written: io.StringIO) -> None:
    """Where it was raised, and neither who called nor from where."""

    def fail(number: str) -> None:
        raise ValueError("no such leg")

    try:
        fail("+628121234567")
    except ValueError:
        structlog.get_logger().exception("call_flow_failed")
    line = json.loads(written.getvalue())
    assert line["event"] == "call_flow_failed"
    assert line["exception"][0]["exc_value"] == "no such leg"
    assert line["exception"][0]["frames"][-1]["name"] == "fail"
    assert "628121234567" not in written.getvalue()

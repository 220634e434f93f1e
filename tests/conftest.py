"""What every ring shares: a test's ring is the folder that it stands in."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

# On a busy machine an example may take any time. What has to be quick is measured where that is said.
settings.register_profile("suar", deadline=None)
settings.load_profile("suar")

RINGS = ("unit", "component", "integration", "browser", "faults")
ROOT = Path(__file__).parent
CITIES = (ROOT.parent / "cities" / "surabaya.toml", ROOT / "data" / "kota_kecil.toml")


def pytest_configure() -> None:
    """Write tracebacks as Python does: what paints them, variables and all, holds a test up for seconds."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its ring; a test outside the rings is refused."""
    for item in items:
        ring = item.path.relative_to(ROOT).parts[0]
        if ring not in RINGS:
            raise pytest.UsageError(f"{item.path}: a test stands in one of {', '.join(RINGS)}")
        item.add_marker(ring)


def pytest_collection_finish() -> None:
    """What has been imported stays: no collection of garbage need look through it again and again."""
    gc.freeze()


@pytest.fixture(params=CITIES, ids=lambda path: path.stem)
def city_file(request: pytest.FixtureRequest) -> Path:
    """Each city in turn, so that nothing of one city is in the code."""
    path: Path = request.param
    return path

"""A call's line and its cell are looked up, and are claims of its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from suar import cli
from suar.workplace import Workplace
from tests.component.conftest import CITY, OFFERED, Site
from tests.unit.test_lookups import CELLS, LINES

INCIDENT = "sby1-20261124-0001"
CALLER_DATA = {
    "type": "caller_data",
    "document": "sip",
    "facts": {"access_networks": [{"type": "3GPP-GERAN", "cell_id": "510101234ABCD"}] * 2},
}


def run(site: Site, *words: str) -> Any:
    return CliRunner().invoke(cli.app, list(words), obj=Workplace(CITY, site.state.root))


async def claims(site: Site) -> Any:
    await site.services.surroundings.settle()
    siti = await site.client("siti")
    return (await (await siti.get(f"/api/v1/incidents/{INCIDENT}")).json())["claims"]


async def test_a_line_and_a_cell_become_claims(site: Site, tmp_path: Path) -> None:
    """Told twice, they are two claims all the same; imported by the command."""
    for name, text, count in (("ali", LINES, "2 lines imported"), ("cells", CELLS, "2 cells imported")):
        (tmp_path / f"{name}.csv").write_text(text)
        done = run(
            site,
            "--city",
            str(CITY),
            "--state",
            str(site.state.root),
            name,
            "import",
            str(tmp_path / f"{name}.csv"),
        )
        assert (done.exit_code, done.output.strip()) == (0, count), done.exception
    for _ in range(2):
        await site.put_call("sby1-1.1", {**OFFERED, "number": "0315031234"}, CALLER_DATA)
    found = sorted(await claims(site), key=lambda one: one["source"])
    assert [one["source"] for one in found] == ["ali", "cell"]
    assert found[0]["civic"]["RD"] == "Jl. Tunjungan"
    assert found[1]["shape"]["type"] == "ArcBand"
    assert found[1]["flags"] == ["cell-not-confirmed"]
    siti = await site.client("siti")
    assert "Jl. Tunjungan" in await (await siti.get(f"/incidents/{INCIDENT}")).text()


async def test_what_is_in_no_table_costs_nothing(site: Site) -> None:
    """Without tables, with odd data and with a damaged one the call is stored as ever."""
    odd = {"type": "caller_data", "facts": {"access_networks": [None, {"cell_id": 7}, {}]}}
    await site.put_call("sby1-1.1", OFFERED, CALLER_DATA, odd, {"type": "caller_data", "facts": 3})
    assert await claims(site) == []
    site.state.lookups.mkdir()
    (site.state.lookups / "lines.sqlite").write_bytes(b"damaged" * 200)
    status, _ = await site.put_call("sby1-1.1", OFFERED)
    assert (status, await claims(site)) == (200, [])

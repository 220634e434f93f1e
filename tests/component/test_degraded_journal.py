"""The degraded path's journals are read to their end, told once, and do not grow for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ari_app.degraded.importer import Importer
from queues.vocabulary import OperatorSignedOn
from tests.component.test_call_flow import House, house

__all__ = ["house"]


def write(path: Path, call: int, *events: str) -> None:
    """Write as Asterisk does: it keeps the file open, and appends."""
    with path.open("a") as file:
        for event in events:
            file.write(f"1763971200|sby1-9.{call}|degraded|NONE|{event}\n")


@pytest.fixture
def importer(house: House) -> Importer:
    """One that begins its journal anew after two lines or so, beside the controller's own."""
    for number in (1, 2, 3):
        (house.recordings / f"sby1-9.{number}.raw").write_bytes(bytes(320))
    log, folder = house.state.root / "queue.log", house.state.root / "served"
    folder.mkdir()
    write(log, 1, "OFFERED|telkomsel|112|+62811|allowed|", "ENDED")
    switchboard, ports = house.controller.switchboard, house.controller.ports
    sitter = house.controller.operators.sitter_at
    return Importer(ports, log, folder, switchboard.held, largest=60, sitter=sitter)


async def test_what_has_been_told_is_removed_and_nothing_else(house: House, importer: Importer) -> None:
    """Not before it was told, not while somebody may write; and afterwards all goes on as before."""
    log, ledger = house.state.root / "queue.log", house.state.root / "served" / "imported"
    assert await importer.look() == 1
    assert "sby1-9.1" in ledger.read_text()
    caller = await house.call()
    assert await importer.look() == 0
    assert log.stat().st_size > 60
    await house.fake.hang_up(caller)
    await house.over(caller)
    assert await importer.look() == 0
    assert log.stat().st_size == 0
    assert ledger.read_text() == ""
    write(log, 2, "OFFERED|telkomsel|112|+62812|allowed|", "ENDED")
    assert await importer.look() == 1
    assert await importer.look() == 0
    assert {"offered", "ended"} <= set(house.told("sby1-9.2"))


async def test_a_line_that_came_meanwhile_is_never_removed(house: House, importer: Importer) -> None:
    """It is looked at once more before the file is emptied."""
    log = house.state.root / "queue.log"
    assert await importer.look() == 1
    importer._read()
    write(log, 3, "OFFERED|telkomsel|112|+62813|allowed|")
    importer._empty()
    assert "sby1-9.3" in log.read_text()
    write(log, 3, "ENDED")
    assert await importer.look() == 1


async def test_who_sat_at_another_operators_phone_is_who_spoke(house: House, importer: Importer) -> None:
    """Asterisk knows phones, and names their owners."""
    siti_at_budis = OperatorSignedOn(
        "siti", ("emergency",), frozenset({"medical"}), frozenset({"id"}), phone="budi"
    )
    house.controller.distribution.tell(siti_at_budis)
    log = house.state.root / "queue.log"
    with log.open("a") as file:
        file.write("1763971201|sby1-9.1|degraded-medical-id|budi|CONNECT|1|x|0\n")
    assert await importer.look() == 1
    assert house.data("sby1-9.1", "connected")["operator"] == "siti"


async def test_hundreds_who_hung_up_meanwhile_are_told_at_once(house: House, importer: Importer) -> None:
    """Most were never heard: nobody's end waits until another's recording is given up."""
    log = house.state.root / "queue.log"
    calls = range(100, 300)
    for number in calls:
        write(log, number, f"OFFERED|telkomsel|112|+62812{number}|allowed|", "ENDED")
    looking = asyncio.create_task(importer.look())
    await house.until(lambda: all("ended" in house.told(f"sby1-9.{number}") for number in calls))
    assert not looking.done()  # Their recordings are still awaited.
    assert await looking == len(calls) + 1

"""Test calls: answered, played back, ended, written down, counted apart; never near an operator."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import pytest

from ari_app.calls import rehearsal
from ari_app.calls.rehearsal import _cut
from tests.component.conftest import ENDED, OFFERED, Site
from tests.component.test_call_flow import House, house

__all__ = ["house"]
TESTED = {"type": "ended", "by": "system", "phase": "triage", "disposition": "uji_coba"}


async def placed(house: House, carrier: str = "telkomsel") -> str:
    call = await house.fake.call_in("call", carrier, "112", "", "test")
    (house.recordings / f"{call}.raw").write_bytes(bytes(320_000))
    await house.until(lambda: house.fake.world.channels[call].playbacks)
    return call


async def heard(house: House, call: str) -> str:
    """Return what the caller hears now, once she hears something, and let it end."""
    channel = house.fake.world.channels[call]

    def playing() -> str:
        return house.fake.world.playbacks[channel.playbacks[0]]["media_uri"] if channel.playbacks else ""

    await house.until(lambda: playing().startswith("sound:"))
    media = playing().partition(",")[0]
    await house.fake.finish_playback(call)
    return media


@pytest.mark.parametrize(("carrier", "told"), [("telkomsel", "telkomsel"), ("synthetic", "synthetic")])
async def test_a_test_call_is_answered_played_back_and_ended(
    house: House, monkeypatch: pytest.MonkeyPatch, carrier: str, told: str
) -> None:
    """An operator who is ready is not rung; the whole is journalled and recorded; nothing else is left."""
    monkeypatch.setattr(rehearsal, "_LISTEN_S", 0.01)
    house.ready("siti", "budi")
    call = await placed(house, carrier)
    assert await heard(house, call) == "sound:suar/test-call"
    played_back = await heard(house, call)
    assert played_back == f"sound:{house.recordings}/{call}.echo"
    assert await heard(house, call) == "sound:suar/goodbye"
    await house.over(call)
    await house.until(lambda: "recording_sealed" in house.told(call))
    assert house.data(call, "offered")["is_test"] is True
    assert house.data(call, "offered")["carrier"] == told
    assert (house.data(call, "ended")["by"], house.data(call, "ended")["disposition"]) == (
        "system",
        "uji_coba",
    )
    assert not {"queued", "ringing", "connected"} & set(house.told(call))
    assert not list(house.recordings.glob("*.sln"))
    figures = house.controller.metrics.text().decode()
    assert 'suar_calls_ended_total{outcome="uji_coba"} 1.0' in figures


async def test_the_floor_sees_no_test_call(house: House) -> None:
    """And one that hangs up meanwhile is a test all the same."""
    call = await placed(house)
    real = await house.call()
    assert [one["call_id"] for one in house.controller.live.picture()["calls"]] == [real]
    await house.fake.hang_up(call)
    await house.until(lambda: "ended" in house.told(call))
    assert house.data(call, "ended")["disposition"] == "uji_coba"


async def test_a_test_call_that_is_adopted_stays_one(house: House) -> None:
    """After a lost connection, and after it was given back to the controller."""
    house.ready("siti")
    await house.fake.cut()
    await house.until(lambda: not house.controller.live.asterisk_is_up)
    call = await house.fake.call_in("call", "telkomsel", "112", "", "test")
    house.fake.world.channels[call].state = "Up"
    await house.until(lambda: house.controller.live.asterisk_is_up)
    await house.until(lambda: house.fake.world.channels[call].playbacks)
    assert await heard(house, call) == "sound:suar/test-call"
    await house.fake.hang_up(call)
    await house.until(lambda: "ended" in house.told(call))
    assert "queued" not in house.told(call)


def test_what_is_played_back_is_the_callers_side_of_the_recording(tmp_path: Path) -> None:
    """Its last five seconds; what is cut off in the middle of a sample does no harm."""
    raw, echo = tmp_path / "one.raw", tmp_path / "one.echo.sln"
    both = array("h", [sample for at in range(48_000) for sample in (at % 1000, -1)])
    raw.write_bytes(both.tobytes() + b"\x01\x02\x03")
    assert _cut(raw, echo)
    assert array("h", echo.read_bytes()).tolist() == [at % 1000 for at in range(8_000, 48_000)]
    raw.write_bytes(b"")
    assert not _cut(raw, echo)
    assert not _cut(tmp_path / "missing.raw", echo)


async def listed(site: Site, query: str = "") -> list[dict[str, Any]]:
    staff = await site.client("sari")
    answer = await (await staff.get(f"/api/v1/incidents{query}")).json()
    return [{name: one[name] for name in ("id", "state", "disposition")} for one in answer["incidents"]]


async def test_a_test_call_has_a_closed_incident_that_no_list_shows_unasked(site: Site) -> None:
    """Marked from its first event, so that nobody ever sees it as an open one."""
    await site.put_call("sby1-1.1", OFFERED | {"is_test": True})
    assert await listed(site, "?open=1") == []
    await site.put_call("sby1-1.1", TESTED, {"type": "lost", "why": "Asterisk died"}, first=2)
    await site.put_call("sby1-1.2", OFFERED, ENDED)
    tested = {"id": "sby1-20261124-0001", "state": "closed", "disposition": "uji_coba"}
    assert [one["id"] for one in await listed(site)] == ["sby1-20261124-0002"]
    assert tested in await listed(site, "?tests=1")
    assert await listed(site, "?text=1124-0001") == [tested]
    staff = await site.client("sari")
    assert (await (await staff.get("/api/v1/callbacks")).json())["callbacks"] == []


async def test_whoever_tests_the_chain_sees_its_end(site: Site) -> None:
    """With the controller's token alone; a call that never came is not found."""
    token = {"Authorization": f"Bearer {site.secrets.ingest_token}"}
    stranger = await site.client()
    assert (await stranger.get("/api/v1/calls/sby1-1.1")).status == 401
    assert (await stranger.get("/api/v1/calls/sby1-1.1", headers=token)).status == 404
    await site.put_call("sby1-1.1", OFFERED | {"is_test": True})
    shown = await (await stranger.get("/api/v1/calls/sby1-1.1", headers=token)).json()
    assert shown == {
        "call_id": "sby1-1.1",
        "incident_id": "sby1-20261124-0001",
        "has_ended": False,
        "has_recording": False,
        "recording_problem": None,
    }
    sealed = {"type": "recording_sealed", "file": "a.wav", "sha256": "0", "length_s": 1.0, "bytes": 1}
    await site.put_call("sby1-1.1", TESTED, sealed, first=2)
    shown = await (await stranger.get("/api/v1/calls/sby1-1.1", headers=token)).json()
    assert (shown["has_ended"], shown["has_recording"]) == (True, True)

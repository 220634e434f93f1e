"""From a call's events to a closed incident, through the REST interface."""

from __future__ import annotations

import wave
from typing import Any

from tests.component.conftest import CONNECTED, ENDED, OFFERED, TRIAGED, Site

INCIDENT = "sby1-20261124-0001"


async def test_a_calls_events_make_one_incident_however_often_they_come(site: Site) -> None:
    """Stored once, in order; the answer names the incident and the last event."""
    for _ in range(3):
        status, answer = await site.put_call("sby1-1.1", OFFERED, {"type": "answered"}, TRIAGED)
        assert (status, answer) == (200, {"call_id": "sby1-1.1", "applied": 3, "incident_id": INCIDENT})
    staff = await site.client("sari")
    listed = await (await staff.get("/api/v1/incidents")).json()
    assert [one["id"] for one in listed["incidents"]] == [INCIDENT]
    shown = await (await staff.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert [event["what"] for event in shown["events"]] == ["offered", "answered", "triaged"]
    assert (shown["kind"], shown["kind_is_confirmed"]) == ("fire", False)
    assert shown["marks"]["ring"] == shown["marks"]["classified"] == "2026-11-24T08:00:00Z"
    assert "+62812" not in str(shown["events"])


async def test_a_gap_is_refused_with_the_number_that_is_expected(site: Site) -> None:
    """So that the sender can send again from there."""
    assert (await site.put_call("sby1-1.1", OFFERED, first=2))[0] == 409
    await site.put_call("sby1-1.1", OFFERED)
    status, answer = await site.put_call("sby1-1.1", TRIAGED, first=3)
    assert (status, answer["error"]["code"], answer["error"]["expected"]) == (409, "events_missing", 2)


async def test_an_event_that_nobody_knows_is_kept(site: Site) -> None:
    """A newer controller may say more than this version understands."""
    status, _ = await site.put_call("sby1-1.1", OFFERED, {"type": "teleported", "to": "Mars"})
    assert status == 200
    shown = await (await (await site.client("sari")).get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert shown["events"][-1]["what"] == "teleported"
    assert shown["events"][-1]["data"]["to"] == "Mars"


async def test_a_caller_who_hangs_up_leaves_an_incident_that_is_open(site: Site) -> None:
    """Disposition terputus, and still somebody's work."""
    await site.put_call("sby1-1.1", OFFERED, ENDED | {"by": "caller", "disposition": "terputus", "talk_s": 0})
    shown = await (await (await site.client("siti")).get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert (shown["disposition"], shown["state"]) == ("terputus", "new")


async def test_a_digit_never_overrules_a_person(site: Site) -> None:
    """The operator's classification stands, whenever the controller's event arrives."""
    await site.put_call("sby1-1.1", OFFERED)
    siti = await site.client("siti")
    response = await siti.patch(f"/api/v1/incidents/{INCIDENT}", json={"kind": "medical"})
    assert (await response.json())["kind_is_confirmed"] is True
    await site.put_call("sby1-1.1", TRIAGED, first=2)
    shown = await (await siti.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert shown["kind"] == "medical"


async def test_an_incident_goes_from_the_call_to_the_scene(site: Site) -> None:
    """Described, sent, acknowledged, on its way, on the scene, closed, opened again: each mark once."""
    await site.put_call("sby1-1.1", OFFERED, TRIAGED, CONNECTED, ENDED)
    siti, pmk, dokter = [await site.client(name) for name in ("siti", "pmk", "dokter")]
    one = f"/api/v1/incidents/{INCIDENT}"
    await siti.patch(one, json={"place": "Jl. Tunjungan 1", "notes": "asap hitam"})
    response = await siti.post(f"{one}/send", json={"agencies": ["dpkp", "dpkp"]})
    sent = await response.json()
    assert (sent["state"], [task["agency"] for task in sent["tasks"]]) == ("sent", ["dpkp"])
    assert (await dokter.get(one)).status == 404
    assert (await dokter.post(f"{one}/tasks/dpkp/start")).status == 403
    assert (await pmk.post(f"{one}/tasks/dpkp/acknowledge")).status == 200
    # START was forgotten: arriving sets it to the same moment.
    arrived = await (await pmk.post(f"{one}/tasks/dpkp/on-scene")).json()
    assert arrived["state"] == "on_scene"
    assert arrived["marks"]["start"] == arrived["marks"]["on_scene"]
    assert arrived["clock"]["is_running"] is False
    again = await (await pmk.post(f"{one}/tasks/dpkp/on-scene")).json()
    assert again["marks"] == arrived["marks"]
    assert len(again["events"]) == len(arrived["events"])
    closed = await (await siti.post(f"{one}/close", json={"disposition": "normal"})).json()
    assert closed["state"] == "closed"
    assert (await siti.post(f"{one}/close", json={})).status == 409
    assert (await siti.post(f"{one}/reopen", json={"reason": " "})).status == 422
    opened = await (await siti.post(f"{one}/reopen", json={"reason": "api menyala lagi"})).json()
    assert opened["state"] == "on_scene"
    who = [(event["what"], event["who"]) for event in opened["events"][-6:]]
    assert who == [
        ("described", "siti"),
        ("sent", "siti"),
        ("acknowledge", "pmk"),
        ("on-scene", "pmk"),
        ("closed", "siti"),
        ("reopened", "siti"),
    ]


async def test_bad_input_names_its_field_and_changes_nothing(site: Site) -> None:
    """A clear error, and the same incident as before."""
    await site.put_call("sby1-1.1", OFFERED)
    siti = await site.client("siti")
    one = f"/api/v1/incidents/{INCIDENT}"
    before = await (await siti.get(one)).json()
    bad: list[tuple[str, str, Any, str]] = [
        ("PATCH", one, {"kind": "tsunami"}, "kind"),
        ("PATCH", one, {"place": "x" * 5000}, "place"),
        ("PATCH", one, {"colour": "red"}, "colour"),
        ("PATCH", one, {"disposition": "fun"}, "disposition"),
        ("POST", f"{one}/send", {"agencies": []}, "agencies"),
        ("POST", f"{one}/send", {"agencies": ["nobody"]}, "agencies"),
        ("POST", f"{one}/notes", {"text": ""}, "text"),
    ]
    for method, path, body, field in bad:
        response = await siti.request(method, path, json=body)
        error = (await response.json())["error"]
        assert (response.status, error["field"]) == (422, field), (path, body)
    response = await siti.patch(one, data=b"{not json", headers={"Content-Type": "application/json"})
    assert response.status == 422
    after = await (await siti.get(one)).json()
    assert {**before, "clock": None} == {**after, "clock": None}


async def test_the_list_pages_and_filters(site: Site) -> None:
    """Newest first, fifty at a time, by state, kind and words."""
    for number in range(55):
        await site.put_call(f"sby1-1.{number}", OFFERED, TRIAGED if number % 2 else {"type": "answered"})
    sari = await site.client("sari")
    first = await (await sari.get("/api/v1/incidents")).json()
    assert len(first["incidents"]) == 50
    rest = await (await sari.get("/api/v1/incidents", params={"before": first["next"]})).json()
    assert len(rest["incidents"]) == 5
    assert rest["next"] is None
    ids = [one["id"] for one in first["incidents"] + rest["incidents"]]
    assert ids == sorted(ids, reverse=True)
    fires = await (await sari.get("/api/v1/incidents", params={"kind": "fire"})).json()
    assert len(fires["incidents"]) == 27
    await sari.patch(f"/api/v1/incidents/{ids[3]}", json={"place": "Kembang Jepun"})
    found = await (await sari.get("/api/v1/incidents", params={"text": "jepun"})).json()
    assert [one["id"] for one in found["incidents"]] == [ids[3]]


async def test_a_recording_is_played_in_ranges_and_listening_is_written_down(site: Site) -> None:
    """To staff only; a path that leads elsewhere is no recording."""
    await site.put_call("sby1-1.1", OFFERED, ENDED, {"type": "recording_sealed", "file": "sby1-1.1.wav"})
    await site.put_call("sby1-1.2", OFFERED, {"type": "recording_sealed", "file": "../secrets.toml"})
    with wave.open(str(site.state.recordings / "sby1-1.1.wav"), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(32000))
    sari = await site.client("sari")
    whole = await sari.get("/api/v1/recordings/sby1-1.1")
    assert (whole.status, whole.headers["Content-Type"]) == (200, "audio/wav")
    assert len(await whole.read()) == 32044
    part = await sari.get("/api/v1/recordings/sby1-1.1", headers={"Range": "bytes=44-143"})
    assert (part.status, len(await part.read())) == (206, 100)
    assert (await sari.get("/api/v1/recordings/sby1-1.2")).status == 404
    assert (await sari.get("/api/v1/recordings/none")).status == 404
    assert (await (await site.client("pmk")).get("/api/v1/recordings/sby1-1.1")).status == 403
    shown = await (await sari.get(f"/api/v1/incidents/{INCIDENT}")).json()
    assert [event["who"] for event in shown["events"] if event["what"] == "listened"] == ["sari"]


async def test_a_lost_call_is_on_the_callback_list_until_somebody_has_called(site: Site) -> None:
    """With its number: on the desk, on the board and over the interface."""
    await site.put_call("sby1-1.1", OFFERED, {"type": "lost", "why": "Asterisk died"}, ENDED)
    siti = await site.client("siti")
    (one,) = (await (await siti.get("/api/v1/callbacks")).json())["callbacks"]
    assert (one["incident_id"], one["number"]) == (INCIDENT, "+628121234567")
    for page in ("/desk", "/board"):
        assert "+628121234567" in await (await siti.get(page)).text()
    for status in (200, 404):
        assert (await siti.post(f"/api/v1/incidents/{INCIDENT}/called-back")).status == status
    assert (await (await siti.get("/api/v1/callbacks")).json())["callbacks"] == []
    assert "+628121234567" not in await (await siti.get("/board")).text()


async def test_many_calls_are_stored_in_one_go_and_one_that_lacks_an_event_holds_up_no_other(
    site: Site,
) -> None:
    """What came before its gap is stored too; what is missing is asked for."""

    def told(*numbers: int) -> dict[str, Any]:
        kinds: dict[int, dict[str, Any]] = {1: OFFERED, 2: TRIAGED, 3: CONNECTED, 4: ENDED}
        at = {"at": "2026-11-24T08:00:00.000Z"}
        return {"events": [{"seq": number, **at, **kinds[number]} for number in numbers]}

    calls = {"sby1-1.1": told(1, 2), "sby1-1.2": told(1, 3), "sby1-1.3": told(2), "sby1-1.4": told(1)}
    token = {"Authorization": f"Bearer {site.secrets.ingest_token}"}
    controller = await site.client()
    for _ in range(2):
        async with controller.post("/api/v1/calls", json={"calls": calls}, headers=token) as response:
            assert response.status == 200
            stored = await response.json()
        assert {one["call_id"]: one["applied"] for one in stored["applied"]} == {"sby1-1.1": 2, "sby1-1.4": 1}
        assert stored["missing"] == [
            {"call_id": "sby1-1.2", "expected": 2},
            {"call_id": "sby1-1.3", "expected": 1},
        ]
    assert len({one["incident_id"] for one in stored["applied"]}) == 2
    async with controller.post("/api/v1/calls", json={"calls": calls}) as response:
        assert response.status == 401
    async with controller.post("/api/v1/calls", json={"calls": {}}, headers=token) as response:
        assert (response.status, (await response.json())["error"]["field"]) == (422, "calls")

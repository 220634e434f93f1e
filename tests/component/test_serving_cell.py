"""The cell in a carrier's own header: from the INVITE, else from the dialplan, and as a caller moves."""

from __future__ import annotations

import pytest

from ari_app.calls.serving_cell import add_cell
from ari_app.fake_asterisk import requests
from suar.city import CellHeader, load
from suar.location import Reading
from suar.secret import Secrets
from tests.component.conftest import CITY
from tests.component.test_call_flow import House, house
from tests.component.test_invites import changed, invite
from tests.unit.location.test_hep import captured

__all__ = ["house"]

CODED = CellHeader(name="X-BTS", reads="code")


def set_header(house: House, header: CellHeader) -> None:
    """Have Telkomsel say in this header which cell it is."""
    house.controller.city.carriers[0] = house.controller.city.carriers[0].model_copy(
        update={"cell_header": header}
    )


def sent(house: House, message: bytes) -> None:
    """Asterisk copies a message to the controller."""
    key = Secrets.load_or_create(house.state, house.controller.city).hep_key.encode()
    house.controller.invites.datagram_received(captured(message, key), None)


def with_header(message: bytes, line: str) -> bytes:
    return message.replace(b"\r\nGeolocation:", f"\r\n{line}\r\nGeolocation:".encode(), 1)


async def test_the_carriers_own_header_of_the_invite_names_the_cell(house: House) -> None:
    """Beside what the standard's header says; whose name for a cell it is, is kept with it."""
    set_header(house, CODED)
    lines = "X-BTS: SBY0123\r\nP-Access-Network-Info: 3GPP-GERAN;cgi-3gpp=510101234ABCD"
    sent(house, with_header(invite("a1@c"), lines))
    call = await house.call(sip_call_id="a1@c")
    await house.until(lambda: "caller_data" in house.told(call))
    own, standard = house.data(call, "caller_data")["facts"]["access_networks"]
    assert (own["code"], own["carrier"], own["header"]) == ("SBY0123", "telkomsel", "x-bts")
    assert (standard["cell_id"], standard["network_provided"]) == ("510101234ABCD", False)


@pytest.mark.parametrize("has_place", [True, False])
async def test_asterisk_is_asked_for_no_place_that_the_invite_did_not_bring(
    house: House, monkeypatch: pytest.MonkeyPatch, has_place: bool
) -> None:
    """Most bring none; one whose place cannot be read is asked for."""
    asked: list[str] = []
    get_variable = house.controller.asterisk.channels.get_variable

    async def note(channel_id: str, name: str) -> str:
        asked.append(name)
        return await get_variable(channel_id, name)

    monkeypatch.setattr(house.controller.asterisk.channels, "get_variable", note)
    body = b"Geolocation: <cid:x@y>\r\n\r\n" if has_place else b"\r\n"
    sent(house, b"INVITE sip:112@psap SIP/2.0\r\nCall-ID: a1@c\r\n" + body)
    call = await house.call(sip_call_id="a1@c")
    await house.until(lambda: "location_unknown" in house.told(call))
    assert ("GEOLOC_PROFILE(location_info)" in asked) is has_place


@pytest.mark.parametrize(
    ("header", "value", "cell"),
    [
        (CODED, "SBY0123", ("code", "SBY0123")),
        (CellHeader(), "3GPP-GERAN;cgi-3gpp=510101234ABCD", ("cell_id", "510101234ABCD")),
    ],
)
async def test_without_the_invite_the_dialplan_is_asked(
    house: House, monkeypatch: pytest.MonkeyPatch, header: CellHeader, value: str, cell: tuple[str, str]
) -> None:
    """For the header that the city file names, or the standard's."""
    set_header(house, header)
    monkeypatch.setitem(requests._FUNCTIONS, f"PJSIP_HEADER(read,{header.name})", value)
    call = await house.call()
    await house.until(lambda: "caller_data" in house.told(call))
    (network,) = house.data(call, "caller_data")["facts"]["access_networks"]
    assert (network[cell[0]], network["carrier"]) == (cell[1], "telkomsel")
    assert "errors" not in house.data(call, "caller_data")


async def test_another_cell_in_the_midst_of_a_call_is_told(house: House) -> None:
    """By a re-INVITE without any Geolocation; the same cell again is no news."""
    set_header(house, CODED)
    house.controller.invites._telling += (b"\r\nx-bts",)  # As if the city file had always said so.
    sent(house, with_header(invite("a1@c"), "X-BTS: A"))
    call = await house.call(sip_call_id="a1@c")
    await house.until(lambda: house.controller.invites.is_following("a1@c"))
    await house.until(lambda: "caller_data" in house.told(call))
    for bts in ("A", "B", "B", "C"):
        later = changed("a1@c", "UPDATE", "").replace(b"Subject:", f"X-BTS: {bts}\r\nSubject:".encode())
        sent(house, later)
    events = house.controller.outbox.history

    def told() -> list[str]:
        facts = [event.data["facts"] for event in events(call) if event.type == "caller_data"]
        return [one["access_networks"][0]["code"] for one in facts]

    await house.until(lambda: told()[-1] == "C")
    assert told() == ["A", "B", "C"]


def test_a_header_that_cannot_be_read_is_a_problem_and_a_missing_one_none() -> None:
    """Somebody has to look at the city file; a call by Wi-Fi has no cell, and that is well."""
    carrier = load(CITY).carriers[0]
    own = carrier.model_copy(update={"cell_header": CellHeader(name="X-Cell", reads="cell")})
    unread = add_cell(Reading("sip"), ["somewhere"], own)
    assert [(one.fault, one.where) for one in unread.errors] == [("cell-unusable", "X-Cell")]
    assert unread.call == {}
    assert add_cell(Reading("sip"), [""], own) == Reading("sip")
    assert add_cell(Reading("sip"), ["IEEE-802.11;i-wlan-node-id=x"], carrier) == Reading("sip")

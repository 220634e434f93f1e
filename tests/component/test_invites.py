"""Copies of INVITEs: joined with their calls, kept for a while, and missed by no call."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime

from ari_app.calls.invites import KEPT_S, Invites
from suar.location.shapes import Circle, Position
from suar.secret import Secrets
from tests.component.conftest import free_bind
from tests.component.test_call_flow import House, house
from tests.unit.location.test_hep import INVITE, captured

__all__ = ["house"]

PIDF = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="pres:a">'
    "<tuple id='a'><status><gp:geopriv><gp:location-info>"
    '<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>-7.26 112.74</gml:pos>'
    '<gs:radius uom="urn:ogc:def:uom:EPSG::9001">35</gs:radius></gs:Circle></gp:location-info>'
    "<gp:usage-rules/></gp:geopriv></status><timestamp>{}</timestamp></tuple></presence>"
)


def invite(call_id: str) -> bytes:
    """One with a place in a multipart, its time, and a reference to a second."""
    body = (
        "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: application/pidf+xml\r\n"
        f"Content-ID: <p@c>\r\n\r\n{PIDF.format(datetime.now(UTC).isoformat())}\r\n--b--\r\n"
    )
    return (
        f"INVITE sip:112@psap SIP/2.0\r\nCall-ID: {call_id}\r\nGeolocation: <cid:p@c>, <https://lis/x>\r\n"
        f"Content-Type: multipart/mixed;boundary=b\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def test_a_call_has_the_places_of_its_own_invite(house: House) -> None:
    """With their time, and the reference, which Asterisk's own reading leaves out."""
    key = Secrets.load_or_create(house.state, house.controller.city).hep_key.encode()
    bind = house.controller.city.network.hep_bind
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(captured(invite("other@c"), key), bind)
        sender.sendto(captured(invite("a1@c"), b"wrong"), bind)
        sender.sendto(captured(invite("a1@c"), key), bind)
    await house.until(lambda: house.controller.invites.received == 2)
    assert house.controller.invites.refused == 1
    call = await house.call(sip_call_id="a1@c")
    await house.until(lambda: "caller_data" in house.told(call))
    (living,) = house.controller.switchboard.calls()
    best = living.claims.best
    assert best is not None
    assert (best.source, best.shape) == ("pidf-lo", Circle(Position(-7.26, 112.74), 35.0))
    assert best.fix_at is not None
    assert house.data(call, "caller_data")["references"][0]["uri"] == "https://lis/x"


def changed(call_id: str, method: str, where: str) -> bytes:
    """A later request of the same call, with another place, known better, or without."""
    made = invite(call_id).replace(b"INVITE sip", method.encode() + b" sip", 1)
    made = made.replace(b"-7.26 112.74", where.encode()).replace(b">35<", b">20<")
    return made if where else made.replace(b"Geolocation:", b"Subject:")


async def test_a_later_invite_or_update_moves_the_caller(house: House) -> None:
    """Each place is a further claim; what names none, or another call, changes nothing."""
    key = Secrets.load_or_create(house.state, house.controller.city).hep_key.encode()
    bind = house.controller.city.network.hep_bind

    def send(message: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(captured(message, key), bind)

    first = invite("a1@c")
    send(first)
    await house.until(lambda: house.controller.invites.received == 1)
    call = await house.call(sip_call_id="a1@c")
    (living,) = house.controller.switchboard.calls()

    def places() -> list[float | None]:
        return [one.latitude for one in living.claims.claims if one.source == "pidf-lo"]

    await house.until(lambda: house.controller.invites.is_following("a1@c"))
    send(first)  # Sent again on its way: nothing new.
    send(changed("a1@c", "INVITE", ""))
    send(changed("b2@c", "UPDATE", "-7.5 112.74"))
    send(changed("a1@c", "UPDATE", "-7.29 112.74"))
    await house.until(lambda: len(places()) == 2)
    send(changed("a1@c", "INVITE", "-7.31 112.74"))
    await house.until(lambda: len(places()) == 3)
    assert places() == [-7.26, -7.29, -7.31]
    await house.until(lambda: "location_changed" in house.told(call))
    await house.fake.hang_up(call)
    await house.over(call)
    assert not house.controller.invites.is_following("a1@c")


async def test_a_copy_that_comes_late_is_waited_for_a_moment_and_one_that_never_comes_not_longer() -> None:
    """And nothing is waited for where nobody listens."""
    invites, bind = Invites(asyncio.get_running_loop().time, "key"), free_bind()
    assert await invites.take("a1@carrier") is None
    await invites.listen(bind)
    try:
        taking = asyncio.create_task(invites.take("a1@carrier"))
        await asyncio.sleep(0)
        invites.datagram_received(captured(), None)
        assert await taking == INVITE
        assert await asyncio.wait_for(invites.take("a1@carrier"), 5) is None
        assert await invites.take("") is None
    finally:
        invites.close()


async def test_an_address_that_is_taken_is_no_calls_matter() -> None:
    """The second one hears nothing, and says so by not listening."""
    first, second, bind = Invites(lambda: 0.0, "k"), Invites(lambda: 0.0, "k"), free_bind()
    await first.listen(bind)
    await second.listen(bind)
    assert (first.is_listening, second.is_listening) == (True, False)
    first.close()


async def test_what_nobody_comes_for_is_forgotten() -> None:
    """In time, and before that, in number; only an INVITE is kept, and of each call the first."""
    now = 0.0
    invites = Invites(lambda: now, "key")
    invites.datagram_received(captured(), None)
    invites.datagram_received(captured(INVITE + b" again"), None)
    for other in (b"SIP/2.0 200 OK\r\nCall-ID: b\r\n\r\n", b"BYE sip:a SIP/2.0\r\nCall-ID: c\r\n\r\n"):
        invites.datagram_received(captured(other), None)
    invites.datagram_received(b"noise", None)
    assert (invites.received, invites.refused) == (1, 1)
    now = KEPT_S + 1
    invites.datagram_received(captured(INVITE.replace(b"a1@", b"a2@")), None)
    assert await invites.take("a1@carrier") is None
    assert await invites.take("a2@carrier") is not None

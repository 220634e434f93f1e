"""A caller's place through her whole call: what came with it, and what location servers say as it goes on.

Nothing here may cost a call anything: whatever fails is told in the log, and the operator asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ari_app.ari.errors import AriError, ResourceGone
from ari_app.calls.call import Call
from ari_app.calls.claims import add_to
from ari_app.calls.locating import locate
from ari_app.calls.location_servers import LocationGone, LocationServerFailed, Source
from ari_app.calls.ports import Ports
from ari_app.calls.serving_cell import networks_of, read_message
from suar.city import Carrier
from suar.location import ClaimInvalid, Reading, Reference, following, reading_from
from suar.log import get_logger

_DEVICE = "msisdn"

log = get_logger()


async def locate_and_follow(call: Call, ports: Ports, goes_on: asyncio.Event | None = None) -> None:
    """Find where a caller is, and go on asking until cancelled. Never raises but for that.

    Of a call that is held nothing is asked of others before it ``goes_on``: a flood is ours alone to bear.
    """
    try:
        references = await take_up(call, ports)
        async with asyncio.TaskGroup() as group:
            group.create_task(follow(call, references, ports, goes_on))
            await follow_changes(call, ports, group)
    except* ResourceGone:
        pass
    except* (AriError, ValueError) as failed:
        log.warning("location_failed", reason=type(failed.exceptions[0]).__name__)
    except* Exception:
        log.exception("location_failed")


async def take_up(call: Call, ports: Ports) -> list[Reference]:
    """Take up what came with the call; return where her place can be asked for as she moves."""
    if call.claims.claims:
        return list(_told_before(call, ports))  # Another controller has read what came with the call.
    reading = await locate(call, ports)
    await add_to(call, reading, ports)
    if call.claims.best is None:
        await ports.outbox.publish(call.id, "location_unknown")
    return list(reading.references)


async def follow(
    call: Call, references: Iterable[Reference], ports: Ports, goes_on: asyncio.Event | None = None
) -> None:
    """Ask the call's location servers, at the times of :mod:`suar.location.following`, until cancelled."""
    if goes_on is not None:
        await goes_on.wait()
    await _ask_all(call, [] if call.is_test else sources_of(call, references), ports)


async def follow_changes(call: Call, ports: Ports, tasks: asyncio.TaskGroup) -> None:
    """Take up each place that a re-INVITE or an UPDATE brings: by value, by reference, or a new cell.

    Each is a claim as any other: what it changes is told as a change. Ends when the call does.
    """
    if ports.invites is None or not call.sip_call_id:
        return
    asked = set(sources_of(call, _told_before(call, ports)))
    networks = _networks_told_before(call, ports)
    with ports.invites.following(call.sip_call_id) as later:
        while True:
            reading = read_message(await later.get(), call.carrier, ports.now())
            was, networks = networks, networks_of(reading) or networks
            facts = {"access_networks": networks} if networks != was else {}
            await add_to(call, Reading(reading.kind, reading.claims, reading.references, call=facts), ports)
            fresh = [one for one in sources_of(call, reading.references) if one not in asked]
            asked.update(fresh)
            if fresh and not call.is_test:
                tasks.create_task(_ask_all(call, fresh, ports))


async def _ask_all(call: Call, sources: list[Source], ports: Ports) -> None:
    begun = ports.clock()
    for at_s in following.ask_times():
        sources = [one for one in sources if one.expires_at is None or one.expires_at > ports.now()]
        if not sources:
            return
        late_s = ports.clock() - begun - at_s
        if late_s > following.THEN_EVERY_S:
            continue  # A slow answer has taken its time.
        await asyncio.sleep(max(0.0, -late_s))
        still = await asyncio.gather(
            *(_ask(call, one, following.response_time(at_s), ports) for one in sources)
        )
        sources = [one for one, is_there in zip(sources, still, strict=True) if is_there]


def sources_of(call: Call, references: Iterable[Reference]) -> list[Source]:
    """Return where a call's place can be asked for: at its carrier's servers, and nowhere else.

    A URI in an INVITE is what somebody sent: it must not make us ask any host there is.
    """
    carrier = call.carrier
    if carrier is None:
        return []
    found = [
        Source(one.uri, provider=one.provider, expires_at=one.expires_at, carrier=carrier.id)
        for one in references
        if one.purpose == "location" and _is_trusted(one.uri, carrier)
    ]
    if carrier.location_server and call.number and (digits := call.number.lstrip("+")).isdecimal():
        device = ((_DEVICE, digits),)
        found.append(Source(carrier.location_server, device, carrier.id, carrier=carrier.id))
    return list(dict.fromkeys(found))


async def _ask(call: Call, source: Source, response_time: str, ports: Ports) -> bool:
    """Ask one server; return whether it is worth asking again."""
    if ports.location_servers is None:
        return False
    try:
        reading = await ports.location_servers.ask(source, response_time)
    except LocationGone as error:
        log.info("location_gone", reason=str(error))
        return False
    except LocationServerFailed as error:
        log.warning("location_server_failed", reason=str(error))
        return True
    added = await add_to(call, Reading(reading.kind, reading.claims), ports)
    if added.is_changed:
        log.info("location_followed", host=source.host, claims=added.known)
    return True


def _is_trusted(uri: str, carrier: Carrier) -> bool:
    scheme, _, _ = uri.partition(":")
    host = Source(uri).host
    return scheme.lower() in {"http", "https"} and host != "" and host in carrier.location_hosts


def _networks_told_before(call: Call, ports: Ports) -> list[Any]:
    """The networks that were told last, by whichever controller."""
    told = (event.data.get("facts") for event in ports.outbox.history(call.id) if event.type == "caller_data")
    networks = [facts["access_networks"] for facts in told if facts and "access_networks" in facts]
    return list(networks[-1]) if networks else []


def _told_before(call: Call, ports: Ports) -> list[Reference]:
    """The references that an earlier controller wrote down."""
    found: list[Reference] = []
    for event in ports.outbox.history(call.id):
        if event.type == "caller_data":
            references: Any = event.data.get("references", [])
            with suppress(ClaimInvalid):
                found += reading_from({"references": references}).references
    return found

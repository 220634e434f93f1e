"""An incident's claims: all kept, the best chosen by what was told, a change shown until it is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from dashboards.db import alembic_config
from dashboards.errors import NotFound
from dashboards.incidents.places import note_seen
from suar.location import Book, Claim, Identity, Reading
from suar.location.shapes import Circle, Position
from tests.component.conftest import CONNECTED, OFFERED, Site

INCIDENT = "sby1-20261124-0001"
CALL = "sby1-1.1"
NOW = datetime.now(UTC)
HERE = Position(-7.2575, 112.7521)
CARRIER = Claim("carrier", NOW, Circle(HERE, 25_000), label="031", method="Manual")
PHONE = Claim(
    "aml-https", NOW, Circle(HERE, 20), method="GPS", fix_at=NOW, identity=Identity(imsi="510101234567890")
)


def told(*batches: list[Claim]) -> list[dict[str, Any]]:
    """What a controller tells of claims."""
    book = Book()
    events: list[dict[str, Any]] = []
    for batch in batches:
        news = book.add(batch, NOW)
        book = news.book
        if news.change is not None:
            events.append({"type": "location_changed", "change": news.change.as_json()})
        for one in news.fresh:
            events.append({"type": "located", "claim": one.as_json(), "best": one is book.best})
    return events


async def incident(site: Site, who: str = "siti") -> dict[str, Any]:
    async with (await site.client(who)).get(f"/api/v1/incidents/{INCIDENT}") as response:
        return dict(await response.json())


async def test_all_claims_are_kept_and_a_change_is_shown_until_it_is_seen(site: Site) -> None:
    """The best is the one that was told to be; nothing is swapped without a change."""
    await site.put_call(CALL, OFFERED, CONNECTED, *told([CARRIER]))
    first = await incident(site)
    assert (first["location"], first["location_change"]) == (CARRIER.as_json(), None)
    await site.put_call(CALL, *told([CARRIER], [PHONE])[1:], first=4)
    second = await incident(site)
    assert second["location"] == PHONE.as_json()
    assert [claim["source"] for claim in second["claims"]] == ["carrier", "aml-https"]
    assert second["location_change"]["reason"]["code"] == "refined"
    assert second["location_change"]["old"]["source"] == "carrier"
    await site.services.db.write(lambda session: note_seen(session, INCIDENT, "siti", NOW))
    seen = await incident(site)
    assert seen["location_change"] is None
    assert (seen["events"][-1]["what"], seen["events"][-1]["who"]) == ("location_seen", "siti")


async def test_a_claim_that_cannot_be_read_is_kept_and_not_gone_by(site: Site) -> None:
    """A newer controller may know shapes that we do not."""
    strange = {**PHONE.as_json(), "shape": {"type": "Torus"}}
    await site.put_call(CALL, OFFERED, {"type": "located", "claim": strange, "best": True})
    shown = await incident(site)
    assert (shown["location"], shown["claims"]) == ({}, [strange])


async def test_agencies_see_places_and_not_whose_sim_card(site: Site) -> None:
    """Nor what the carrier says of the subscriber; staff see both, and nobody the location URI."""
    data = {
        "type": "caller_data", "document": "sip", "references": [{"uri": "https://lis.example/secret"}],
        "additional_data": [{"block": "SubscriberInfo", "fields": {"name": "Budi"}, "flags": []}],
    }  # fmt: skip
    await site.put_call(CALL, OFFERED, CONNECTED, *told([PHONE]), data)
    siti = await site.client("siti")
    await siti.post(f"/api/v1/incidents/{INCIDENT}/send", json={"agencies": ["dpkp"]})
    staff, agency = str(await incident(site)), str(await incident(site, "pmk"))
    assert "510101234567890" in staff
    assert "SubscriberInfo" in staff
    assert "lis.example" not in staff + agency
    assert "510101234567890" not in agency
    assert "SubscriberInfo" not in agency
    assert "-7.2575" in agency


async def test_a_claim_that_comes_after_the_call_is_added_by_the_dashboards_alone(site: Site) -> None:
    """By the same rules, as events of the incident; a call that nobody knows is refused."""
    await site.put_call(CALL, OFFERED, *told([CARRIER]))
    done = await site.services.claims.add(CALL, Reading("aml-https", (PHONE, CARRIER)))
    assert done == INCIDENT
    shown = await incident(site)
    assert (shown["location"]["source"], len(shown["claims"])) == ("aml-https", 2)
    assert [event["what"] for event in shown["events"]][-2:] == ["location_changed", "located"]
    await site.services.claims.add(CALL, Reading("aml-https", (replace(PHONE, received_at=NOW),)))
    assert len((await incident(site))["claims"]) == 2
    with pytest.raises(NotFound):
        await site.services.claims.add("sby1-9.9", Reading("aml-https", (PHONE,)))


def test_an_older_databases_claims_are_told_in_todays_words(tmp_path: Path) -> None:
    """The migration renames the radius, there and back."""
    engine, config = create_engine(f"sqlite:///{tmp_path / 'old.db'}"), alembic_config()
    old = {"source": "carrier", "latitude": -7.2, "longitude": 112.7, "radius_m": 25_000.0}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        insert = text("INSERT INTO claim (incident_id, call_id, source, data) VALUES ('i', 'c', 's', :data)")
        connection.execute(insert, {"data": json.dumps(old)})
        kept = text("SELECT data FROM claim")
        command.upgrade(config, "0003")
        new = json.loads(connection.execute(kept).scalar_one())
        assert new == {**{k: v for k, v in old.items() if k != "radius_m"}, "uncertainty_m": 25_000.0}
        command.downgrade(config, "0002")
        assert json.loads(connection.execute(kept).scalar_one()) == old

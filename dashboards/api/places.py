"""What words may mean on the map, and in which areas a place lies."""

from __future__ import annotations

import math

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from dashboards.api.routing import STAFF, Route, answer, body, signed_in
from dashboards.errors import QueryInvalid
from dashboards.incidents.places import note_seen
from dashboards.incidents.views import show
from dashboards.places.areas import PlacementAnswer, as_answer
from dashboards.places.choosing import choose
from dashboards.places.views import PlaceView, view_place, with_areas
from dashboards.state import SERVICES
from suar.areas import Spot
from suar.areas.errors import PlaceInvalid
from suar.areas.gazetteer import Kind

_LIMIT = 8
_MOST = 50


class PlaceAnswer(BaseModel):
    """A place. ``words`` are what goes into an incident; without coordinates only the name is known."""

    kind: Kind
    name: str
    detail: str
    words: str
    latitude: float | None
    longitude: float | None
    radius_m: float | None


class PlaceList(BaseModel):
    """Places, the most likely first."""

    places: list[PlaceAnswer]


class IncidentPlace(PlaceView):
    """What is known of a caller's place, and in which areas the claim that is gone by lies."""

    placement: PlacementAnswer | None


class Choice(BaseModel):
    """The place that an operator chose, in degrees (WGS 84); ``radius_m`` where she is not sure."""

    model_config = ConfigDict(extra="forbid")

    latitude: float
    longitude: float
    radius_m: float | None = None
    label: str | None = None


async def get_incident_place(request: web.Request) -> web.Response:
    """Show an incident's claims in their order, with why, and the areas of each."""
    services = request.app[SERVICES]
    incident_id = request.match_info["incident_id"]
    shown = await services.db.read(lambda session: show(session, incident_id, services.now()))
    found = await services.geography.locate_claim(shown.location)
    seen = await with_areas(services, view_place(shown, services.now()))
    placement = None if found is None else as_answer(found, services.city)
    return answer(IncidentPlace(**seen.model_dump(), placement=placement))


async def post_claim(request: web.Request) -> web.Response:
    """Add the place that an operator chose to the claims of the incident's last call."""
    services, choice = request.app[SERVICES], await body(request, Choice)
    fields = {name: str(value) for name, value in choice.model_dump(exclude_none=True).items()}
    incident_id = request.match_info["incident_id"]
    await choose(services, incident_id, signed_in(request).name, fields)
    services.hub.publish("incidents", f"incident:{incident_id}")
    return await get_incident_place(request)


async def post_seen(request: web.Request) -> web.Response:
    """Somebody has seen that the place changed."""
    services, who = request.app[SERVICES], signed_in(request).name
    incident_id = request.match_info["incident_id"]
    await services.db.write(lambda session: note_seen(session, incident_id, who, services.now()))
    services.hub.publish("incidents", f"incident:{incident_id}")
    return await get_incident_place(request)


async def get_places(request: web.Request) -> web.Response:
    """Find places by what somebody types."""
    text = request.query.get("q", "")
    limit = _number(request, "limit", _LIMIT)
    if not 1 <= limit <= _MOST:
        raise QueryInvalid(f"from 1 to {_MOST}", "limit")
    found = await request.app[SERVICES].geography.find(text, int(limit))
    return answer(
        PlaceList(
            places=[
                PlaceAnswer(
                    kind=one.place.kind,
                    name=one.place.name,
                    detail=one.place.detail,
                    words=one.words,
                    latitude=one.place.lat,
                    longitude=one.place.lon,
                    radius_m=one.place.radius_m,
                )
                for one in found
            ]
        )
    )


async def get_placement(request: web.Request) -> web.Response:
    """Say in which areas a place lies."""
    services = request.app[SERVICES]
    spot = Spot(_number(request, "lat"), _number(request, "lon"), _number(request, "radius", 0.0))
    try:
        found = await services.geography.locate(spot)
    except PlaceInvalid as error:
        raise QueryInvalid(str(error).removeprefix(f"{error.field}: "), error.field) from error
    return answer(as_answer(found, services.city))


def _number(request: web.Request, name: str, otherwise: float | None = None) -> float:
    text = request.query.get(name, "")
    if not text and otherwise is not None:
        return otherwise
    try:
        number = float(text)
    except ValueError as error:
        raise QueryInvalid("a number, with a decimal point", name) from error
    if not math.isfinite(number):
        raise QueryInvalid("a number, with a decimal point", name)
    return number


_ONE = "/api/v1/incidents/{incident_id}"

PLACE_ROUTES = (
    Route(
        "GET",
        f"{_ONE}/place",
        get_incident_place,
        "Show what is known of a place",
        STAFF,
        None,
        IncidentPlace,
    ),
    Route("POST", f"{_ONE}/claims", post_claim, "Choose the caller's place", STAFF, Choice, IncidentPlace),
    Route(
        "POST",
        f"{_ONE}/location-seen",
        post_seen,
        "Say that a change of place was seen",
        STAFF,
        None,
        IncidentPlace,
    ),
    Route(
        "GET",
        "/api/v1/places",
        get_places,
        "Find places by what somebody types",
        STAFF,
        None,
        PlaceList,
        {
            "q": "a name, half typed, or coordinates, or a plus code",
            "limit": f"at most so many; {_LIMIT} if not given",
        },
    ),
    Route(
        "GET",
        "/api/v1/placement",
        get_placement,
        "Say in which areas a place lies",
        STAFF,
        None,
        PlacementAnswer,
        {"lat": "degrees, WGS 84", "lon": "degrees, WGS 84", "radius": "metres, at 95 %; 0 if not given"},
    ),
)

"""The operator's button: send a link, and see how it is."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, Field

from dashboards.api.routing import STAFF, Route, answer, body, signed_in
from dashboards.errors import BodyInvalid, Forbidden, NotFound
from dashboards.incidents.views import show
from dashboards.locating.links.store import LinkView
from dashboards.state import SERVICES, Services

_PATH = "/api/v1/incidents/{incident_id}/location-link"


class LinkTo(BaseModel):
    """Whom to send it to; null for the caller's own number."""

    number: str | None = Field(default=None, max_length=40)


class LinkAnswer(BaseModel):
    """The last link of an incident; null if none was sent."""

    link: LinkView | None


async def get_link(request: web.Request) -> web.Response:
    """Show how the last link is."""
    return answer(LinkAnswer(link=await request.app[SERVICES].links.show(request.match_info["incident_id"])))


async def post_link(request: web.Request) -> web.Response:
    """Send a link."""
    wanted = await body(request, LinkTo)
    await _send(request, wanted.number)
    return await get_link(request)


async def post_form(request: web.Request) -> web.Response:
    """Send a link, from the incident's page."""
    if signed_in(request).role not in STAFF:
        raise Forbidden
    number = (await request.post()).get("number")
    await _send(request, str(number) if number else None)
    if request.headers.get("X-Requested-With") == "suar":
        return web.Response(status=204)
    return web.Response(status=303, headers={"Location": f"/incidents/{request.match_info['incident_id']}"})


async def _send(request: web.Request, number: str | None) -> None:
    services: Services = request.app[SERVICES]
    incident_id = request.match_info["incident_id"]
    incident = await services.db.read(lambda session: show(session, incident_id, services.now()))
    if not incident.calls:
        raise NotFound(f"there is no call of incident {incident_id}")
    to = number or incident.calls[-1].number
    if to is None:
        raise BodyInvalid("the call shows no number; type one", "number")
    await services.links.send(incident_id, to, incident.language, signed_in(request).name)


ROUTES = (
    Route("GET", _PATH, get_link, "How the link that was sent is", STAFF, None, LinkAnswer),
    Route(
        "POST", _PATH, post_link, "Send a link that shares the phone's location", STAFF, LinkTo, LinkAnswer
    ),
)


def add_to(app: web.Application) -> None:
    """Add the page's form; before the pages' own, whose address has a place for any action."""
    app.router.add_post("/incidents/{incident_id}/location-link", post_form)

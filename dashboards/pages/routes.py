"""The pages' routes: the pages themselves, and the forms that people send from them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from dashboards import conversations, shifts
from dashboards.api.routes import tell
from dashboards.api.routing import signed_in
from dashboards.errors import Forbidden, NotFound
from dashboards.incidents import nuisance, service
from dashboards.incidents.callbacks import note_called_back
from dashboards.incidents.disposing import journal
from dashboards.incidents.places import note_seen
from dashboards.incidents.workflow import Step
from dashboards.pages import doors
from dashboards.pages.answers import back_of, done, html, language_of, was_sent_by_script
from dashboards.pages.refusals import translate
from dashboards.pages.streaming import stream
from dashboards.pages.talk import read_wishes
from dashboards.pages.views import HOME, OVERSEERS, PAGES
from dashboards.places.choosing import choose
from dashboards.state import SERVICES, SIGNED_IN
from dashboards.supervision import acts
from dashboards.users import service as users
from dashboards.users.passwords import generate, hash_password
from dashboards.users.service import Role
from dashboards.users.sessions import SignedIn
from suar.log import get_logger

log = get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_to(app: web.Application) -> None:
    """Add the pages to an application."""
    router = app.router
    router.add_get("/", go_home)
    doors.add_to(router)
    router.add_get("/events", stream)
    for name in ("board", "incidents", "desk", "agency", "users", "health", "audit", "wall"):
        router.add_get(f"/{name}", show_page)
    router.add_get("/incidents/{incident_id}", show_page)
    router.add_post("/incidents/{incident_id}/{action}", act)
    router.add_post("/desk/call/{command}", converse)
    router.add_post("/desk/question/{question}", ask)
    router.add_post("/desk/call-back/{incident_id}", call_back)
    router.add_post("/desk/dial/{incident_id}", dial)
    router.add_post("/desk/{wish}", wish)
    router.add_post("/calls/{call_id}/supervision/{ask}", supervise)
    router.add_post("/calls/{call_id}/lift", lift)
    router.add_post("/calls/{call_id}/head", move_to_head)
    router.add_post("/calls/{call_id}/take", take)
    router.add_post("/operators/{operator}/{wish}", set_operator)
    router.add_post("/broadcasts", broadcast)
    router.add_post("/users", add_user)
    router.add_post("/users/{name}/{switch}", switch_user)


@web.middleware
async def shape_page_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show a person who asked for a page a page, and one who sent a form why it was refused, in her language.

    Who is not signed in is asked to.
    """
    response = await handler(request)
    if response.status < 400 or response.prepared or request.path.startswith("/api/"):
        return response
    if was_sent_by_script(request) and isinstance(response, web.Response):
        return _in_words(request, response)
    is_page = response.content_type == "text/html"
    if is_page or "text/html" not in request.headers.get("Accept", ""):
        return response
    if response.status == 401:
        raise web.HTTPSeeOther("/login")
    error = {"code": "refused", "message": response.reason}
    if isinstance(response, web.Response) and response.text:
        error = json.loads(response.text)["error"]
    error["message"] = translate(error["message"], language_of(request))
    who = request.get(SIGNED_IN)
    values = {"status": response.status, "error": error, "back": back_of(request)}
    return html(request, "pages/error.html", who, values, status=response.status)


def _in_words(request: web.Request, response: web.Response) -> web.Response:
    """Return an error with its sentence in the language of whoever sent the form."""
    told = json.loads(response.text or "{}")
    if error := told.get("error"):
        error["message"] = translate(error["message"], language_of(request))
    return web.json_response(told, status=response.status)


async def go_home(request: web.Request) -> web.StreamResponse:
    """Go to where one's work is."""
    raise web.HTTPSeeOther(HOME[signed_in(request).role])


async def show_page(request: web.Request) -> web.Response:
    """Show a page, whole."""
    who, services = signed_in(request), request.app[SERVICES]
    arguments: dict[str, str] = {**request.query, **request.match_info}
    page = PAGES["incident" if "incident_id" in request.match_info else request.path.split("/")[1]]
    if who.role not in page.roles:
        raise Forbidden
    values = await page.values(services, who, arguments)
    query = {name: value for name, value in arguments.items() if value}
    return html(request, f"pages/{page.name}.html", who, {**values, "page": page, "arguments": query})


async def act(request: web.Request) -> web.Response:
    """Do what a form of an incident's page asks for."""
    who, services = signed_in(request), request.app[SERVICES]
    incident_id, action = request.match_info["incident_id"], request.match_info["action"]
    form = await request.post()
    now = services.now()
    text = {name: value for name, value in form.items() if isinstance(value, str)}
    agency = text.get("agency", "")
    if action == "place-claim" and who.role is not Role.AGENCY:
        await choose(services, incident_id, who.name, text)
        tell(services, incident_id)
        return done(request)
    if who.role is Role.AGENCY and (
        action not in {"acknowledge", "start", "on-scene"} or who.agency != agency
    ):
        raise Forbidden

    def change(session: Any) -> str | None:
        """Return what somebody says now that it was."""
        match action:
            case "describe":
                service.describe(session, services.city, incident_id, who.name, now, text)
                return text.get("disposition")
            case "send":
                chosen = [str(value) for value in form.getall("agencies", [])]
                service.send(session, services.city, incident_id, who.name, now, chosen)
            case "acknowledge" | "start" | "on-scene":
                service.step_task(session, incident_id, agency, Step(action), who.name, now)
            case "note":
                service.add_note(session, incident_id, who.name, now, text.get("text", ""))
            case "close":
                return service.close(session, incident_id, who.name, now, text.get("disposition") or None)
            case "location-seen":
                note_seen(session, incident_id, who.name, now)
            case "called-back":
                note_called_back(session, incident_id, who.name, now)
            case "reopen":
                service.reopen(session, incident_id, who.name, now, text.get("reason", ""))
            case _:
                raise NotFound
        return None

    disposition = await services.db.write(change)
    journal(services, incident_id, disposition, who.name)
    tell(services, incident_id)
    return done(request)


async def wish(request: web.Request) -> web.Response:
    """An operator wants calls, or none, or a certain caller."""
    who, services = _operator(request), request.app[SERVICES]
    form = await request.post()
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    queues = [value for value in form.getall("queue", []) if isinstance(value, str)]
    await shifts.wish(services, who.name, request.match_info["wish"], shifts.read_form(texts, queues))
    return done(request)


async def converse(request: web.Request) -> web.Response:
    """An operator asks something of her conversation."""
    who, services = _operator(request), request.app[SERVICES]
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    await conversations.command(services, who.name, request.match_info["command"], read_wishes(form))
    return done(request)


async def ask(request: web.Request) -> web.Response:
    """An operator has a question spoken to a caller who cannot speak."""
    who, services = _operator(request), request.app[SERVICES]
    question = request.match_info["question"]
    if question not in conversations.QUESTIONS:
        raise NotFound(f"{question} is no question")
    await conversations.ask(services, who.name, question)
    return done(request)


async def call_back(request: web.Request) -> web.Response:
    """An operator calls somebody back who is on the list."""
    who, services = _operator(request), request.app[SERVICES]
    await conversations.call_back(services, who.name, request.match_info["incident_id"])
    return done(request)


async def dial(request: web.Request) -> web.Response:
    """An operator calls a number, inside an incident."""
    who, services = _operator(request), request.app[SERVICES]
    number = str((await request.post()).get("number", ""))
    await conversations.call_number(services, who.name, request.match_info["incident_id"], number)
    return done(request)


def _operator(request: web.Request) -> SignedIn:
    who = signed_in(request)
    if who.role is not Role.OPERATOR:
        raise Forbidden
    return who


async def supervise(request: web.Request) -> web.Response:
    """Take part in a talk, change how, take it over, or end it."""
    who, services = _overseer(request), request.app[SERVICES]
    await acts.supervise(services, who.name, request.match_info["call_id"], request.match_info["ask"])
    return done(request)


async def set_operator(request: web.Request) -> web.Response:
    """Set an operator's state for her."""
    who, services = _overseer(request), request.app[SERVICES]
    reason = (await request.post()).get("reason")
    operator, asked = request.match_info["operator"], request.match_info["wish"]
    await acts.set_operator(services, who.name, operator, asked, str(reason) if reason else None)
    return done(request)


async def move_to_head(request: web.Request) -> web.Response:
    """Have a waiting caller served next."""
    who, services = _overseer(request), request.app[SERVICES]
    await acts.move_to_head(services, who.name, request.match_info["call_id"])
    return done(request)


async def lift(request: web.Request) -> web.Response:
    """Have what a caller's number did before count no more."""
    who, services = _overseer(request), request.app[SERVICES]
    why = str((await request.post()).get("why", ""))
    await nuisance.lift(services, request.match_info["call_id"], who.name, why)
    return done(request)


async def take(request: web.Request) -> web.Response:
    """Have one's own phone ring for a caller who waits."""
    who, services = _overseer(request), request.app[SERVICES]
    await acts.take(services, who.name, request.match_info["call_id"])
    return done(request)


async def broadcast(request: web.Request) -> web.Response:
    """Tell every operator something."""
    who, services = _overseer(request), request.app[SERVICES]
    await acts.broadcast(services, who.name, str((await request.post()).get("text", "")))
    return done(request)


def _overseer(request: web.Request) -> SignedIn:
    """Return who asks, if she oversees others. Raises Forbidden."""
    who = signed_in(request)
    if who.role not in OVERSEERS:
        raise Forbidden
    return who


async def add_user(request: web.Request) -> web.Response:
    """Add a user, and show her password this once."""
    who, services = signed_in(request), request.app[SERVICES]
    if who.role is not Role.ADMIN:
        raise Forbidden
    form = await request.post()
    name, role, agency = (str(form.get(key, "")).strip() for key in ("name", "role", "agency"))
    password = generate()
    hashed = await asyncio.to_thread(hash_password, password)
    await services.db.write(
        lambda session: users.add(session, services.city, name, role, agency or None, hashed, services.now())
    )
    log.info("user_added", user=name, role=role, by=who.name)
    page = PAGES["users"]
    values = await page.values(services, who, {})
    added = {"name": name, "password": password}
    return html(request, "pages/users.html", who, {**values, "page": page, "arguments": {}, "added": added})


async def switch_user(request: web.Request) -> web.Response:
    """Switch a user on or off."""
    who, services = signed_in(request), request.app[SERVICES]
    if who.role is not Role.ADMIN:
        raise Forbidden
    name, switch = request.match_info["name"], request.match_info["switch"]
    if switch not in {"enable", "disable"}:
        raise NotFound
    await services.db.write(lambda session: users.set_enabled(session, name, switch == "enable"))
    return done(request)

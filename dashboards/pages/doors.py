"""In and out of the pages, and in which language."""

from __future__ import annotations

import asyncio

from aiohttp import web

from dashboards.errors import NotFound, TooManyAttempts
from dashboards.middlewares import cookie_name
from dashboards.pages.answers import back_of, html, language_of
from dashboards.pages.texts import DEFAULT, languages
from dashboards.pages.views import HOME
from dashboards.state import SERVICES
from dashboards.users import sessions
from dashboards.users.service import Role
from suar.log import get_logger

_WALL_S = 365 * 86_400
"""A screen on a wall is switched off and on; everybody else is forgotten when her browser is closed."""

log = get_logger()


def add_to(router: web.UrlDispatcher) -> None:
    """Add the doors."""
    router.add_get("/login", show_login)
    router.add_post("/login", sign_in)
    router.add_post("/logout", sign_out)
    router.add_post("/language", set_language)


async def show_login(request: web.Request) -> web.Response:
    """Ask who is there."""
    return html(request, "pages/login.html", None, {"failed": False})


async def sign_in(request: web.Request) -> web.Response:
    """Sign in; too many failures close the door for a minute, for that name and that address alone."""
    services = request.app[SERVICES]
    form = await request.post()
    name, password = str(form.get("name", "")).strip(), str(form.get("password", ""))
    keys = (f"name:{name}", f"address:{request.remote}")
    now = asyncio.get_running_loop().time()
    if any(services.logins.is_closed(key, now) for key in keys):
        raise TooManyAttempts
    user = await services.db.read(lambda session: sessions.user_named(session, name))
    if not await services.verifier.matches(user.password_hash if user else None, password) or user is None:
        for key in keys:
            services.logins.note_failure(key, now)
        log.info("sign_in_failed")
        return html(request, "pages/login.html", None, {"failed": True}, status=401)
    token = await services.db.write(
        lambda session: sessions.begin(session, user, language_of(request), services.now())
    )
    log.info("signed_in", user=user.name, role=user.role)
    response = web.Response(status=303, headers={"Location": HOME[Role(user.role)]})
    response.set_cookie(
        cookie_name(request),
        token,
        httponly=True,
        samesite="Lax",
        secure=request.secure,
        path="/",
        max_age=_WALL_S if user.role == Role.WALL else None,
    )
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Sign out."""
    services = request.app[SERVICES]
    if token := request.cookies.get(cookie_name(request)):
        await services.db.write(lambda session: sessions.end(session, token))
    response = web.Response(status=303, headers={"Location": "/login"})
    response.del_cookie(cookie_name(request), path="/")
    return response


async def set_language(request: web.Request) -> web.Response:
    """Choose the language of the pages."""
    language = str((await request.post()).get("language", DEFAULT))
    if language not in languages():
        raise NotFound
    services = request.app[SERVICES]
    if token := request.cookies.get(cookie_name(request)):
        await services.db.write(lambda session: sessions.set_language(session, token, language))
    response = web.Response(status=303, headers={"Location": back_of(request)})
    response.set_cookie("suar_language", language, samesite="Lax", path="/")
    return response

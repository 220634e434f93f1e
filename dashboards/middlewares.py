"""What happens to every request: errors get their one shape, pages their headers, strangers no entry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from dashboards.errors import Forbidden, NotFound, WebError
from dashboards.state import SERVICES, SIGNED_IN
from dashboards.users import sessions
from dashboards.users.service import Role
from dashboards.users.sessions import SignedIn
from suar.log import get_logger
from suar.watching import PATHS

COOKIE = "suar_session"
_SECURE_COOKIE = "__Host-suar_session"
_LEFT = 499
"""Who asked is gone before the answer, as whoever closes a page is: nobody's fault. The number is nginx's."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_WALLS = {"/login", "/logout", "/language"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}

log = get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def cookie_name(request: web.Request) -> str:
    """Return the session cookie's name: bound to the host wherever the page is secure."""
    return _SECURE_COOKIE if request.secure else COOKIE


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write one line for each request; the path's pattern, never a caller's data."""
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status  # A redirect is raised, and is an answer like any other.
        raise
    except asyncio.CancelledError:
        status = _LEFT
        raise
    else:
        return response
    finally:
        resource = request.match_info.route.resource
        path = resource.canonical if resource else "unknown"
        took_s = time.perf_counter() - began
        request.app[SERVICES].figures.note_request(request.method, path, status, took_s)
        if not path.startswith(("/static", *PATHS)):
            ms = round(1000 * took_s, 1)
            log.info("request", method=request.method, route=path, status=status, ms=ms)


@web.middleware
async def set_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the security headers on everything, redirects too."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        _protect(request, error)
        raise
    if not response.prepared:
        _protect(request, response)
    return response


def _protect(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static"):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def shape_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error in the API's one shape; the pages have a look of their own for theirs."""
    try:
        return await handler(request)
    except WebError as error:
        return web.json_response(error.as_json(), status=error.status)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        codes = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
        body = {"error": {"code": codes.get(error.status, "refused"), "message": error.reason}}
        return web.json_response(body, status=error.status)
    except Exception:
        log.exception("request_failed", method=request.method)
        body = {"error": {"code": "bug", "message": "A bug in Suar: its log says more."}}
        return web.json_response(body, status=500)


@web.middleware
async def refuse_walls(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a wall look, sign out and change its language: whoever stands before it can do nothing."""
    who = request.get(SIGNED_IN)
    if who and who.role is Role.WALL and request.method not in _SAFE and request.path not in _WALLS:
        raise Forbidden
    return await handler(request)


@web.middleware
async def refuse_foreign_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another site's page makes a browser send (CSRF); a token has no browser to be fooled."""
    if request.method not in _SAFE and "Authorization" not in request.headers:
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        if site is not None:
            allowed = site in {"same-origin", "none"}
        else:
            allowed = origin is not None and urlsplit(origin).netloc == request.host
        if not allowed:
            raise Forbidden("this was sent by a page of another site")
    return await handler(request)


@web.middleware
async def know_user(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who sends the request, if anybody is signed in."""
    if not request.path.startswith("/static") and (who := await session_of(request)):
        request[SIGNED_IN] = who
    return await handler(request)


async def session_of(request: web.Request) -> SignedIn | None:
    """Return who is signed in now with the request's cookie, and note that she is there."""
    token = request.cookies.get(cookie_name(request))
    if not token:
        return None
    services = request.app[SERVICES]
    seen_at = services.presence.last_seen(token)
    who = await services.db.read(lambda session: sessions.find(session, token, services.now(), seen_at))
    if who and who.is_stale:
        services.presence.note(token)
    return who


async def not_found(_: web.Request) -> web.StreamResponse:
    """Answer what no route takes."""
    raise NotFound

"""How a page's request is answered: with a page, or with nothing but that it was done."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from dashboards.pages.rendering import render
from dashboards.pages.texts import DEFAULT, languages
from dashboards.state import SERVICES, SIGNED_IN
from dashboards.users.sessions import SignedIn


def html(
    request: web.Request, template: str, who: SignedIn | None, values: dict[str, Any], status: int = 200
) -> web.Response:
    """Return a page for somebody."""
    services = request.app[SERVICES]
    values = {"now": services.now(), "path": request.path, "added": None, **values}
    text = render(template, services.city, who, language_of(request), values)
    return web.Response(text=text, content_type="text/html", status=status)


def done(request: web.Request) -> web.Response:
    """Answer a form: a script needs nothing, a browser without one goes back to the page."""
    if was_sent_by_script(request):
        return web.Response(status=204)
    return web.Response(status=303, headers={"Location": back_of(request)})


def was_sent_by_script(request: web.Request) -> bool:
    """Whether a page's own script sends a form in place."""
    return request.headers.get("X-Requested-With") == "suar"


def back_of(request: web.Request) -> str:
    """Return the page that a form was sent from; the start, where the browser does not say."""
    referrer = request.headers.get("Referer", "")
    head = f"{request.scheme}://{request.host}"
    return referrer.removeprefix(head) if referrer.startswith(f"{head}/") else "/"


def language_of(request: web.Request) -> str:
    """Return the language of whoever asks: her session's, or her browser's choice."""
    who: SignedIn | None = request.get(SIGNED_IN)
    if who:
        return who.language
    chosen = request.cookies.get("suar_language", DEFAULT)
    return chosen if chosen in languages() else DEFAULT

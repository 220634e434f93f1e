"""The page behind a link by SMS. It works on an old phone, and without a script as far as words go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from dashboards.errors import BodyInvalid, NotFound, TooManyAttempts
from dashboards.locating.links.service import LONGEST_WORDS, Links
from dashboards.pages.rendering import render
from dashboards.pages.texts import DEFAULT, languages
from dashboards.public.limits import Buckets, address_of
from suar.city import City

_STATIC = Path(__file__).parent / "static"
_COOKIE = "suar_share"
_ASKS_PER_MINUTE = 240
"""From one address: a carrier has many phones behind one."""
_MISSES_PER_MINUTE = 20
"""Tokens that are none, from one address: whoever guesses finds nothing more out after these."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_FILES = {"share.js": "text/javascript", "share.css": "text/css"}


class LinkDoor:
    """The routes below ``/l``. A token that is unknown, used up or over looks the same."""

    def __init__(self, city: City, links: Links) -> None:
        self._city, self._links = city, links
        self._asks, self._misses = Buckets(_ASKS_PER_MINUTE), Buckets(_MISSES_PER_MINUTE)
        self._files = {name: (_STATIC / name).read_bytes() for name in _FILES}

    def add_to(self, app: web.Application) -> None:
        """Add the routes; the files before the token's place."""
        router = app.router
        router.add_get("/l/{name:share\\.(?:js|css)}", self.get_file)
        router.add_get("/l/{token}", self.show)
        router.add_post("/l/{token}/start", self.start)
        router.add_post("/l/{token}/fix", self.take_fix)
        router.add_post("/l/{token}/words", self.take_words)
        router.add_post("/l/{token}/cannot", self.note_cannot)
        router.add_post("/l/{token}/stop", self.stop)

    async def get_file(self, request: web.Request) -> web.Response:
        """Give the page's script or look."""
        name = request.match_info["name"]
        headers = {"Cache-Control": "public, max-age=300"}
        return web.Response(
            body=self._files[name], content_type=_FILES[name], charset="utf-8", headers=headers
        )

    async def show(self, request: web.Request) -> web.Response:
        """Show the page: what is asked, by whom, and the button. Looking at it uses nothing up."""
        self._count_ask(request)
        if not await self._links.open(request.match_info["token"]):
            return self._gone(request)
        return self._page(request, "link", {})

    async def start(self, request: web.Request) -> web.Response:
        """The caller agrees: from now on the link is this browser's."""
        self._count_ask(request)
        try:
            browser = await self._links.begin(*_whose(request))
        except NotFound:
            self._count_miss(request)
            raise
        response = web.Response(status=204)
        self._remember(request, response, browser)
        return response

    async def take_fix(self, request: web.Request) -> web.Response:
        """Take a place, as JSON."""
        self._count_ask(request)
        try:
            data = await request.json()
        except ValueError as error:
            raise BodyInvalid("the body has to be JSON") from error
        if not isinstance(data, dict):
            raise BodyInvalid("the body has to be a JSON object")
        await self._links.take_fix(*_whose(request), data)
        return web.Response(status=204)

    async def take_words(self, request: web.Request) -> web.Response:
        """Take what the caller writes; from a browser without a script, too, so it may be her first step."""
        self._count_ask(request)
        text = _field(await request.post(), "text")
        token, browser = _whose(request)
        try:
            browser = await self._links.begin(token, browser)
        except NotFound:
            return self._gone(request)
        is_script = request.headers.get("X-Requested-With") == "suar"
        try:
            await self._links.take_words(token, browser, text)
            response = (
                web.Response(status=204) if is_script else self._page(request, "link", {"is_taken": True})
            )
        except BodyInvalid:
            response = self._page(request, "link", {"is_empty": True}, status=422)
        self._remember(request, response, browser)
        return response

    async def note_cannot(self, request: web.Request) -> web.Response:
        """The phone shares nothing, and says why."""
        self._count_ask(request)
        reason = _field(await request.post(), "reason")
        await self._links.note_cannot(*_whose(request), reason)
        return web.Response(status=204)

    async def stop(self, request: web.Request) -> web.Response:
        """The caller stops sharing."""
        self._count_ask(request)
        await self._links.stop(*_whose(request))
        return web.Response(status=204)

    def _page(
        self, request: web.Request, name: str, values: dict[str, Any], status: int = 200
    ) -> web.Response:
        settings = self._city.links
        values = {
            "is_taken": False,
            "is_empty": False,
            "longest": LONGEST_WORDS,
            "token": request.match_info.get("token", ""),
            "minutes": round(settings.valid_s / 60) if settings else 0,
            **values,
        }
        text = render(f"public/{name}.html", self._city, None, _language(request), values)
        headers = {
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "geolocation=(self)",
            "X-Robots-Tag": "noindex",
        }
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)

    def _gone(self, request: web.Request) -> web.Response:
        self._count_miss(request)
        return self._page(request, "gone", {}, status=404)

    def _count_ask(self, request: web.Request) -> None:
        now = asyncio.get_running_loop().time()
        if not self._asks.admits(address_of(request, self._city.public.proxies), now):
            raise TooManyAttempts

    def _count_miss(self, request: web.Request) -> None:
        now = asyncio.get_running_loop().time()
        if not self._misses.admits(address_of(request, self._city.public.proxies), now):
            raise TooManyAttempts

    def _remember(self, request: web.Request, response: web.Response, browser: str | None) -> None:
        settings = self._city.links
        if browser is not None and settings is not None:
            token = request.match_info["token"]
            response.set_cookie(
                _COOKIE,
                browser,
                max_age=round(settings.valid_s),
                path=f"/l/{token}",
                httponly=True,
                samesite="Strict",
                secure=settings.url.startswith("https:"),
            )


def _whose(request: web.Request) -> tuple[str, str | None]:
    """Return the link's token, and its browser's secret."""
    return request.match_info["token"], request.cookies.get(_COOKIE)


def _field(form: MultiDictProxy[Any], name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _language(request: web.Request) -> str:
    """Return the language that is asked for, else Indonesian: few change what their phone was sold with."""
    chosen = request.query.get("lang", DEFAULT)
    return chosen if chosen in languages() else DEFAULT

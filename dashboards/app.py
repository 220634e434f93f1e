"""The web backend, put together."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import web

from dashboards.api.openapi import document
from dashboards.api.routes import ROUTES
from dashboards.controller import ControllerLink
from dashboards.db import Database
from dashboards.geography import Geography
from dashboards.health.book import Book
from dashboards.health.database import DatabaseWatch
from dashboards.health.figures import Figures
from dashboards.health.parts import PartsWatch
from dashboards.health.readiness import find_readiness
from dashboards.incidents.claiming import ClaimDoor
from dashboards.live import LiveHub
from dashboards.locating import open_calls, open_desk, open_links
from dashboards.locating.links import routes as links
from dashboards.locating.surroundings import Surroundings
from dashboards.middlewares import (
    know_user,
    log_request,
    refuse_foreign_pages,
    refuse_walls,
    set_headers,
    shape_errors,
)
from dashboards.pages import routes as pages
from dashboards.redialling import Redialler
from dashboards.state import SERVICES, Services, utc_now
from dashboards.users.passwords import Verifier
from dashboards.users.presence import Presence
from dashboards.users.sessions import Throttle
from suar import watching
from suar.alarms.webhook import Webhook
from suar.city import City
from suar.lookups.imported import Tables
from suar.paths import StateDir
from suar.secret import Secrets

_STATIC = Path(__file__).parent / "static"
_LARGEST_BODY = 2 * 1024 * 1024


def database_url(state: StateDir) -> str:
    """Return the database: SUAR_DATABASE_URL, or SQLite in the state directory."""
    return os.environ.get("SUAR_DATABASE_URL") or state.database_url


def create(city: City, state: StateDir, secrets: Secrets) -> web.Application:
    """Return the application; its services start and stop with it."""
    app = web.Application(
        middlewares=[
            log_request,
            set_headers,
            pages.shape_page_errors,
            shape_errors,
            refuse_foreign_pages,
            know_user,
            refuse_walls,
        ],
        client_max_size=_LARGEST_BODY,
    )
    services = _services(city, state, secrets)
    _wire(services)
    app[SERVICES] = services
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.guarded())
    app.router.add_get("/api/openapi.json", _get_document)
    watching.add_to(
        app,
        readiness=lambda: find_readiness(services.db, services.database_watch, services.controller),
        figures=services.figures.text,
        token=secrets.metrics_token,
    )
    links.add_to(app)
    pages.add_to(app)
    app.router.add_static("/static", _STATIC)
    app.cleanup_ctx.append(_run_services)
    app.on_shutdown.append(_end_streams)
    return app


def _services(city: City, state: StateDir, secrets: Secrets) -> Services:
    db, hub = Database(database_url(state)), LiveHub()
    book = Book(state.alarms, lambda: services.now())
    controller = ControllerLink(f"http://{city.network.control_bind}", secrets.control_token, utc_now)
    database_watch = DatabaseWatch(db, book.own)
    rescuer = f"http://{city.network.rescuer_bind}"
    database = db.file.path if db.file else None
    webhook = Webhook(city.alarms.webhook_url, secrets.webhook_key, city.node)
    figures = Figures(controller, database_watch, hub, book.own, webhook)
    claims = ClaimDoor(db, hub, controller, lambda: services.now())
    calls = open_calls(city, db, hub, claims)
    services = Services(
        city=city,
        db=db,
        controller=controller,
        hub=hub,
        recordings=state.recordings,
        ingest_token=secrets.ingest_token,
        verifier=Verifier(),
        logins=Throttle(limit=8, window_s=60.0),
        geography=Geography(city, state.areas),
        presence=Presence(db, lambda: services.now()),
        book=book,
        database_watch=database_watch,
        parts_watch=PartsWatch(controller, rescuer, database, book.own, utc_now, secrets.control_token),
        webhook=webhook,
        figures=figures,
        surroundings=Surroundings(Tables(state.lookups), claims, city.telephone.plan),
        claims=claims,
        desk=open_desk(city, state, calls, lambda: services.now(), figures.registry),
        links=open_links(city, db, hub, calls, secrets, lambda: services.now(), figures.registry),
    )
    return services


def _wire(services: Services) -> None:
    """Say who is told what."""

    def note_picture() -> None:
        if services.controller.stale_since is None and services.controller.picture is not None:
            services.book.follow(services.controller.picture)
        services.hub.publish("board")

    services.controller.on_change = note_picture
    services.book.on_change = lambda: services.hub.publish("board", "health")
    services.parts_watch.on_rescuers_alarms = services.book.follow_rescuer
    services.book.on_own_news = services.webhook.tell


async def _get_document(_: web.Request) -> web.Response:
    return web.json_response(await asyncio.to_thread(_api_document))


@functools.cache
def _api_document() -> dict[str, Any]:
    """Made when somebody first asks: it takes longer than the rest of a start."""
    return document(ROUTES)


async def _run_services(app: web.Application) -> AsyncIterator[None]:
    services = app[SERVICES]
    await services.db.open()
    services.book.open()
    running = [
        asyncio.create_task(services.controller.run(), name="controller-link"),
        asyncio.create_task(services.database_watch.run(), name="database-watch"),
        asyncio.create_task(services.parts_watch.run(), name="parts-watch"),
        asyncio.create_task(services.webhook.run(), name="webhook"),
        asyncio.create_task(Redialler(services).run(), name="redialler"),
        asyncio.create_task(services.desk.run(), name="location-messages"),
    ]
    yield
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await services.surroundings.settle()
    await services.presence.settle()
    await services.db.close()
    await asyncio.to_thread(services.book.close)


async def _end_streams(app: web.Application) -> None:
    app[SERVICES].hub.close()

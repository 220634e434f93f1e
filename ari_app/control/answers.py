"""The one shape of every answer that is not 2xx: ``{"error": {"code", "message", "field"}}``."""

from __future__ import annotations

from aiohttp import web


def error(status: int, code: str, message: str, field: str | None = None) -> web.Response:
    """Return an error; ``field`` is the field of the body that it is about."""
    body: dict[str, str] = {"code": code, "message": message}
    if field:
        body["field"] = field
    return web.json_response({"error": body}, status=status)

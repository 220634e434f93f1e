"""AML in: by HTTPS from phones' operating systems, and by SMS through a gateway (ETSI TS 103 625)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiohttp import web

from dashboards.errors import BodyInvalid, Forbidden, NotSignedIn, TooManyAttempts
from dashboards.locating.desk import Desk, Outcome
from dashboards.public.limits import Bucket, Buckets, address_of
from dashboards.state import SERVICES
from suar.city import City
from suar.city.public import AmlSettings
from suar.location import Flag, Reading, read
from suar.location.aml import is_authentic
from suar.secret import Secrets

_FAILURES_PER_MINUTE = 60
_READ_S = 10.0
_SMS, _HTTPS = "aml-sms", "aml-https"


class AmlDoor:
    """The routes ``/aml`` and ``/aml/sms``, and the same with the token as their last step."""

    def __init__(self, city: City, settings: AmlSettings, secrets: Secrets, desk: Desk) -> None:
        self._settings, self._desk = settings, desk
        self._token, self._key = secrets.aml_token.encode(), secrets.aml_hmac_key.encode()
        self._proxies = city.public.proxies
        self._all = Bucket(settings.most_per_minute)
        self._failures = Buckets(_FAILURES_PER_MINUTE)

    def add_to(self, app: web.Application) -> None:
        """Add the routes; ``sms`` before the token's place."""
        app.router.add_post("/aml", self.take_form)
        app.router.add_post("/aml/sms", self.take_sms)
        app.router.add_post("/aml/sms/{token}", self.take_sms)
        app.router.add_post("/aml/{token}", self.take_form)

    async def take_form(self, request: web.Request) -> web.Response:
        """Take the form, or the JSON, that a phone's operating system or its maker's service posts."""
        body = await self._admit(request, _HTTPS)
        is_signed = is_authentic(body, self._key)
        self._authorise(request, _HTTPS, is_signed)
        if self._settings.hmac == "required" and not is_signed:
            self._desk.count(_HTTPS, "refused")
            raise Forbidden("the HMAC-SHA1 of everything before &hmac= is missing or wrong")
        now = request.app[SERVICES].now()
        reading = read(body, now)
        if is_signed:
            reading = _authentic(reading)
        return await self._answer(reading, _HTTPS, now)

    async def take_sms(self, request: web.Request) -> web.Response:
        """Take an SMS from a gateway: a form or JSON with the sender's number and the text or data."""
        body = await self._admit(request, _SMS)
        self._authorise(request, _SMS)
        fields = await _fields(request, body)
        number = _text(fields, self._settings.sms_number_field)
        text = _text(fields, self._settings.sms_text_field)
        if text is None:
            raise BodyInvalid("is missing: the text of the SMS, or its data", self._settings.sms_text_field)
        now = request.app[SERVICES].now()
        return await self._answer(read(text.encode(), now), _SMS, now, number)

    async def _admit(self, request: web.Request, way: str) -> bytes:
        """Return the body, if so much may come in. Raises TooManyAttempts."""
        now = asyncio.get_running_loop().time()
        if not self._all.admits(now):
            self._desk.count(way, "too_many")
            raise TooManyAttempts
        try:
            async with asyncio.timeout(_READ_S):
                return await request.read()
        except TimeoutError as error:
            raise BodyInvalid(f"did not come within {_READ_S:.0f} s") from error

    def _authorise(self, request: web.Request, way: str, is_signed: bool = False) -> None:
        """Let those in who have the token, or the key. Raises NotSignedIn, TooManyAttempts."""
        if is_signed or any(hmac.compare_digest(told, self._token) for told in _tokens(request)):
            return
        self._desk.count(way, "refused")
        now = asyncio.get_running_loop().time()
        if not self._failures.admits(address_of(request, self._proxies), now):
            raise TooManyAttempts
        raise NotSignedIn("send the token: Authorization: Bearer ..., or as the last step of the address")

    async def _answer(self, reading: Reading, way: str, now: Any, number: str | None = None) -> web.Response:
        if reading.kind != way:
            self._desk.count(way, "unreadable")
            told = reading.errors[0].message if reading.errors else "this is no AML message"
            raise BodyInvalid(told)
        outcome = await self._desk.take(reading, now, number)
        codes = [problem.fault.value for problem in reading.errors]
        if outcome is Outcome.NO_SENDER:
            raise BodyInvalid("it says neither a number nor an IMSI nor an IMEI", "device_number")
        return web.json_response(
            {"claims": len(reading.claims), "flags": list(reading.flags), "errors": codes}
        )


def _tokens(request: web.Request) -> list[bytes]:
    """Return what may be the token: Bearer, the password of Basic, or in the address."""
    told = [request.match_info["token"].encode()] if "token" in request.match_info else []
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        told.append(value.strip().encode())
    elif scheme.lower() == "basic":
        with suppress(binascii.Error, ValueError):
            told.append(base64.b64decode(value, validate=True).partition(b":")[2])
    return told


def _authentic(reading: Reading) -> Reading:
    """Take the doubt away from claims whose HMAC was found to be right."""
    doubt = Flag.AML_NOT_AUTHENTICATED

    def without(flags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(flag for flag in flags if flag != doubt)

    claims = tuple(replace(claim, flags=without(claim.flags)) for claim in reading.claims)
    return replace(reading, claims=claims, flags=without(reading.flags))


async def _fields(request: web.Request, body: bytes) -> dict[str, Any]:
    if body.lstrip()[:1] == b"{":
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BodyInvalid("the JSON cannot be read") from error
        return dict(found)
    return dict(await request.post())


def _text(fields: dict[str, Any], name: str) -> str | None:
    """Return a field; in JSON ``data.from`` is ``from`` in ``data``, unless one has the whole name."""
    value: Any = fields.get(name)
    if value is None and "." in name:
        value = fields
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # A number without its plus, which JSON takes for a number.
    return value if isinstance(value, str) and value.strip() else None

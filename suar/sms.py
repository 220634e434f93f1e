"""Sends SMS through whatever gateway a city has: one HTTP request, made from the city file's templates.

The number and the text are never logged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import quote

import aiohttp

from suar.errors import Blame, SuarError
from suar.log import get_logger

_PLACE = re.compile(r"\{(number|digits|text|key)\}")
NUMBER_FORMS = ("number", "digits")

log = get_logger()


class SmsNotSent(SuarError):
    """The SMS gateway did not take the message."""

    blame = Blame.PEER
    retryable = True


class Gateway:
    """One gateway. ``{number}`` is in E.164, ``{digits}`` the same without its plus, ``{key}`` the secret."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        method: Literal["POST", "GET"] = "POST",
        headers: Mapping[str, str] | None = None,
        body: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self._url, self._key, self._method = url, key, method
        self._headers, self._body = dict(headers or {}), body
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def send(self, number: str, text: str) -> None:
        """Send an SMS; return when the gateway has taken it. Raises :class:`SmsNotSent`."""
        values = {"number": number, "digits": number.removeprefix("+"), "text": text, "key": self._key}
        url = fill(self._url, values, in_address)
        headers = {name: fill(value, values, in_header) for name, value in self._headers.items()}
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        body = fill(self._body, values, in_json if "json" in kind else in_address if "form" in kind else str)
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.request(
                    self._method, url, data=body.encode() or None, headers=headers, allow_redirects=False
                ) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("sms_failed", reason=type(error).__name__)
            raise SmsNotSent(f"the SMS gateway does not answer ({type(error).__name__})") from error
        if not 200 <= status < 300:
            log.warning("sms_refused", status=status)
            raise SmsNotSent(f"the SMS gateway answered {status}; its own log says why")
        log.info("sms_sent")


def fill(template: str, values: Mapping[str, str], spell: Callable[[str], str]) -> str:
    """Put the values into a template, each spelt as it has to be there; other braces stay as they are."""
    return _PLACE.sub(lambda found: spell(values[found[1]]), template)


def in_address(value: str) -> str:
    """Spell a value for an address, or a form."""
    return quote(value, safe="")


def in_json(value: str) -> str:
    """Spell a value for the inside of a JSON string."""
    return json.dumps(value)[1:-1]


def in_header(value: str) -> str:
    """Spell a value for a header: nothing in it begins another."""
    return re.sub(r"[\r\n\0]", " ", value)

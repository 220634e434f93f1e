"""What a message's headers and its SDP say of the call, beside the place."""

from __future__ import annotations

import re
from typing import Any

from suar.location.sip.cells import read_networks
from suar.location.sip.message import Message
from suar.location.sip.values import read_parameters, read_uris, split_list

_CALL_ID = re.compile(r"urn:(?:emergency|nena):(?:service:)?uid:callid:", re.IGNORECASE)
_INCIDENT_ID = re.compile(r"urn:(?:emergency|nena):(?:service:)?uid:incidentid:", re.IGNORECASE)
_TEST = re.compile(r"urn:service:test[.:]", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*", re.ASCII)
_HUMAN = re.compile(r"a=(?:humintlang|hlang)-(send|recv):([^\r\n]{1,200})", re.IGNORECASE)
_ERROR = re.compile(r"\s*(\d{1,4})")


def read_facts(message: Message) -> dict[str, Any]:
    """Return what is known, in types that JSON has; nothing that is not there."""
    method, uri = _request(message.start)
    facts: dict[str, Any] = {
        "method": method,
        "request_uri": uri,
        "call_id": _cut(message.first("call-id")),
        "from": _uri(message.first("from")),
        "to": _uri(message.first("to")),
        "asserted_identities": [
            value.uri
            for header in message.all("p-asserted-identity")
            for value in read_uris(header)
            if value.scheme
        ],
        "priority": _cut(message.first("priority")),
        "resource_priority": [
            value for header in message.all("resource-priority") for value in split_list(header)
        ][:20],
        "accept_language": _languages(message.all("accept-language")),
        "content_language": _languages(message.all("content-language")),
        "geolocation_routing": _routing(message.first("geolocation-routing")),
        "geolocation_errors": _errors(message.all("geolocation-error")),
        "access_networks": read_networks(message),
        "is_test_call": True if _TEST.search(f"{uri} {message.first('to') or ''}") else None,
        **_ids(message),
    }
    return {name: value for name, value in facts.items() if value not in (None, [], "")}


def read_media_languages(sdp: bytes) -> list[dict[str, Any]]:
    """Return the human languages of each medium (RFC 8373), in the caller's order of preference."""
    media: list[dict[str, Any]] = []
    for line in sdp[:64_000].decode("utf-8", "replace").splitlines():
        if line.startswith("m="):
            media.append({"media": line[2:].split(" ")[0][:20], "send": [], "recv": []})
        elif (found := _HUMAN.match(line.strip())) and media:
            media[-1][found[1].lower()] += _LANGUAGE.findall(found[2])[:8]
    return [medium for medium in media[:20] if medium["send"] or medium["recv"]]


def _request(start: str) -> tuple[str | None, str | None]:
    words = start.split()
    if len(words) < 3 or start.upper().startswith(("SIP/", "HTTP/")):
        return None, None
    return words[0].upper(), words[1][:2_000]


def _ids(message: Message) -> dict[str, str]:
    ids: dict[str, str] = {}
    for header in message.all("call-info"):
        for value in read_uris(header):
            purpose = value.parameters.get("purpose", "").lower()
            for name, pattern, told in (
                ("emergency_call_id", _CALL_ID, "callid"),
                ("incident_id", _INCIDENT_ID, "incidentid"),
            ):
                if pattern.match(value.uri) or (value.scheme and purpose.endswith(told)):
                    ids.setdefault(name, value.uri)
            if purpose == "emergency-source":
                ids.setdefault("emergency_source", value.uri)
    return ids


def _errors(headers: list[str]) -> list[dict[str, Any]]:
    errors = []
    for value in (value for header in headers for value in split_list(header)[:10]):
        found = _ERROR.match(value)
        parameters = read_parameters(value[found.end() :] if found else f";{value}")
        text = parameters.get("code") or parameters.get("text")
        errors.append({"code": int(found[1]) if found else None, "text": _cut(text)})
    return errors[:20]


def _routing(header: str | None) -> str | None:
    word = (header or "").partition(";")[0].strip().lower()
    return word if word in {"yes", "no"} else None


def _languages(headers: list[str]) -> list[str]:
    tags = []
    for value in (value for header in headers for value in split_list(header)):
        tag = value.partition(";")[0].strip()
        if _LANGUAGE.fullmatch(tag):
            tags.append(tag)
    return tags[:20]


def _uri(header: str | None) -> str | None:
    values = read_uris(header or "")
    return values[0].uri if values else None


def _cut(text: str | None) -> str | None:
    return (text or "")[:300] or None

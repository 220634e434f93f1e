"""An operator's conversation on her desk: how it stands, and whom she can call in."""

from __future__ import annotations

from typing import Any

from dashboards.errors import BodyInvalid
from dashboards.state import Services
from suar.city import City

Picture = dict[str, Any]
_FREE = {"ready", "not_ready", "wrap_up"}


def describe_talk(services: Services, operator: str) -> dict[str, Any] | None:
    """Return what the desk shows of the operator's conversation; None while she has none."""
    picture = services.controller.picture
    call = services.controller.call_of(operator)
    if picture is None or call is None or services.controller.stale_since is not None:
        return None
    conversation = call.get("conversation")
    if not conversation:
        return None
    return {
        **conversation,
        "call_id": call["call_id"],
        "since": call["since"],
        "is_mine": call["operator"] == operator and conversation["has_operator"],
        "targets": targets(services.city, picture, operator),
    }


def describe_silence(services: Services, operator: str) -> dict[str, Any] | None:
    """Return whether the operator's caller was heard, and what she was asked; None while she has none."""
    call = services.controller.call_of(operator)
    if call is None or services.controller.stale_since is not None or call["phase"] != "talking":
        return None
    return {name: call.get(name) for name in ("hearing", "question", "reply", "standing", "is_put_back")}


def targets(city: City, picture: Picture, operator: str) -> list[dict[str, str]]:
    """Return whom she can call in: ``{"value": "kind:id", "name", "group"}``, in the order of need."""
    found = [
        {"value": f"agency:{agency.id}", "name": agency.short_name, "group": "agency"}
        for agency in city.agencies
        if agency.phone
    ]
    found += [
        {"value": f"neighbour:{one.id}", "name": one.name, "group": "neighbour"}
        for one in city.neighbours
        if one.hand_over_to
    ]
    found += [
        {"value": f"operator:{one['id']}", "name": one["name"], "group": "operator"}
        for one in picture["operators"]
        if one["id"] != operator and one["state"] in _FREE and one["phone"] == "online"
    ]
    return found


def read_wishes(form: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a form as the controller takes them. Raises BodyInvalid."""
    wishes: dict[str, Any] = {
        name: form[name] for name in ("party", "leg", "digits", "reason", "purpose") if form.get(name)
    }
    if form.get("emergency"):
        wishes["emergency"] = True
    if number := form.get("number", "").strip():
        return {**wishes, "kind": "number", "target": number}
    if target := form.get("target"):
        kind, colon, name = target.partition(":")
        if not colon:
            raise BodyInvalid("whom to call, such as agency:dpkp", "target")
        wishes |= {"kind": kind, "target": name}
    return wishes

"""Templates, and what they may use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from dashboards.pages.texts import languages, translator
from dashboards.users.sessions import SignedIn
from suar.city import City

_TEMPLATES = Path(__file__).parents[1] / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = duration
    environment.filters["distance"] = distance
    return environment


def compile_templates() -> None:
    """Have every template ready: the first use of each would take its time otherwise."""
    environment = _environment()
    for name in environment.list_templates():
        environment.get_template(name)


def render(template: str, city: City, who: SignedIn | None, language: str, values: dict[str, Any]) -> str:
    """Render a template for somebody."""
    translate = translator(language)

    def since(at: datetime | str | None, *, css: str = "", limit_s: float | None = None) -> Markup:
        """Return a timer that the browser counts up from ``at``."""
        if at is None:
            return Markup("–")
        stamp = at.isoformat() if isinstance(at, datetime) else at
        limit = Markup(' data-limit="{}"').format(limit_s) if limit_s is not None else ""
        return Markup('<time class="timer {}" data-since="{}" datetime="{}"{}>–</time>').format(
            css, stamp, stamp, limit
        )

    def local(at: datetime | None, form: str = "%H:%M:%S") -> str:
        """Return a time as the city's clocks show it."""
        return "–" if at is None else at.astimezone(city.zone).strftime(form)

    def kind_name(kind_id: str) -> str:
        kind = city.kind(kind_id)
        return kind.name(language) if kind else kind_id

    def carrier_name(carrier_id: str | None) -> str:
        carrier = city.carrier(carrier_id) if carrier_id else None
        return carrier.name if carrier else "–"

    def agency_name(agency_id: str) -> str:
        agency = city.agency(agency_id)
        return agency.short_name if agency else agency_id

    def neighbour_name(neighbour_id: str) -> str:
        neighbour = next((one for one in city.neighbours if one.id == neighbour_id), None)
        return neighbour.name if neighbour else neighbour_id

    def subject_name(kind: str, subject: str) -> str:
        """Return what an alarm is about, in words where there are some."""
        if kind in {"trunk_full", "flood"}:
            return carrier_name(subject)
        if kind == "pause_overdue":
            return person_name(subject)
        return translate(f"subject.{subject}")

    def person_name(name: str | None) -> str:
        person = city.operator(name or "") or city.supervisor(name or "")
        return person.name if person else name or "–"

    def reason_name(reason: str) -> str:
        """Return why an operator is not ready, in the city's words where it has some."""
        pause = next((one for one in city.pauses if one.id == reason), None)
        return pause.name(language) if pause else translate(f"reason.{reason}")

    def clock_time(stamp: str) -> str:
        """Return a time of the controller's picture as the city's clocks show it."""
        return local(datetime.fromisoformat(stamp), "%H:%M:%S")

    helpers = {
        "reason_name": reason_name,
        "clock_time": clock_time,
        "t": translate,
        "since": since,
        "local": local,
        "kind_name": kind_name,
        "carrier_name": carrier_name,
        "agency_name": agency_name,
        "subject_name": subject_name,
        "neighbour_name": neighbour_name,
        "operator_name": person_name,
        "city": city,
        "who": who,
        "language": language,
        "languages": languages(),
    }
    return _environment().get_template(template).render({**helpers, **values})


def duration(seconds: float | None) -> str | Markup:
    """Return a duration as ``m:ss``."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return escape(f"{minutes}:{rest:02d}")


def distance(metres: float, translate: Callable[[str], str]) -> str:
    """Return a distance as it is said: ``640 m``, ``1,3 km``."""
    if metres < 1000:
        return f"{round(metres)} m"
    kilometres = f"{metres / 1000:.1f}".removesuffix(".0")
    return f"{kilometres.replace('.', translate('unit.decimal'))} km"
